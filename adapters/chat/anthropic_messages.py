"""Anthropic's Messages API, as keyswitch speaks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.chat.anthropic_reader import AnthropicReader
from adapters.chat.chat_address import ChatSettings
from adapters.chat.error_body import Problem
from adapters.chat.parsing import members
from adapters.chat.wire import WireRequest, fields_of, with_extra
from application.ports.chat_client import ChatRequest
from domain.capability import answer_limit, reasoning_fields
from domain.history import anthropic_messages
from domain.provider import Provider
from domain.session import ApiKey, Credential, Forwarded
from domain.text.secret import Secret

VERSION: Final = "2026-10-21"
"""Of the API. Under it sampling fields are refused; none is sent."""

OAUTH_BETA: Final = "oauth-2025-04-20"
"""Without it a bearer token is answered with 401."""


class AnthropicMessages:
    """Builds requests for `POST /v1/messages`."""

    provider: Final = Provider.CLAUDE

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        reasoning = reasoning_fields(request.answering.model, request.answering.level)
        body: dict[str, Any] = {
            "model": request.answering.model.id,
            "max_tokens": answer_limit(request.answering.model, request.max_output),
            "stream": True,
            **reasoning,
        }
        if reasoning:
            # What takes an effort takes this type. Thoughts are billed as before; without it none of them are shown.
            body["thinking"] = {"type": "adaptive", "display": "summarized"}
        if request.goes_on:
            # The last block is marked, and the mark moves on with the conversation. It is kept for five minutes.
            body["cache_control"] = {"type": "ephemeral"}
        if request.system:
            body["system"] = request.system
        body["messages"] = anthropic_messages(request.turns)
        return WireRequest(
            url=f"{settings.api_base.rstrip('/')}/v1/messages",
            body=body,
            headers=self.headers(credential, settings),
            credential=self.fields(credential),
        )

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        url = f"{settings.api_base.rstrip('/')}/v1/models?limit=1"
        return WireRequest(url, None, self.headers(credential, settings), self.fields(credential))

    def headers(self, credential: Credential, settings: ChatSettings) -> dict[str, str]:
        return _headers(credential, settings.headers)

    def fields(self, credential: Credential) -> dict[str, Secret]:
        return fields_of(credential, key_field="x-api-key")

    def reader(self) -> AnthropicReader:
        return AnthropicReader(self.problem)

    def problem(self, body: object) -> Problem | None:
        """The error in a *body* such as `{"type": "error", "error": {...}}`."""
        return _problem_of(body)


def _headers(credential: Credential, extra: Mapping[str, str]) -> dict[str, str]:
    """A token needs its beta, beside those that the configuration asks for. Whoever lends one adds what it needs."""
    if isinstance(credential, ApiKey | Forwarded):
        return with_extra({"anthropic-version": VERSION}, extra)
    workspace = credential.record.api_account
    named = {"anthropic-workspace-id": workspace} if workspace else {}
    asked = next((value for name, value in extra.items() if name.lower() == "anthropic-beta"), "")
    betas = dict.fromkeys([OAUTH_BETA, *(beta.strip() for beta in asked.split(",") if beta.strip())])
    return with_extra({"anthropic-beta": ",".join(betas), "anthropic-version": VERSION, **named}, extra)


def _problem_of(body: object) -> Problem | None:
    """None where nothing is said: neither a type nor a message in text."""
    error = members(body, "error")
    kind, message = [error.get(name) for name in ("type", "message")]
    cap = members(error, "details").get("error_code")
    kinds = tuple(code for code in (cap, kind) if isinstance(code, str) and code)
    words = message if isinstance(message, str) else ""
    return Problem(kinds, words) if kinds or words else None
