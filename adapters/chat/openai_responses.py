"""OpenAI's Responses API, as a ChatGPT plan and an API key are served by it."""

from __future__ import annotations

from typing import Any, Final

from adapters.chat.chat_address import ChatSettings
from adapters.chat.error_body import Problem, status_of
from adapters.chat.openai_reader import OpenAIReader
from adapters.chat.wire import WireRequest, fields_of, with_extra
from application.ports.chat_client import ChatRequest
from domain.capability import answer_limit, reasoning_fields
from domain.history import openai_input
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import Credential
from domain.text.secret import Secret


class OpenAIResponses:
    """Builds requests for `POST /responses`.

    Nothing is stored at OpenAI and the history is sent each time. A plan takes neither sampling fields nor an output
    limit (Sign in with ChatGPT, plan usage), and a chat needs none of them, so both credentials get the same body.
    """

    provider: Final = Provider.CHATGPT

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        model, level = request.answering.model, request.answering.level
        body: dict[str, Any] = {
            "model": model.id,
            "stream": True,
            "store": False,
            **reasoning_fields(model, level),
        }
        if (limit := answer_limit(model, request.max_output)) is not None:
            body["max_output_tokens"] = limit
        if request.system:
            body["instructions"] = request.system
        if "reasoning" in body and credential.record.payer is Payer.PLAN:
            # With an API key OpenAI gives summaries to verified organisations only, and answers 400 to the others.
            body["reasoning"] = {**body["reasoning"], "summary": "auto"}
        body["input"] = openai_input(request.turns)
        return WireRequest(
            url=f"{settings.api_base.rstrip('/')}/responses",
            body=body,
            headers=self.headers(credential, settings),
            credential=self.fields(credential),
        )

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        url = f"{settings.api_base.rstrip('/')}/models"
        return WireRequest(url, None, self.headers(credential, settings), self.fields(credential))

    def headers(self, credential: Credential, settings: ChatSettings) -> dict[str, str]:
        return with_extra({}, settings.headers)

    def fields(self, credential: Credential) -> dict[str, Secret]:
        return fields_of(credential)

    def reader(self) -> OpenAIReader:
        return OpenAIReader(self.problem)

    def problem(self, body: object) -> Problem | None:
        """`{"error": {...}}`, or `{"detail": ...}` from the gateway in front of a plan."""
        if not isinstance(body, dict):
            return None
        told = body["error"] if body.get("error") else body.get("detail")
        if isinstance(told, str):
            # A gateway may give the code alone.
            return Problem((told,) if told.isidentifier() else (), told)
        return _problem_of(told) if isinstance(told, dict) and told else None


def _problem_of(told: dict[str, Any]) -> Problem:
    """*told* without members that are no text: an odd code must not hide the message beside it."""
    texts = {name: value for name, value in told.items() if isinstance(value, str)}
    message, param = texts.get("message", ""), texts.get("param", "")
    if param and param not in message:
        message = f"{message} ({param})"
    kinds = tuple(texts[name] for name in ("code", "type") if texts.get(name))
    return Problem(kinds, message, status=status_of(told.get("code")))
