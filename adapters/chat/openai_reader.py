"""The answer that the events of OpenAI's Responses API make up."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, Final

from pydantic import Field

from adapters.chat.error_body import Problem
from adapters.chat.parsing import (
    Count,
    Part,
    SideNumber,
    SideText,
    Text,
    Things,
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
    "max_output_tokens": StopReason.LENGTH,
    "max_tokens": StopReason.LENGTH,
    "content_filter": StopReason.FILTERED,
}
"""By `incomplete_details.reason`."""

_ENDS: Final = frozenset({"completed", "incomplete", "failed"})

Place = tuple[int | str, int]
"""Of a text: its output item, and its number among the parts of that."""


class _Piece(Part):
    """A piece of text, a whole text or a part with its text; and where it belongs."""

    delta: Text = ""
    text: Text = ""
    refusal: Text = ""
    output_index: SideNumber = None
    content_index: SideNumber = None
    summary_index: SideNumber = None
    item_id: SideText = None
    part: object = None


class _Told(Part):
    """A part of an item's content."""

    type: SideText = None
    text: Text = ""
    refusal: Text = ""

    @property
    def words(self) -> str:
        """A refusal is the model's own words for why not: they are the answer."""
        return {"output_text": self.text, "refusal": self.refusal}.get(self.type or "", "")


class _Item(Part):
    id: SideText = None
    content: Things = Field(default_factory=list)


class _ItemEvent(Part):
    item: object = None
    output_index: SideNumber = None


class _WriteDetails(Part):
    ttl_12h_tokens: Count = 0


class _InputDetails(Part):
    cached_tokens: Count = 0
    cache_write_tokens: Count = 0
    cache_write_tokens_details: _WriteDetails = _WriteDetails()


class _OutputDetails(Part):
    reasoning_tokens: Count = 0


class _Usage(Part):
    input_tokens: Count = 0
    output_tokens: Count = 0
    input_tokens_details: _InputDetails = _InputDetails()
    output_tokens_details: _OutputDetails = _OutputDetails()

    def usage(self) -> Usage:
        """Input already includes what a cache gave and took, output what went into reasoning."""
        told = self.input_tokens_details
        written_long = told.cache_write_tokens_details.ttl_12h_tokens
        return Usage(
            input=self.input_tokens,
            output=self.output_tokens,
            cached=told.cached_tokens,
            reasoning=self.output_tokens_details.reasoning_tokens,
            written=max(told.cache_write_tokens - written_long, 0),
            written_long=written_long,
        )


def _same_output(place: Place, other: Any) -> bool:
    return bool(place[0] == other[0])


class OpenAIReader:
    """Folds `response.*` events (OpenAI API reference, Responses streaming events)."""

    def __init__(self, problem: Callable[[object], Problem | None]) -> None:
        """*problem* reads an error object of the API that is asked."""
        self._problem = problem
        self._stop: StopReason | None = None
        self._refused = False
        self._counts: dict[str, Any] = {}
        self._tariff: dict[str, Any] = {}
        self._model = ""
        self._spoken, self._thoughts = SpokenText(), SpokenText()
        self._outputs: dict[str, int | str] = {}
        """The output of each item by its id: events at the end may count outputs otherwise."""
        self._unplaced = False
        """Whether a piece came without a word on where it belongs."""
        self._last_output: int | str | None = None
        self._last_thought: object = None
        self._handlers: Mapping[str, Callable[[dict[str, Any]], tuple[ChatEvent, ...]]] = {
            "response.output_text.delta": self._piece,
            "response.output_text.done": self._whole,
            "response.refusal.delta": self._piece,
            "response.refusal.done": self._whole,
            "response.content_part.added": self._part_begins,
            "response.content_part.done": self._part_ends,
            "response.output_item.added": self._item_begins,
            "response.output_item.done": self._item_ends,
            "response.reasoning_summary_text.delta": self._thought,
            "response.reasoning_text.delta": self._thought,
            "response.created": self._response,
            "response.queued": self._response,
            "response.in_progress": self._response,
            "response.completed": self._response,
            "response.done": self._response,
            "response.incomplete": self._response,
            "response.failed": self._response,
            "error": self._failed,
        }

    @property
    def finished(self) -> bool:
        return self._stop is not None

    @property
    def over(self) -> bool:
        return self.finished

    def feed(self, data: str, name: str = "") -> tuple[ChatEvent, ...]:
        event = json_object(data)
        kind = event.get("type")
        if not isinstance(kind, str) or (kind not in self._handlers and name in self._handlers):
            kind = name
        if kind in self._handlers:
            return self._handlers[kind]({**event, "type": kind})
        if (not kind or event.get("error")) and (problem := self._problem(event)) is not None:
            raise ReportedProblem(problem)
        if not kind:
            raise UnreadableEvent("an event without a type")
        return ()

    def feed_document(self, document: object) -> tuple[ChatEvent, ...]:
        """A response as it is without streaming, or an event by itself."""
        if isinstance(document, list) and len(document) == 1:
            document = document[0]
        if not isinstance(document, dict):
            raise UnreadableEvent("JSON that is no answer")
        if str(document.get("type")) in self._handlers:
            return self._handlers[str(document["type"])](document)
        if "output" in document or document.get("object") == "response":
            return self._response({"type": "response.done", "response": document})
        if (problem := self._problem(document)) is not None:
            raise ReportedProblem(problem)
        raise UnreadableEvent("JSON that is no answer")

    def rest(self) -> tuple[ChatEvent, ...]:
        thoughts = [ReasoningDelta(text) for _, text in self._thoughts.rest()]
        return (*thoughts, *self._said(self._spoken.rest()))

    def done(self) -> Done:
        counts = read_or_none(_Usage, self._counts)
        stop = self._stop or StopReason.OTHER
        stop = StopReason.REFUSED if self._refused and stop is StopReason.END else stop
        return Done(stop, counts.usage() if counts else Usage(), self._model, unpriced(self._tariff))

    def _piece(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        piece = read(_Piece, event)
        self._refused |= event["type"] == "response.refusal.delta"
        place = self._place(piece)
        return self._said([(place, self._spoken.more(place, piece.delta))])

    def _whole(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        piece = read(_Piece, event)
        self._refused |= bool(piece.refusal)
        place = self._place(piece)
        return self._said(self._ended([(place, piece.text or piece.refusal)]))

    def _part_begins(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        piece = read(_Piece, event)
        place = self._place(piece)
        return self._said([(place, self._spoken.begin(place, self._words(piece.part)))])

    def _part_ends(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        piece = read(_Piece, event)
        place = self._place(piece)
        return self._said(self._ended([(place, self._words(piece.part))]))

    def _item_begins(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        texts = self._texts_of(read(_ItemEvent, event))
        return self._said([(place, self._spoken.begin(place, text)) for place, text in texts])

    def _item_ends(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        """Repeats what the pieces said, and is all there is where a server sends none."""
        return self._said(self._ended(self._texts_of(read(_ItemEvent, event))))

    def _thought(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        piece = read(_Piece, event)
        place = (piece.output_index, piece.summary_index)
        text = self._thoughts.more(place, piece.delta)
        if not text:
            return ()
        gap = "\n\n" if self._last_thought not in {None, place} else ""
        self._last_thought = place
        return (ReasoningDelta(gap + text),)

    def _response(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        """The response as it stands, with all of its text where the server repeats it."""
        response = members(event, "response")
        self._counts = counted(self._counts, response.get("usage"))
        self._tariff = noted(self._tariff, response)
        self._model = short_text(response.get("model")) or self._model
        news = self._said(self._spoken.wholes(self._outputs_of(response)))
        status = str(event["type"]).removeprefix("response.")
        # Where an older server says `response.done`, the status tells which end it is.
        status = str(response.get("status") or "completed") if status == "done" else status
        if status in _ENDS and not self.finished:
            if status == "failed":
                raise ReportedProblem(self._problem(response) or Problem(()), news)
            reason = members(response, "incomplete_details").get("reason")
            self._stop = StopReason.END if status == "completed" else _STOPS.get(str(reason), StopReason.OTHER)
        return news

    def _failed(self, event: dict[str, Any]) -> tuple[ChatEvent, ...]:
        nested = event.get("error")
        told = nested if isinstance(nested, dict | str) and nested else {**event, "type": None}
        raise ReportedProblem(self._problem({"error": told}) or Problem(()))

    def _ended(self, texts: list[tuple[Place, str]]) -> list[tuple[Hashable, str]]:
        if self._unplaced:
            return self._spoken.wholes(texts)
        # The number of a part need not be that of its pieces.
        new = [
            (place, text)
            for place, text in texts
            if text and not self._spoken.is_said(text, partial(_same_output, place))
        ]
        return [(place, self._spoken.whole(place, text)) for place, text in new]

    def _outputs_of(self, response: dict[str, Any]) -> list[tuple[Place, str]]:
        listed = response.get("output")
        texts: list[tuple[Place, str]] = []
        for number, value in enumerate(listed if isinstance(listed, list) else []):
            item = read_or_none(_Item, value)
            if item is not None:
                # Numbers here need not be those of the pieces, so they are none of theirs.
                output = self._outputs.get(item.id or "", f"end {number}")
                texts += self._texts(item, output)
        return texts

    def _texts_of(self, event: _ItemEvent) -> list[tuple[Place, str]]:
        item = read_or_none(_Item, event.item)
        return [] if item is None else self._texts(item, self._output(event.output_index, item.id))

    def _texts(self, item: _Item, output: int | str) -> list[tuple[Place, str]]:
        return [((output, number), self._words(part)) for number, part in enumerate(item.content)]

    def _words(self, part: object) -> str:
        told = read_or_none(_Told, part)
        if told is None:
            return ""
        self._refused |= bool(told.refusal)
        return told.words

    def _place(self, piece: _Piece) -> Place:
        return self._output(piece.output_index, piece.item_id), piece.content_index or 0

    def _output(self, index: int | None, item: str | None) -> int | str:
        if index is None:
            self._unplaced |= item is None
            return self._outputs.get(item or "", item or 0)
        if item is not None:
            self._outputs.setdefault(item, index)
        return index

    def _said(self, news: list[tuple[Any, str]]) -> tuple[ChatEvent, ...]:
        """The texts, with a paragraph's gap between two outputs."""
        events = []
        for place, text in news:
            if text:
                gap = "\n\n" if self._last_output not in {None, place[0]} else ""
                self._last_output = place[0]
                events.append(TextDelta(gap + text))
        return tuple(events)
