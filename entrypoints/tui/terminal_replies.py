"""What the terminal answers when it is asked for its background (OSC 11), told from what is typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

QUESTION: Final = "\x1b]11;?\x1b\\"

_BEGINNING: Final = "\x1b]11;"
_ANSWER: Final = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)[^\x07\x1b]*(?:\x07|\x1b\\)")
_LONGEST: Final = 64
"""Characters of an answer."""

_KEYS: Final = ("\x1b", "\x1b]")
"""Beginnings of an answer that a person may type: Escape, Alt and `]`."""

_REST: Final = 1.0
"""Seconds to wait for the rest of what only a terminal sends."""

_LIGHT: Final = 0.5
"""The share of full brightness from which a background counts as light."""


class Replies:
    """Takes the keys piece by piece, however they are cut, and gives them back without the terminal's answers."""

    def __init__(self, told: Callable[[bool], object], *, key_seconds: float) -> None:
        """*told* gets whether the background is light; *key_seconds* is how long to wait for more after an Escape."""
        self._told = told
        self._key_seconds = key_seconds
        self._held = ""

    @property
    def patience(self) -> float | None:
        """Seconds to wait for more before `give_up` is called; None where nothing is held back."""
        if not self._held:
            return None
        return self._key_seconds if self._held in _KEYS else _REST

    def feed(self, text: str) -> str:
        """What of *text* was typed."""
        text, self._held = self._held + text, ""
        while (answer := _ANSWER.search(text)) is not None:
            self._told(is_light(*answer.groups()))
            text = text[: answer.start()] + text[answer.end() :]
        kept = _unfinished(text)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def give_up(self) -> str:
        """What was held back: no more came in `patience` seconds."""
        held, self._held = self._held, ""
        return held


def is_light(*channels: str) -> bool:
    """Whether a colour of three hexadecimal numbers of any length is rather white than black (ITU-R BT.709)."""
    red, green, blue = (int(channel, 16) / (16 ** len(channel) - 1) for channel in channels)
    brightness: float = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return brightness > _LIGHT


def light_by_environment(value: str) -> bool | None:
    """What COLORFGBG (`15;0`) says of the background; None where it says nothing."""
    number = value.rpartition(";")[2]
    if not number.isdecimal() or ";" not in value:
        return None
    return int(number) in (7, *range(9, 16))


def _unfinished(text: str) -> int:
    """How many characters at the end of *text* may be the beginning of an answer."""
    start = text.rfind(_BEGINNING)
    if start >= 0:
        return len(text) - start if len(text) - start <= _LONGEST else 0
    return next((length for length in range(len(_BEGINNING) - 1, 0, -1) if text.endswith(_BEGINNING[:length])), 0)
