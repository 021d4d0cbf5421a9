"""OpenAI's Responses API, as a ChatGPT plan and an API key are served by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import Field

from adapters.chat.parsing import Count, Part, json_object, read, read_or_none
from adapters.chat.problem import Problem
from adapters.chat.settings import ChatSettings
from adapters.chat.wire import ReportedProblem, UnreadableEvent, WireRequest, fields_of, with_extra
from application.ports.chat_client import ChatEvent, ChatRequest, Done, ReasoningDelta, TextDelta
from domain.capability import reasoning_fields
from domain.conversation import StopReason, Usage
from domain.credential import Payer
from domain.history import openai_input
from domain.provider import Provider
from domain.session import Credential

_STOPS: Final = {"max_output_tokens": StopReason.LENGTH, "content_filter": StopReason.FILTERED}
"""By `incomplete_details.reason`."""


class _Error(Part):
    code: str | None = None
    type: str | None = None
    message: str | None = None
    param: str | None = None

    def problem(self) -> Problem:
        message = self.message or ""
        if self.param and self.param not in message:
            message = f"{message} ({self.param})"
        return Problem(tuple(kind for kind in (self.code, self.type) if kind), message)


class _Delta(Part):
    delta: str
    output_index: int = 0
    summary_index: int = 0


class _InputDetails(Part):
    cached_tokens: Count = 0


class _OutputDetails(Part):
    reasoning_tokens: Count = 0


class _Usage(Part):
    input_tokens: Count = 0
    output_tokens: Count = 0
    input_tokens_details: _InputDetails | None = None
    output_tokens_details: _OutputDetails | None = None

    def usage(self) -> Usage:
        """Input already includes what came from a cache, output what went into reasoning."""
        cached = self.input_tokens_details.cached_tokens if self.input_tokens_details else 0
        reasoning = self.output_tokens_details.reasoning_tokens if self.output_tokens_details else 0
        return Usage(input=self.input_tokens, output=self.output_tokens, cached=cached, reasoning=reasoning)


class _Incomplete(Part):
    reason: str | None = None


class _Response(Part):
    status: str | None = None
    usage: object = None
    incomplete_details: _Incomplete | None = None
    error: object = None


class _Ended(Part):
    response: _Response = Field(default_factory=_Response)


class _ContentPart(Part):
    type: str
    text: str = ""


class _Item(Part):
    content: list[_ContentPart] = Field(default_factory=list)


class _ItemDone(Part):
    item: object = None
    output_index: int = 0


class OpenAIReader:
    """Folds `response.*` events (OpenAI API reference, Responses streaming events)."""

    def __init__(self) -> None:
        self._end: _Response | None = None
        self._stop = StopReason.OTHER
        self._refused = False
        self._written: set[int] = set()
        self._last_output: int | None = None
        self._last_summary: tuple[int, int] | None = None
        self._handlers: Mapping[str, Callable[[dict[str, Any]], tuple[ChatEvent, ...]]] = {
            "response.output_text.delta": self._text,
            "response.output_item.done": self._item,
            "response.refusal.delta": self._refusal,
            "response.reasoning_summary_text.delta": self._reasoning,
            "response.reasoning_text.delta": self._reasoning,
            "response.completed": self._ended,
            "response.done": self._ended,
            "response.incomplete": self._ended,
            "response.failed": self._ended,
            "error": self._failed,
        }

    @property
    def finished(self) -> bool:
        return self._end is not None

    def feed(self, data: str) -> tuple[ChatEvent, ...]:
        if self.finished:  # some servers send `[DONE]` after the end
            return ()
        event = json_object(data)
        kind = event.get("type")
        if not isinstance(kind, str):
            raise UnreadableEvent("an event without a type")
        return self._handlers[kind](event) if kind in self._handlers else ()

    def done(self) -> Done:
        counts = read_or_none(_Usage, self._end.usage) if self._end else None
        return Done(self._stop, counts.usage() if counts else Usage())

    def _ended(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        """Where an older server says `response.done`, the status tells which end it is."""
        response = read(_Ended, event).response
        status = event["type"].removeprefix("response.")
        status = response.status if status == "done" else status
        if status == "failed":
            raise ReportedProblem(_problem_of(response.error))
        if status == "incomplete":
            reason = response.incomplete_details.reason if response.incomplete_details else None
            self._stop = _STOPS.get(reason or "", StopReason.OTHER)
        else:
            self._stop = StopReason.REFUSED if self._refused else StopReason.END
        self._end = response
        return ()

    def _failed(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        nested = event.get("error")
        raise ReportedProblem(_problem_of(nested if isinstance(nested, dict) else {**event, "type": None}))

    def _text(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        part = read(_Delta, event)
        return self._more(part.delta, part.output_index)

    def _item(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        """Repeats what the deltas said, and is all there is where a server sends none."""
        done = read(_ItemDone, event)
        item = read_or_none(_Item, done.item)
        if item is None or done.output_index in self._written:
            return ()
        text = "".join(part.text for part in item.content if part.type == "output_text")
        return self._more(text, done.output_index)

    def _refusal(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        """The model's own words for why not: they are the answer."""
        self._refused = True
        return self._text(event)

    def _more(self, text: str, output: int) -> tuple[ChatEvent, ...]:
        if not text:
            return ()
        self._written.add(output)
        gap = "\n\n" if self._last_output not in {None, output} else ""
        self._last_output = output
        return (TextDelta(gap + text),)

    def _reasoning(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        part = read(_Delta, event)
        if not part.delta:
            return ()
        place = (part.output_index, part.summary_index)
        gap = "\n\n" if self._last_summary not in {None, place} else ""
        self._last_summary = place
        return (ReasoningDelta(gap + part.delta),)


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
            "input": openai_input(request.turns),
            "stream": True,
            "store": False,
            **reasoning_fields(model, level),
        }
        if request.system:
            body["instructions"] = request.system
        if "reasoning" in body and credential.record.payer is Payer.PLAN:
            # With an API key OpenAI gives summaries to verified organisations only, and answers 400 to the others.
            body["reasoning"] = {**body["reasoning"], "summary": "auto"}
        return WireRequest(
            url=f"{settings.api_base.rstrip('/')}/responses",
            body=body,
            headers=with_extra({}, settings.headers),
            credential=fields_of(credential),
        )

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        url = f"{settings.api_base.rstrip('/')}/models"
        return WireRequest(url, None, with_extra({}, settings.headers), fields_of(credential))

    def reader(self) -> OpenAIReader:
        return OpenAIReader()

    def problem(self, body: object) -> Problem | None:
        """`{"error": {...}}`, or `{"detail": ...}` from the gateway in front of a plan."""
        if not isinstance(body, dict):
            return None
        told = body["error"] if "error" in body else body.get("detail")
        if isinstance(told, str):
            return Problem((), told)
        return _problem_of(told) if isinstance(told, dict) else None


def _problem_of(told: object) -> Problem:
    """*told* without members that are no text: an odd code must not hide the message beside it."""
    if not isinstance(told, dict):
        return Problem(())
    return read(_Error, {name: value for name, value in told.items() if isinstance(value, str)}).problem()
