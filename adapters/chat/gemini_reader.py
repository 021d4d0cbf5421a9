"""The answer that the chunks of Gemini's streamGenerateContent make up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import Field

from adapters.chat.error_body import Problem
from adapters.chat.parsing import (
    Count,
    Part,
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

PROMPT_BLOCKED: Final = "prompt_blocked"
"""The kind of problem that `promptFeedback.blockReason` is."""

_STOPS: Final = {
    "STOP": StopReason.END,
    "MAX_TOKENS": StopReason.LENGTH,
    **dict.fromkeys(
        ("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"),
        StopReason.FILTERED,
    ),
    **dict.fromkeys(
        (
            "MALFORMED_FUNCTION_CALL",
            "MALFORMED_RESPONSE",
            "MISSING_THOUGHT_SIGNATURE",
            "TOO_MANY_TOOL_CALLS",
            "UNEXPECTED_TOOL_CALL",
        ),
        StopReason.MALFORMED,
    ),
}

_NO_REASONS: Final = frozenset({"FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"})
"""What a protocol buffer says where it says nothing."""


class _TextPart(Part):
    text: Text = ""
    thought: object = False


class _Content(Part):
    parts: Things = Field(default_factory=list)


class _Candidate(Part):
    index: object = None
    content: _Content | None = None
    finish_reason: object = Field(default=None, alias="finishReason")


class _Usage(Part):
    prompt: Count = Field(default=0, alias="promptTokenCount")
    tool_prompt: Count = Field(default=0, alias="toolUsePromptTokenCount")
    cached: Count = Field(default=0, alias="cachedContentTokenCount")
    candidates: Count = Field(default=0, alias="candidatesTokenCount")
    thoughts: Count = Field(default=0, alias="thoughtsTokenCount")

    def usage(self) -> Usage:
        """The prompt includes what came from a cache, not what tools asked; thoughts stand beside the candidates."""
        return Usage(
            input=self.prompt + self.tool_prompt,
            output=self.candidates + self.thoughts,
            cached=self.cached,
            reasoning=self.thoughts,
        )


class GeminiReader:
    """Folds GenerateContentResponse chunks.

    There is no last event: an answer is complete once a chunk has had a `finishReason`, and goes on all the same if
    another chunk has text.
    """

    def __init__(self, problem: Callable[[object], Problem | None]) -> None:
        """*problem* reads an error body of the API."""
        self._problem = problem
        self._finish: str | None = None
        self._counts: dict[str, Any] = {}
        self._tariff: dict[str, Any] = {}
        self._model = ""
        self._spoken, self._thoughts = SpokenText(), SpokenText()

    @property
    def finished(self) -> bool:
        return self._finish is not None

    @property
    def over(self) -> bool:
        return False

    def feed(self, data: str, name: str = "") -> tuple[ChatEvent, ...]:
        return self._chunk(json_object(data))

    def feed_document(self, document: object) -> tuple[ChatEvent, ...]:
        """A chunk by itself, or the list of all chunks that the method sends where no stream is asked for."""
        chunks = document if isinstance(document, list) else [document]
        said: list[ChatEvent] = []
        for chunk in chunks:
            if not isinstance(chunk, dict):
                raise UnreadableEvent("JSON that is no answer")
            try:
                said += self._chunk(chunk)
            except ReportedProblem as reported:
                raise ReportedProblem(reported.problem, (*said, *reported.said)) from None
        return tuple(said)

    def rest(self) -> tuple[ChatEvent, ...]:
        thoughts = [ReasoningDelta(text) for _, text in self._thoughts.rest()]
        return (*thoughts, *(TextDelta(text) for _, text in self._spoken.rest()))

    def done(self) -> Done:
        counts = read_or_none(_Usage, self._counts)
        usage = counts.usage() if counts else Usage()
        return Done(_stop(self._finish or ""), usage, self._model, unpriced(self._tariff))

    def _chunk(self, chunk: dict[str, Any]) -> tuple[ChatEvent, ...]:
        self._counts = counted(self._counts, chunk.get("usageMetadata"))
        self._tariff = noted(self._tariff, chunk.get("usageMetadata"))
        self._model = short_text(chunk.get("modelVersion")) or self._model
        candidates = chunk.get("candidates")
        said = self._first(candidates) if candidates is not None else ()
        if chunk.get("error"):
            raise ReportedProblem(self._problem(chunk) or Problem(()), said)
        blocked = _reason(members(chunk, "promptFeedback").get("blockReason"))
        if blocked and not said and not self.finished:
            raise ReportedProblem(Problem((PROMPT_BLOCKED,), f"the prompt was blocked ({blocked})"))
        return said

    def _first(self, candidates: object) -> tuple[ChatEvent, ...]:
        """What the first candidate says: no more than one is asked for."""
        if not isinstance(candidates, list):
            raise UnreadableEvent("an event with unusable candidates", lost=True)
        found = [read(_Candidate, candidate) for candidate in candidates if candidate is not None]
        mine = [candidate for candidate in found if candidate.index in (None, 0)] or found
        if not mine:
            return ()
        said: list[ChatEvent] = []
        lost: UnreadableEvent | None = None
        for part in mine[0].content.parts if mine[0].content else []:
            try:
                said += self._said(read(_TextPart, part)) if part is not None else ()
            except UnreadableEvent as error:
                lost = error
        self._finish = _reason(mine[0].finish_reason) or self._finish
        if lost is not None:
            raise UnreadableEvent(str(lost), lost=True, said=tuple(said))
        return tuple(said)

    def _said(self, part: _TextPart) -> tuple[ChatEvent, ...]:
        if part.thought is True:
            text = self._thoughts.more(None, part.text)
            return (ReasoningDelta(text),) if text else ()
        text = self._spoken.more(None, part.text)
        return (TextDelta(text),) if text else ()


def _stop(reason: str) -> StopReason:
    return StopReason.FILTERED if reason.startswith("IMAGE_") else _STOPS.get(reason, StopReason.OTHER)


def _reason(value: object) -> str:
    """A reason in text, also one of an unknown kind; "" where none is given."""
    return "" if not value or str(value) in _NO_REASONS else str(value)
