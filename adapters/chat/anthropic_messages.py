"""Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.chat.parsing import Count, Part, json_object, read, read_or_none
from adapters.chat.problem import Problem
from adapters.chat.settings import ChatSettings
from adapters.chat.wire import ReportedProblem, UnreadableEvent, WireRequest, fields_of, with_extra
from application.ports.chat_client import ChatEvent, ChatRequest, Done, ReasoningDelta, TextDelta
from domain.capability import reasoning_fields
from domain.conversation import StopReason, Usage
from domain.history import anthropic_messages
from domain.provider import Provider
from domain.session import ApiKey, Credential

VERSION: Final = "2026-10-21"
"""Of the API. Under it sampling fields are refused; none is sent."""

OAUTH_BETA: Final = "oauth-2025-04-20"
"""Without it a bearer token is answered with 401."""

_STOPS: Final = {
    "end_turn": StopReason.END,
    "stop_sequence": StopReason.END,
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "refusal": StopReason.REFUSED,
}


class _Error(Part):
    type: str | None = None
    message: str | None = None


class _OutputDetails(Part):
    thinking_tokens: Count = 0


class _Usage(Part):
    input_tokens: Count = 0
    cache_creation_input_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    output_tokens: Count = 0
    output_tokens_details: _OutputDetails | None = None

    def usage(self) -> Usage:
        """`input_tokens` leaves out what was written to or read from a cache; output includes thinking."""
        cached = self.cache_read_input_tokens
        return Usage(
            input=self.input_tokens + self.cache_creation_input_tokens + cached,
            output=self.output_tokens,
            cached=cached,
            reasoning=self.output_tokens_details.thinking_tokens if self.output_tokens_details else 0,
        )


class _Message(Part):
    usage: object = None


class _Started(Part):
    message: _Message


class _ContentDelta(Part):
    type: str
    text: str = ""
    thinking: str = ""


class _Content(Part):
    delta: _ContentDelta


class _StopDelta(Part):
    stop_reason: str | None = None


class _MessageDelta(Part):
    delta: _StopDelta
    usage: object = None


class AnthropicReader:
    """Folds the events of a message (Anthropic API reference, Streaming messages)."""

    def __init__(self) -> None:
        self._finished = False
        self._stop: str | None = None
        self._counts: dict[str, Any] = {}
        self._handlers: Mapping[str, Callable[[dict[str, Any]], tuple[ChatEvent, ...]]] = {
            "message_start": self._started,
            "content_block_delta": self._content,
            "message_delta": self._amended,
            "message_stop": self._stopped,
            "error": self._failed,
        }

    @property
    def finished(self) -> bool:
        return self._finished

    def feed(self, data: str) -> tuple[ChatEvent, ...]:
        event = json_object(data)
        kind = event.get("type")
        if not isinstance(kind, str):
            raise UnreadableEvent("an event without a type")
        return self._handlers[kind](event) if kind in self._handlers and not self._finished else ()

    def done(self) -> Done:
        counts = read_or_none(_Usage, self._counts)
        return Done(_STOPS.get(self._stop or "", StopReason.OTHER), counts.usage() if counts else Usage())

    def _started(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        self._count(read(_Started, event).message.usage)
        return ()

    def _content(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        delta = read(_Content, event).delta
        if delta.type == "text_delta" and delta.text:
            return (TextDelta(delta.text),)
        if delta.type == "thinking_delta" and delta.thinking:
            return (ReasoningDelta(delta.thinking),)
        return ()

    def _amended(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        part = read(_MessageDelta, event)
        self._stop = part.delta.stop_reason or self._stop
        self._count(part.usage)
        return ()

    def _stopped(self, _event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        self._finished = True
        return ()

    def _failed(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        raise ReportedProblem(_problem_of(event) or Problem(()))

    def _count(self, usage: object) -> None:
        """Counts are cumulative: a later one replaces an earlier one, and what is left out stays."""
        if isinstance(usage, dict):
            self._counts |= {name: value for name, value in usage.items() if value is not None}


class AnthropicMessages:
    """Builds requests for `POST /v1/messages`."""

    provider: Final = Provider.CLAUDE

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        model, level = request.answering.model, request.answering.level
        body: dict[str, Any] = {
            "model": model.id,
            "max_tokens": request.max_output,
            "messages": anthropic_messages(request.turns),
            "stream": True,
            **reasoning_fields(model, level),
        }
        if request.system:
            body["system"] = request.system
        return WireRequest(
            url=f"{settings.api_base.rstrip('/')}/v1/messages",
            body=body,
            headers=_headers(credential, settings.headers),
            credential=fields_of(credential, key_field="x-api-key"),
        )

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        url = f"{settings.api_base.rstrip('/')}/v1/models?limit=1"
        fields = fields_of(credential, key_field="x-api-key")
        return WireRequest(url, None, _headers(credential, settings.headers), fields)

    def reader(self) -> AnthropicReader:
        return AnthropicReader()

    def problem(self, body: object) -> Problem | None:
        """`{"type": "error", "error": {...}}`."""
        return _problem_of(body)


def _headers(credential: Credential, extra: Mapping[str, str]) -> dict[str, str]:
    """A token needs its beta, beside those that the configuration asks for."""
    if isinstance(credential, ApiKey):
        return with_extra({"anthropic-version": VERSION}, extra)
    workspace = credential.record.api_account
    named = {"anthropic-workspace-id": workspace} if workspace else {}
    asked = next((value for name, value in extra.items() if name.lower() == "anthropic-beta"), "")
    betas = dict.fromkeys([OAUTH_BETA, *(beta.strip() for beta in asked.split(",") if beta.strip())])
    return with_extra({"anthropic-beta": ",".join(betas), "anthropic-version": VERSION, **named}, extra)


def _problem_of(body: object) -> Problem | None:
    error = read_or_none(_Error, body.get("error")) if isinstance(body, dict) else None
    if error is None:
        return None
    return Problem((error.type,) if error.type else (), error.message or "")
