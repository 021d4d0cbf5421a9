"""Answers in each vendor's words, changed at random in the ways in which streams go wrong, with words planted in them.

Each stream knows which of its words arrived where the format puts answer text, and whether the answer is complete.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from domain.provider import Provider

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI

NO_END: Final = "its end is missing"
PROBLEM: Final = "the provider reports an error"
UNREADABLE: Final = "a piece cannot be read"
REFUSED: Final = "an error in the place of an answer"


@dataclass(frozen=True, slots=True)
class Piece:
    """One event, and what of the answer is in it."""

    event: Any
    """As JSON; a `str` is taken as it is."""
    words: tuple[str, ...] = ()
    streamed: bool = False
    """Whether its words are a piece of text, rather than a text as a whole."""
    ends: bool = False
    problem: bool = False
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer over the wire."""

    provider: Provider
    body: bytes
    kind: str
    status: int
    reset: bool
    """Whether the connection is cut behind the body."""
    arrived: tuple[Piece, ...]
    disturbed: bool
    """Whether pieces are out of order, missing or repeated, so that a text may be said twice."""
    refused: bool
    changes: tuple[str, ...]

    @property
    def words(self) -> set[str]:
        """Those that must be shown."""
        return {word for piece in self.arrived for word in piece.words}

    @property
    def failure(self) -> str:
        """Why this is no complete answer; "" where it is one."""
        if self.refused:
            return REFUSED
        end = next((number for number, piece in enumerate(self.arrived) if piece.ends), None)
        before = self.arrived if end is None else self.arrived[:end]
        if any(piece.problem for piece in before):
            return PROBLEM
        if end is None:
            return NO_END
        return UNREADABLE if any(piece.unreadable for piece in self.arrived[: end + 1]) else ""


# One vendor after the other: the pieces of a good answer.


def _openai(words: list[str], rng: random.Random) -> list[Piece]:
    text, place = "".join(words), {"item_id": "msg_1", "output_index": rng.choice([0, 1]), "content_index": 0}
    part = {"type": "output_text", "text": text, "annotations": []}
    empty = {**part, "text": ""}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    end = {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "error": None, "output": [item],
           "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}}  # fmt: skip
    if rng.random() < 0.3:
        end["output"] = []
    told = tuple(words)
    deltas = [
        Piece({"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}, (word,), streamed=True)
        for word in words
    ]
    number = place["output_index"]
    return [
        Piece({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}}),
        Piece({"type": "response.output_item.added", "output_index": number, "item": {**item, "content": []}}),
        Piece({"type": "response.content_part.added", **place, "part": empty}),
        *deltas,
        Piece({"type": "response.output_text.done", **place, "text": text}, told),
        Piece({"type": "response.content_part.done", **place, "part": part}, told),
        Piece({"type": "response.output_item.done", "output_index": number, "item": item}, told),
        Piece({"type": "response.completed", "response": end}, told if end["output"] else (), ends=True),
    ]


def _anthropic(words: list[str], rng: random.Random) -> list[Piece]:
    usage = {"input_tokens": 12, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    stop = {"stop_reason": rng.choice(["end_turn", "max_tokens", "refusal", None]), "stop_sequence": None}
    deltas = [
        Piece({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}, (word,), True)
        for word in words
    ]
    return [
        Piece({"type": "message_start", "message": message}),
        Piece({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        *deltas,
        Piece({"type": "content_block_stop", "index": 0}),
        Piece({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 9}}),
        Piece({"type": "message_stop"}, ends=True),
    ]


def _gemini(words: list[str], rng: random.Random) -> list[Piece]:
    pieces = []
    for number, word in enumerate(words):
        last = number == len(words) - 1
        parts = [{"text": "", "thought": True}] * rng.choice([0, 1]) + [{"text": word}]
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        chunk = {"candidates": [{**candidate, **({"finishReason": "STOP"} if last else {})}], "modelVersion": "m",
                 "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": number}}  # fmt: skip
        pieces.append(Piece(chunk, (word,), streamed=True, ends=last))
    return pieces


_GOOD: Final = {GPT: _openai, CLAUDE: _anthropic, GEMINI: _gemini}

# What can be wrong with pieces. Each change takes the pieces, and returns them changed.

Pieces = list[Piece]
Change = Callable[[Pieces, Provider, random.Random], Pieces]


def _at(rng: random.Random, pieces: Pieces) -> int:
    return rng.randrange(len(pieces) + 1)


def _drop(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
    gone = rng.randrange(len(pieces))
    return [piece for number, piece in enumerate(pieces) if number != gone]


def _repeat(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
    number = rng.randrange(len(pieces))
    return [*pieces[:number], pieces[number], *pieces[number:]]


def _move(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
    piece = pieces[rng.randrange(len(pieces))]
    rest = [other for other in pieces if other is not piece]
    at = _at(rng, rest)
    return [*rest[:at], piece, *rest[at:]]


def _only_closings(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
    """Pieces of text give way to those that tell it whole; one of those may do."""
    whole = [piece for piece in pieces if piece.words and not piece.streamed]
    kept = rng.choice(whole) if whole else None
    left = [piece for piece in pieces if not piece.words or piece is kept or piece.ends]
    return left if whole else pieces


def _insert(*events: Any, problem: bool = False, unreadable: bool = False) -> Change:
    def change(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
        at = _at(rng, pieces)
        return [*pieces[:at], Piece(rng.choice(events), problem=problem, unreadable=unreadable), *pieces[at:]]

    return change


def _append(*events: Any) -> Change:
    def change(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
        return [*pieces, Piece(rng.choice(events))]

    return change


_TEXT_NAMES: Final = ("delta", "text", "thinking")


def _with_text(event: Any, text: Any) -> Any:
    """*event* with another text in the place of its piece of text."""
    if isinstance(event, dict):
        return {name: text if name in _TEXT_NAMES and isinstance(value, str) else _with_text(value, text)
                for name, value in event.items()}  # fmt: skip
    return [_with_text(value, text) for value in event] if isinstance(event, list) else event


def _other_text(text: Any, *, unreadable: bool = False) -> Change:
    def change(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
        found = [number for number, piece in enumerate(pieces) if piece.streamed and piece.words]
        if not found:
            return pieces
        number = rng.choice(found)
        piece = replace(pieces[number], event=_with_text(pieces[number].event, text), words=(), unreadable=unreadable)
        return [*pieces[:number], piece, *pieces[number + 1 :]]

    return change


_BESIDE: Final = (
    *("index", "output_index", "content_index", "item_id", "logprobs", "role", "usage", "usageMetadata", "id", "model"),
    *("modelVersion", "sequence_number", "stop_sequence", "annotations", "stop_reason"),
)


def _beside(pieces: Pieces, _: Provider, rng: random.Random) -> Pieces:
    """A member that is not the answer's is null, of another type, or missing, everywhere."""
    values: list[Any] = [None, "odd", [], {}, -1, 7.5, True, "gone"]
    name, value = rng.choice(_BESIDE), rng.choice(values)

    def changed(event: Any) -> Any:
        if isinstance(event, dict):
            return {key: value if key == name else changed(inner) for key, inner in event.items()
                    if not (key == name and value == "gone")}  # fmt: skip
        return [changed(inner) for inner in event] if isinstance(event, list) else event

    return [replace(piece, event=changed(piece.event)) for piece in pieces]


def _begun_early(pieces: Pieces, provider: Provider, rng: random.Random) -> Pieces:
    """The first piece of text stands in the event that opens its place."""
    first = next((piece for piece in pieces if piece.streamed), None)
    opening = {GPT: "response.content_part.added", CLAUDE: rng.choice(["content_block_start", "message_start"])}
    name = opening.get(provider)
    if (
        first is None
        or name is None
        or not any(isinstance(p.event, dict) and p.event.get("type") == name for p in pieces)
    ):
        return pieces
    word, changed = "".join(first.words), []
    for piece in pieces:
        if piece is first:
            continue
        event = piece.event
        if isinstance(event, dict) and event.get("type") == name:
            if name == "message_start":
                event = {
                    **event,
                    "message": {**(event.get("message") or {}), "content": [{"type": "text", "text": word}]},
                }
            else:
                event = _with_text(event, word)
            piece = replace(piece, event=event, words=first.words, streamed=True)  # noqa: PLW2901 - its event is changed
        changed.append(piece)
    return changed


def _ends_early(pieces: Pieces, provider: Provider, rng: random.Random) -> Pieces:
    """An end without text stands before the last text, which follows all the same."""
    end = {
        GPT: {"type": "response.completed", "response": {"status": "completed", "output": []}},
        CLAUDE: {"type": "message_stop"},
        GEMINI: {"candidates": [{"content": {"parts": []}, "finishReason": "STOP", "index": 0}]},
    }[provider]
    at = _at(rng, pieces)
    return [*pieces[:at], Piece(end, ends=True), *pieces[at:]]


def _endless(pieces: Pieces, _: Provider, __: random.Random) -> Pieces:
    return [piece for piece in pieces if not piece.ends]


def _empty_reason(pieces: Pieces, provider: Provider, rng: random.Random) -> Pieces:
    """A null or empty `finishReason` in every chunk that has none."""
    if provider is not GEMINI:
        return pieces
    reason = rng.choice(["", None])
    return [
        replace(piece, event={**piece.event, "candidates": [{"finishReason": reason, **one} for one in found]})
        if isinstance(piece.event, dict) and isinstance(found := piece.event.get("candidates"), list) and found
        else piece
        for piece in pieces
    ]


_ERRORS: Final[dict[Provider, list[Any]]] = {
    GPT: [
        {"type": "error", "code": "server_error", "message": "m", "param": None},
        {"type": "error", "error": {"code": "rate_limit_exceeded", "message": "m"}},
        {"error": {"code": "of_a_later_year", "message": "m"}},
        {"type": "response.failed", "response": {"status": "failed", "output": [], "error": {"code": "slow_down"}}},
    ],
    CLAUDE: [
        {"type": "error", "error": {"type": "overloaded_error", "message": "m"}},
        {"type": "error", "error": {"type": "of_a_later_year", "message": "m"}},
        {"error": {"type": "api_error", "message": "m"}},
    ],
    GEMINI: [
        {"error": {"code": 503, "status": "UNAVAILABLE", "message": "m"}},
        {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m", "details": []}},
        [{"error": {"code": 500, "message": "m"}}],
    ],
}


def _error(pieces: Pieces, provider: Provider, rng: random.Random) -> Pieces:
    return _insert(*_ERRORS[provider], problem=True)(pieces, provider, rng)


def _late_error(pieces: Pieces, provider: Provider, rng: random.Random) -> Pieces:
    return [*pieces, Piece(rng.choice(_ERRORS[provider]), problem=True)]


_NOISE: Final[tuple[Any, ...]] = (
    {"type": "ping"},
    {"type": "of_a_later_year", "delta": {"not": "text"}},
    {},
    {"type": None},
    "ping",
    "7",
    "null",
    '"text"',
    "[]",
)

CHANGES: Final[dict[str, tuple[Change, bool]]] = {
    "drop": (_drop, True),
    "repeat": (_repeat, True),
    "move": (_move, True),
    "only closings": (_only_closings, False),
    "noise": (_insert(*_NOISE), False),
    "done in the middle": (_insert("[DONE]"), False),
    "done at the end": (_append("[DONE]"), False),
    "garbage at the end": (_append("{oops", "oops", *_NOISE), False),
    "broken": (_insert('{"type": "content_block_delta", "delta": {', "{oops", unreadable=True), False),
    "null text": (_other_text(None), True),
    "empty text": (_other_text(""), True),
    "odd text": (_other_text(7, unreadable=True), True),
    "beside": (_beside, False),
    "begun early": (_begun_early, False),
    "ends early": (_ends_early, False),
    "endless": (_endless, False),
    "empty reason": (_empty_reason, False),
    "error": (_error, False),
    "late error": (_late_error, False),
}
"""Each with whether it disturbs the order or the number of pieces."""


# Over the wire.


@dataclass(slots=True)
class _Wire:
    """How the events are written down."""

    rng: random.Random
    done: list[str] = field(default_factory=list)

    def _may(self, name: str, share: float) -> bool:
        if self.rng.random() >= share:
            return False
        self.done.append(name)
        return True

    def body(self, pieces: Pieces) -> tuple[bytes, list[int]]:
        """The bytes, and where the data of each piece is complete."""
        end = self.rng.choice(["\r\n", "\r"]) if self._may("line ends", 0.2) else "\n"
        named, spaced = not self._may("no names", 0.15), not self._may("no space", 0.1)
        raw, ends = b"\xef\xbb\xbf" if self._may("mark", 0.05) else b"", []
        for number, piece in enumerate(pieces):
            data = (
                piece.event if isinstance(piece.event, str) else json.dumps(piece.event, ensure_ascii=number % 2 == 0)
            )
            kind = piece.event.get("type") if isinstance(piece.event, dict) else None
            lines = [f"event: {kind}"] if named and isinstance(kind, str) else []
            lines.append(f"data:{' ' if spaced else ''}{data}")
            if self.rng.random() < 0.03:
                lines.insert(0, ": a comment")
                self.done.append("comment")
            raw += end.join(lines).encode("utf-8", "surrogatepass")
            ends.append(len(raw))
            raw += (end * 2).encode()
        if self._may("no last blank line", 0.2):
            raw = raw[: ends[-1]] + (end.encode() if self.rng.random() < 0.5 else b"") if ends else raw
        return raw, ends


def mutated(provider: Provider, seed: int) -> Stream:
    """The stream number *seed*."""
    rng = random.Random(f"{provider}-{seed}")
    words = [f"k{number}x " for number in range(rng.randrange(2, 6))]
    if rng.random() < 0.1:
        words[-1] = words[-1] + "🦊 "
    if rng.random() < 0.01:
        words[-1] = words[-1] + "x" * 300_000 + " "
    pieces = _GOOD[provider](words, rng)
    names = rng.choices(list(CHANGES), k=rng.choice([0, 1, 1, 2, 2, 3]))
    disturbed = False
    for name in names:
        change, disturbs = CHANGES[name]
        if pieces:
            pieces = change(pieces, provider, rng)
        disturbed = disturbed or disturbs
    if rng.random() < 0.08:
        return _document(provider, words, rng)
    wire = _Wire(rng)
    body, ends = wire.body(pieces)
    cut = len(body)
    if rng.random() < 0.15 and body:
        cut = rng.randrange(len(body))
        wire.done.append("cut")
    reset = rng.random() < 0.1
    kind = rng.choice(["text/event-stream"] * 6 + ["text/event-stream; charset=utf-8", "", "text/plain"])
    arrived = tuple(piece for piece, end in zip(pieces, ends, strict=True) if end <= cut)
    changes = (*names, *wire.done, *(["reset"] if reset else []))
    return Stream(provider, body[:cut], kind, 200, reset, arrived, disturbed or _is_out_of_order(names), False, changes)


def _is_out_of_order(names: list[str]) -> bool:
    """Whether a text is told in ways that contradict each other, or behind the answer's end."""
    return "odd text" in names or names.count("begun early") > 1


def _document(provider: Provider, words: list[str], rng: random.Random) -> Stream:
    """JSON in the place of a stream: the whole answer, or an error."""
    text = "".join(words)
    answers: dict[Provider, Any] = {
        GPT: {"object": "response", "status": "completed", "error": None, "output": [
            {"type": "message", "content": [{"type": "output_text", "text": text}]}]},
        CLAUDE: {"type": "message", "role": "assistant", "content": [{"type": "text", "text": text}],
                 "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}},
        GEMINI: [{"candidates": [{"content": {"parts": [{"text": word}]}, "index": 0,
                                  **({"finishReason": "STOP"} if word is words[-1] else {})}]} for word in words],
    }  # fmt: skip
    error = rng.choice(_ERRORS[provider])
    refused = rng.random() < 0.7
    document = rng.choice([error, [error]]) if refused else answers[provider]
    status = rng.choice([200, 400, 503]) if refused else 200
    body = json.dumps(document, indent=rng.choice([None, 1])).encode()
    arrived = () if refused else (Piece(document, tuple(words), ends=True),)
    kind = rng.choice(["application/json", "text/event-stream", ""])
    return Stream(provider, body, kind, status, False, arrived, False, refused, ("document", str(status)))
