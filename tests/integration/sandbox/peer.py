"""A client for the sandbox's own tests: speaks each vendor's protocol by hand, so that it can also speak it wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox

BETA: Final = {"anthropic-beta": "oauth-2025-04-20"}
NOBODY_LISTENS: Final = 9
"""The discard port: a redirect address needs a port, and these tests read the address instead of listening."""


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def payloads(text: str) -> list[dict[str, Any]]:
    """The JSON of every `data:` line of an event stream."""
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


@dataclass
class SignIn:
    """One attempt, with everything that a client remembers of it."""

    provider: str
    settings: dict[str, Any]
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = "state-of-this-attempt"

    @property
    def redirect_uri(self) -> str:
        path = self.settings.get("redirect_path", "/")
        return f"http://{self.settings['redirect_host']}:{NOBODY_LISTENS}{path}"

    def query(self, **changes: str | None) -> dict[str, str]:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.settings.get("client_id", "dynamic_agent_client"),
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.settings["scopes"]),
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **self.settings.get("authorize_params", {}),
        }
        if self.provider == "chatgpt":
            asked |= {
                "resource": self.settings["api_base"],
                "nonce": "nonce-of-this-attempt",
                "ext_agent_host_id": "urn:uuid:7c2c8f8e-9a39-4b2c-8a86-2f3f5f0c1d11",
                "agent_name_hint": "keyswitch",
            }
        return {name: value for name, value in {**asked, **changes}.items() if value is not None}

    def address(self, **changes: str | None) -> str:
        return f"{self.settings['authorize_url']}?{urlencode(self.query(**changes))}"

    def exchange_fields(self, callback: dict[str, str], **changes: str | None) -> dict[str, str]:
        fields: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": callback.get("code"),
            "redirect_uri": self.redirect_uri,
            "client_id": callback.get("client_id", self.settings.get("client_id")),
            "code_verifier": self.verifier,
        }
        extra = {
            "chatgpt": {"resource": self.settings["api_base"]},
            "claude": {"state": self.state},
            "gemini": {"client_secret": self.settings.get("client_secret")},
        }
        fields |= extra[self.provider]
        return {name: value for name, value in {**fields, **changes}.items() if value is not None}


class Peer:
    """Talks to one sandbox."""

    def __init__(self, sandbox: Sandbox, http: httpx2.Client) -> None:
        self.sandbox = sandbox
        self.http = http
        self.settings: dict[str, Any] = sandbox.provider_settings()

    def attempt(self, provider: str) -> SignIn:
        return SignIn(provider, self.settings[provider])

    def consent(self, attempt: SignIn, *, account: str = "ana@example.test", **changes: str | None) -> dict[str, str]:
        return query_of(approve(attempt.address(**changes), account=account))

    def token(self, provider: str, fields: dict[str, str]) -> httpx2.Response:
        return self.http.post(self.settings[provider]["token_url"], data=fields)

    def sign_in(self, provider: str, *, account: str = "ana@example.test", **changes: str | None) -> dict[str, Any]:
        """The token answer of a whole sign-in, plus `client_id`."""
        attempt = self.attempt(provider)
        callback = self.consent(attempt, account=account, **changes)
        fields = attempt.exchange_fields(callback)
        answer = self.token(provider, fields)
        assert answer.status_code == 200, answer.text
        return {**answer.json(), "client_id": fields["client_id"]}

    def refresh(self, provider: str, session: dict[str, Any], **changes: str | None) -> httpx2.Response:
        fields: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": session["refresh_token"],
            "client_id": session["client_id"],
        }
        if provider == "chatgpt":
            fields["resource"] = self.settings[provider]["api_base"]
        if provider == "gemini":
            fields["client_secret"] = self.settings[provider]["client_secret"]
        sent = {name: value for name, value in {**fields, **changes}.items() if value is not None}
        if provider == "claude":
            return self.http.post(self.settings[provider]["token_url"], json=sent, headers=BETA)
        return self.token(provider, sent)

    def revoke(self, provider: str, session: dict[str, Any]) -> httpx2.Response:
        fields = {"token": session["refresh_token"], "client_id": session["client_id"]}
        url = self.settings[provider]["revoke_url"]
        return self.http.post(url, json=fields) if provider == "claude" else self.http.post(url, data=fields)

    def headers(self, provider: str, token: str) -> dict[str, str]:
        headers = {"authorization": f"Bearer {token}"}
        if provider == "claude":
            headers |= {**BETA, "anthropic-version": "2026-10-21"}
        if provider == "gemini":
            headers["x-goog-user-project"] = self.settings[provider]["quota_project"]
        return headers

    def key_headers(self, provider: str) -> dict[str, str]:
        key = self.sandbox.api_keys[provider][0]
        return {
            "chatgpt": {"authorization": f"Bearer {key}"},
            "claude": {"x-api-key": key, "anthropic-version": "2026-10-21"},
            "gemini": {"x-goog-api-key": key},
        }[provider]

    def chat_request(self, provider: str, headers: dict[str, str], **changes: Any) -> httpx2.Request:
        """A plain question in the provider's format; *changes* alter the body, None removes a member."""
        base = self.settings[provider]["api_base"]
        model = changes.pop("model", DEFAULT_MODELS[provider])
        url, body = {
            "chatgpt": (
                f"{base}/responses",
                {"model": model, "input": [{"role": "user", "content": "hi"}], "stream": True, "store": False},
            ),
            "claude": (
                f"{base}/v1/messages",
                {
                    "model": model,
                    "max_tokens": 2048,
                    "messages": [{"role": "user", "content": "hi"}],
                    "stream": True,
                },
            ),
            "gemini": (
                f"{base}/models/{model}:streamGenerateContent?alt=sse",
                {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
            ),
        }[provider]
        sent = {name: value for name, value in {**body, **changes}.items() if value is not None}
        return self.http.build_request("POST", url, json=sent, headers=headers)

    def chat(self, provider: str, headers: dict[str, str] | None = None, **changes: Any) -> httpx2.Response:
        if headers is None:
            headers = self.headers(provider, str(self.sandbox.issue_session(provider)["access_token"]))
        return self.http.send(self.chat_request(provider, headers, **changes))

    def models(self, provider: str, headers: dict[str, str], query: str = "") -> httpx2.Response:
        path = "/v1/models" if provider == "claude" else "/models"
        return self.http.get(f"{self.settings[provider]['api_base']}{path}{query}", headers=headers)


DEFAULT_MODELS: Final = {"chatgpt": "gpt-6.1-sol", "claude": "claude-opus-5-5", "gemini": "gemini-3.8-flash"}


def answer_text(provider: str, text: str) -> str:
    """The answer in an event stream."""
    events = payloads(text)
    if provider == "chatgpt":
        return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    if provider == "claude":
        return "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")
    parts = [part for event in events for part in event["candidates"][0]["content"]["parts"]]
    return "".join(part["text"] for part in parts if not part.get("thought"))


def gemini_turns(*texts: str) -> list[dict[str, Any]]:
    """A Gemini conversation that the user begins."""
    return [{"role": "model" if at % 2 else "user", "parts": [{"text": text}]} for at, text in enumerate(texts)]
