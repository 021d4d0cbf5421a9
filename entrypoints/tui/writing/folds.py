"""Big pastes, each folded into one token such as `[Pasted 40 lines]`, and sent in full.

A token begins with a mark that shows nothing and that the filter drops from all that is typed or pasted. So nothing
else looks like one: the same words without the mark are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from domain.text.written import Written

MARK: Final = "\u2060"
"""Word joiner, of no width."""

FOLDED_LINES: Final = 10
"""As many as the field has rows."""

FOLDED_CHARACTERS: Final = 1000

_TOKEN: Final = re.compile(rf"{MARK}\[[^\]\n]*\]")


class Folds:
    """The texts behind the tokens of one field; what undo and history may bring back is kept."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """The token that stands for *text*."""
        lines = text.removesuffix("\n").count("\n") + 1
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        number = 1
        while True:
            token = f"{MARK}[Pasted {size}{f' #{number}' if number > 1 else ''}]"
            if self._texts.setdefault(token, text) == text:
                return token
            number += 1

    def spans(self, shown: str) -> Iterator[tuple[int, int]]:
        """Where the tokens in *shown* begin and end."""
        if MARK in shown:
            yield from (found.span() for found in _TOKEN.finditer(shown) if found[0] in self._texts)

    def unfolded(self, shown: str) -> str:
        """*shown* with the whole text in the place of each token."""
        return self.written(shown).text if MARK in shown else shown

    def written(self, shown: str) -> Written:
        """*shown* in full, and which parts of that were folded."""
        parts: list[str] = []
        folds: list[tuple[int, int]] = []
        at = length = 0
        for start, end in self.spans(shown):
            plain, text = shown[at:start].replace(MARK, ""), self._texts[shown[start:end]]
            length += len(plain)
            folds.append((length, length + len(text)))
            length += len(text)
            parts += (plain, text)
            at = end
        parts.append(shown[at:].replace(MARK, ""))
        return Written("".join(parts), tuple(folds))

    def shown(self, written: Written) -> str:
        """*written* as it stands in the field; its text has passed the filter."""
        parts: list[str] = []
        at = 0
        for start, end in written.folds:
            parts += (written.text[at:start], self.fold(written.text[start:end]))
            at = end
        return "".join((*parts, written.text[at:]))


def is_big(text: str) -> bool:
    """Whether *text* is folded when it is pasted."""
    return text.count("\n") >= FOLDED_LINES - 1 or len(text) > FOLDED_CHARACTERS
