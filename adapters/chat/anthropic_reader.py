"""The answer that the events of Anthropic's Messages API make up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.chat.error_body import Problem
from adapters.chat.parsing import (
    Count,
    Part,
    SideNumber,
    SideText,
    Text,
    counted,
    json_object,
    members,
    read,
    read_or_none,
    short_text,
)
from adapters.chat.spoken_text import SpokenText
from adapters.chat.tariff import noted, unpriced
from adapters.chat.wire import ReportedProblem, UnreadableEvent
from application.ports.chat_client import ChatEvent, Done, ReasoningDelta, TextDelta
from domain.conversation import StopReason, Usage

_STOPS: Final = {
    "end_turn": StopReason.END,
    "stop_sequence": StopReason.END,
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.CONTEXT,
    "refusal": StopReason.REFUSED,
    "pause_turn": StopReason.PAUSED,
}


class _OutputDetails(Part):
    thinking_tokens: Count = 0


class _Creation(Part):
    """How long what was written to the cache is kept."""

    ephemeral_5m_input_tokens: Count = 0
    ephemeral_1h_input_tokens: Count = 0


class _Usage(Part):
    input_tokens: Count = 0
    cache_creation: _Creation = _Creation()
    cache_creation_input_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    output_tokens: Count = 0
    output_tokens_details: _OutputDetails = _OutputDetails()

    def usage(self) -> Usage:
        """`input_tokens` leaves out what was written to or read from a cache; output includes thinking."""
        cached, written_long = self.cache_read_input_tokens, self.cache_creation.ephemeral_1h_input_tokens
        # Where the two do not say by how long it is kept, it is five minutes.
        in_parts = self.cache_creation.ephemeral_5m_input_tokens + written_long
        written = max(self.cache_creation_input_tokens, in_parts)
        return Usage(
            input=self.input_tokens + written + cached,
            output=self.output_tokens,
            cached=cached,
            reasoning=self.output_tokens_details.thinking_tokens,
            written=written - written_long,
            written_long=written_long,
        )


class _Block(Part):
    """A block of content, or a piece of one."""

    type: SideText = None
    text: Text = ""
    thinking: Text = ""


class _ContentEvent(Part):
    index: SideNumber = None
    delta: _Block | None = None
    content_block: _Block | None = None


class AnthropicReader:
    """Folds the events of a message (Anthropic API reference, Streaming messages)."""

    def __init__(self, problem: Callable[[object], Problem | None]) -> None:
        """*problem* reads an error body of the API."""
        self._problem = problem
        self._over = False
        self._stop: str | None = None
        self._counts: dict[str, Any] = {}
        self._tariff: dict[str, Any] = {}
        self._model = ""
        self._spoken, self._thoughts = SpokenText(), SpokenText()
        self._handlers: Mapping[str, Callable[[dict[str, Any]], tuple[ChatEvent, ...]]] = {
            "message_start": self._started,
            "content_block_start": self._begun,
            "content_block_delta": self._grown,
            "message_delta": self._amended,
            "message_stop": self._stopped,
            "error": self._failed,
        }

    @property
    def finished(self) -> bool:
        return self._over

    @property
    def over(self) -> bool:
        return self._over

    def feed(self, data: str, name: str = "") -> tuple[ChatEvent, ...]:
        event = json_object(data)
        kind = event.get("type")
        if not isinstance(kind, str) or (kind not in self._handlers and name in self._handlers):
            kind = name
        if kind in self._handlers:
            return self._handlers[kind](event)
        if (problem := self._problem(event)) is not None:
            raise ReportedProblem(problem)
        if not kind:
            raise UnreadableEvent("an event without a type")
        return ()

    def feed_document(self, document: object) -> tuple[ChatEvent, ...]:
        """A message as it is without streaming, or an event by itself."""
        if isinstance(document, list) and len(document) == 1:
            document = document[0]
        if not isinstance(document, dict):
            raise UnreadableEvent("JSON that is no answer")
        if isinstance(document.get("content"), list):
            said = self._message(document)
            self._stop = short_text(document.get("stop_reason")) or self._stop
            self._over = self._stop is not None
            return said
        if str(document.get("type")) in self._handlers:
            return self._handlers[str(document["type"])](document)
        if (problem := self._problem(document)) is not None:
            raise ReportedProblem(problem)
        raise UnreadableEvent("JSON that is no answer")

    def rest(self) -> tuple[ChatEvent, ...]:
        thoughts = [ReasoningDelta(text) for _, text in self._thoughts.rest()]
        return (*thoughts, *(TextDelta(text) for _, text in self._spoken.rest()))

    def done(self) -> Done:
        counts = read_or_none(_Usage, self._counts)
        # A message that ended without saying why ended as messages do.
        stop = StopReason.END if self._stop is None else _STOPS.get(self._stop, StopReason.OTHER)
        return Done(stop, counts.usage() if counts else Usage(), self._model, unpriced(self._tariff))

    def _started(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        return self._message(members(event, "message"))

    def _message(self, message: dict[str, Any]) -> tuple[ChatEvent, ...]:
        self._count(message.get("usage"))
        self._model = short_text(message.get("model")) or self._model
        content = message.get("content")
        said: list[ChatEvent] = []
        for index, block in enumerate(content if isinstance(content, list) else []):
            if isinstance(block, dict):
                said += self._said(index, read(_Block, block), begins=True)
        return tuple(said)

    def _begun(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        told = read(_ContentEvent, event)
        return self._said(told.index, told.content_block, begins=True)

    def _grown(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        told = read(_ContentEvent, event)
        return self._said(told.index, told.delta, begins=False)

    def _said(self, index: int | None, block: _Block | None, *, begins: bool) -> tuple[ChatEvent, ...]:
        if block is None:
            return ()
        if block.text and block.type in _TEXTS:
            text = (self._spoken.begin if begins else self._spoken.more)(index, block.text)
            return (TextDelta(text),) if text else ()
        if block.thinking:
            text = (self._thoughts.begin if begins else self._thoughts.more)(index, block.thinking)
            return (ReasoningDelta(text),) if text else ()
        return ()

    def _amended(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        self._stop = short_text(members(event, "delta").get("stop_reason")) or self._stop
        self._count(event.get("usage"))
        return ()

    def _count(self, usage: object) -> None:
        self._counts = counted(self._counts, usage)
        self._tariff = noted(self._tariff, usage)

    def _stopped(self, _event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        self._over = True
        return ()

    def _failed(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        raise ReportedProblem(self._problem(event) or Problem(()))


_TEXTS: Final = frozenset({"text", "text_delta", None})
"""Types of blocks and of their pieces that are answer text."""
