"""The text of one answer, of which vendors send pieces and wholes, in any order; each is given out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

_PARAGRAPH: Final = "\n\n"
_HIGH_HALVES: Final = ("\ud800", "\udbff")


@dataclass(slots=True, eq=False)
class _Part:
    """One of the texts that an answer consists of."""

    shown: list[str] = field(default_factory=list)
    """What was given out of it."""
    length: int = 0
    """Characters of that."""
    streamed: int = 0
    """Characters that came in pieces; fewer than `length` where a whole text was ahead of its pieces."""
    half: str = ""
    """The first half of a surrogate pair, whose second half the next piece may bring."""

    @property
    def text(self) -> str:
        if len(self.shown) > 1:
            self.shown = ["".join(self.shown)]
        return self.shown[0] if self.shown else ""

    def give(self, text: str) -> str:
        """Note that *text* is given out."""
        if text:
            self.shown.append(text)
            self.length += len(text)
        return text


class SpokenText:
    """The parts of an answer by their places, which are whatever a vendor tells them apart by."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, _Part] = {}

    def more(self, place: Hashable, piece: str) -> str:
        """What is new in *piece*, the next of the part at *place*."""
        part = self._parts.setdefault(place, _Part())
        piece = part.half + piece
        part.half = piece[-1:] if _HIGH_HALVES[0] <= piece[-1:] <= _HIGH_HALVES[1] else ""
        piece = _paired(piece[: len(piece) - len(part.half)])
        known = part.text[part.streamed : part.streamed + len(piece)] if part.streamed < part.length else ""
        new = piece.removeprefix(known)
        part.give(new)
        part.streamed = part.length if new else part.streamed + len(piece)
        return new

    def begin(self, place: Hashable, text: str) -> str:
        """What is new in *text*, with which the part at *place* begins; its pieces go on behind it."""
        part = self._parts.setdefault(place, _Part())
        text = _paired(text)
        new = "" if text in part.text else text.removeprefix(part.text)
        part.give(new)
        part.streamed = part.length
        return new

    def whole(self, place: Hashable, text: str) -> str:
        """What is new in *text*, which is all of the part at *place*."""
        return _completed(self._parts.setdefault(place, _Part()), _paired(text))

    def wholes(self, told: Iterable[tuple[Hashable, str]]) -> list[tuple[Hashable, str]]:
        """What is new in texts that are all of an answer, by place.

        A list at the end of an answer may leave parts out, and so may not count places as the pieces before it did. A
        text whose place is not known is therefore looked for among all parts, each of which is found once.
        """
        texts = [(place, _paired(text)) for place, text in told if text]
        named = {place for place, _ in texts}
        free = {place: part for place, part in self._parts.items() if place not in named}
        news: list[tuple[Hashable, str]] = []
        for place, text in texts:
            found = place if place in self._parts else _place_of(text, free)
            part = self._parts.setdefault(place if found is None else found, _Part())
            free.pop(found, None)
            news.append((place if found is None else found, _completed(part, text)))
        return [(place, new) for place, new in news if new]

    def is_said(self, text: str, near: Callable[[Hashable], bool]) -> bool:
        """Whether one of the parts whose place is *near* is just *text*."""
        return any(part.text == _paired(text) for place, part in self._parts.items() if near(place))

    def rest(self) -> list[tuple[Hashable, str]]:
        """What was held back, now that nothing more comes: a half of a pair alone is no character."""
        alone = [part for part in self._parts.values() if part.half and part.streamed == part.length]
        return [(place, part.give("\ufffd")) for place, part in self._parts.items() if part in alone]


def _place_of(text: str, parts: Mapping[Hashable, _Part]) -> Hashable | None:
    """Where *text* was given out already, or else the beginning of it; None if nowhere."""
    covering = next((place for place, part in parts.items() if part.length and _covers(part, text)), None)
    if covering is not None:
        return covering
    return next((place for place, part in parts.items() if part.length and text.startswith(part.text)), None)


def _completed(part: _Part, text: str) -> str:
    """What is new in *text*, all of *part*.

    If it is neither what was given out nor a continuation of it, something on the way was lost. Then the whole text
    is given out as well, in a paragraph of its own: a piece is better said twice than not at all.
    """
    if _covers(part, text):
        return ""
    if text.startswith(part.text):
        return part.give(text[part.length :])
    return part.give(_PARAGRAPH + text)


def _covers(part: _Part, text: str) -> bool:
    return text in part.text or " ".join(text.split()) in " ".join(part.text.split())


def _paired(text: str) -> str:
    """*text* with its surrogate pairs as characters; a half without its other half is U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
