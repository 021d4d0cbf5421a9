"""A screen as text that can be read and compared: its rows, the colours of each, and what the colours are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.screen import ModalScreen

from entrypoints.tui.app import KeyswitchApp
from tests.support.screen_text import segments

_ATTRIBUTES: Final = ("bold", "dim", "italic", "underline", "strike", "reverse", "blink")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DRAWN: Final = range(0x2500, 0x25A0)
"""Lines and blocks: nothing to read."""

Row = tuple[tuple[str, str], ...]
"""Pieces of a row, each with the name of its style."""


@dataclass(frozen=True)
class Taken:
    """What is in front: a dialog without what it covers, or the conversation."""

    first: int
    """The number of its first row, from 1."""
    rows: tuple[Row, ...]

    @property
    def text(self) -> tuple[str, ...]:
        return tuple("".join(piece for piece, _ in row) for row in self.rows)


def take(app: KeyswitchApp) -> Taken:
    """What *app* shows now."""
    rows = [tuple((one.text, _name(one.style or Style())) for one in row) for row in Segment.split_lines(segments(app))]
    first, last = 0, app.size.height
    if isinstance(app.screen, ModalScreen):
        dialog = app.screen.query_one(".dialog").region
        first, last = dialog.y, dialog.bottom
    return Taken(first + 1, tuple(rows[first:last]))


class Record:
    """One screen in one size, dark and light, which differ in their colours only."""

    def __init__(self, size: tuple[int, int], dark: Taken, light: Taken) -> None:
        assert dark.text == light.text
        self._legend: dict[tuple[str, str], str] = {}
        self._read: dict[tuple[str, str], str] = {}
        last = dark.first + len(dark.rows) - 1
        self._lines = [f"{size[0]}x{size[1]}, rows {dark.first} to {last}", *(line.rstrip() for line in dark.text)]
        runs = [self._runs(one, other) for one, other in zip(dark.rows, light.rows, strict=True)]
        number = dark.first
        for run, same in groupby(runs):
            count = len(list(same))
            self._lines.append(f"{number}: {run}" if count == 1 else f"{number}-{number + count - 1}: {run}")
            number += count

    @property
    def text(self) -> str:
        """Rows, then how many cells of each have which style, then the styles: dark, and light."""
        return "\n".join(
            [*self._lines, *(f"{letter}  {one} | {other}" for (one, other), letter in self._legend.items())]
        )

    def faint(self, least: float) -> list[str]:
        """What is to be read and has less contrast than that."""
        read = ((name, words) for pair, words in self._read.items() for name in pair)
        return [f"{contrast(name):.1f}, {name}: {words!r}" for name, words in read if contrast(name) < least]

    def _runs(self, dark: Row, light: Row) -> str:
        pairs = [(sign, (one, other)) for (sign, one), (_, other) in zip(_signs(dark), _signs(light), strict=True)]
        parts = []
        for pair, same in groupby(pairs, key=lambda each: each[1]):
            words = "".join(sign for sign, _ in same)
            letter = self._legend.setdefault(pair, _letter(len(self._legend)))
            if any(not sign.isspace() and ord(sign) not in _DRAWN for sign in words):
                self._read.setdefault(pair, words.strip())
            parts.append(f"{letter}{cell_len(words)}")
        return " ".join(parts)


def contrast(name: str) -> float:
    """Between the two colours of a style, as WCAG measures it."""
    fore, _, back, *_ = name.split(" ")
    lighter, darker = sorted((_luminance(fore), _luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in Color.parse(colour).rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _signs(row: Row) -> list[tuple[str, str]]:
    return [(sign, name) for text, name in row for sign in text]


def _name(style: Style) -> str:
    fore, back = (colour.get_truecolor().hex if colour else "default" for colour in (style.color, style.bgcolor))
    return " ".join([f"{fore} on {back}", *(one for one in _ATTRIBUTES if getattr(style, one))])


def _letter(number: int) -> str:
    more, place = divmod(number, len(_LETTERS))
    return (_LETTERS[more - 1] if more else "") + _LETTERS[place]
