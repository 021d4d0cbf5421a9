"""Text that others wrote, made safe to show: no escape sequence, no control, nothing that hides or reorders.

A terminal obeys what is printed to it, and neither Textual nor Rich filters escape sequences, C1 controls or
bidirectional overrides. Foreign is what came from a server, a pipe, a file, the store, the clipboard, the environment
or the arguments, however it got here. It passes here where it is shown, at the last moment; what is sent to a model or
stored stays as it is.

This module takes the sequences out; `domain/text/visible.py` says which of the other code points are shown.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NewType

from domain.text.visible import BRIEF, Visible

Shown = NewType("Shown", str)
"""Text that has passed here. Whatever writes to a terminal takes nothing else; a test reads the code for it."""

LONGEST_SEQUENCE: Final = 4096
"""Characters that an unfinished sequence may hold back; beyond, it is shown as plain text."""

_ESC: Final = "\x1b"
_STRING_INTRODUCERS: Final = frozenset("]PX^_")
"""After ESC: OSC, DCS, SOS, PM, APC (ECMA-48, 5.6 and 8.3)."""
_C1_STRINGS: Final = frozenset("\x90\x98\x9d\x9e\x9f")
_C1_CSI: Final = "\x9b"
_C1_ST: Final = "\x9c"
_STRING_ENDS: Final = frozenset({"\x07", _C1_ST})
_ABORTS: Final = frozenset("\x18\x1a")
"""CAN and SUB end any sequence without effect (ECMA-48)."""

_INTRODUCER: Final = re.compile("[\x1b\x90\x98\x9b\x9d-\x9f\r]")
_WHOLE_CSI: Final = re.compile("(?:\x1b\\[|\x9b)[ -?]{0,64}[@-~]")
_END_OF_STRING: Final = re.compile("[\x07\x18\x1a\x1b\x9c]")


class _At(Enum):
    TEXT = auto()
    ESCAPE = auto()
    INTERMEDIATE = auto()
    CSI = auto()
    STRING = auto()
    STRING_ESCAPE = auto()
    RETURN = auto()
    """After a carriage return that a line feed may follow."""


class UntrustedStream:
    """A filter for text that comes in pieces: any cut of a text gives what the whole gives."""

    def __init__(self, *, brief: bool = False) -> None:
        """*brief* as for `Visible`."""
        self._at = _At.TEXT
        self._held = ""
        self._visible = Visible(brief=brief)

    @property
    def pending(self) -> bool:
        """Whether an unfinished sequence is held back; a caller that waits for long should `flush`."""
        return self._at is not _At.TEXT

    def feed(self, text: str) -> Shown:
        """What of *text* can be shown now."""
        if self._at is _At.TEXT and _INTRODUCER.search(text) is None:
            return Shown(self._visible.show(text))
        out: list[str] = []
        at = 0
        while at < len(text):
            if self._at is _At.TEXT:
                at = self._text(text, at, out)
            elif self._at is _At.STRING:
                at = self._string(text, at, out)
            else:
                at += self._sequence(text[at], out)
            if len(self._held) > LONGEST_SEQUENCE:
                out.append(self._release())
        return Shown(self._visible.show("".join(out)))

    def flush(self) -> Shown:
        """Show what is held back as plain text, without what would make it a sequence."""
        return Shown(self._visible.show(self._release()))

    def _text(self, text: str, at: int, out: list[str]) -> int:
        """Text up to the next introducer, which it takes, too; returns where the rest begins."""
        found = _INTRODUCER.search(text, at)
        if found is None:
            out.append(text[at:])
            return len(text)
        out.append(text[at : found.start()])
        whole = _WHOLE_CSI.match(text, found.start())
        if whole is not None:
            return whole.end()
        self._begin(found.group())
        return found.end()

    def _begin(self, introducer: str) -> None:
        if introducer == _ESC:
            self._at = _At.ESCAPE
        elif introducer == _C1_CSI:
            self._at = _At.CSI
        else:
            self._at = _At.STRING if introducer in _C1_STRINGS else _At.RETURN

    def _string(self, text: str, at: int, out: list[str]) -> int:
        """More of a string; returns where the rest begins."""
        found = _END_OF_STRING.search(text, at)
        room = at + LONGEST_SEQUENCE + 1 - len(self._held)
        end = min(found.start() if found else len(text), room)
        self._held += text[at:end]
        if found is None or end < found.start():
            return end
        if found.group() == _ESC:
            self._at = _At.STRING_ESCAPE
        else:
            self._rest()
        return found.end()

    def _sequence(self, character: str, out: list[str]) -> int:
        """One character of anything else; returns how many were taken."""
        if self._at is _At.RETURN:
            self._rest()
            out.append("\n")
            return 1 if character == "\n" else 0
        if self._at is _At.STRING_ESCAPE:
            return self._after_string_escape(character)
        if character in _ABORTS:
            self._rest()
        elif not " " <= character <= "~":
            # No part of a sequence: a terminal would act on it in the middle of one, so the sequence ends here.
            self._rest()
            return 0
        elif self._at is _At.ESCAPE and character in _STRING_INTRODUCERS:
            self._at = _At.STRING
        elif self._at is _At.ESCAPE and character == "[":
            self._at = _At.CSI
        elif character < ("@" if self._at is _At.CSI else "0"):
            self._at = _At.CSI if self._at is _At.CSI else _At.INTERMEDIATE
            self._held += character
        else:
            self._rest()
        return 1

    def _after_string_escape(self, character: str) -> int:
        self._rest()
        if character == "\\" or character in _STRING_ENDS or character in _ABORTS:
            return 1
        self._at = _At.ESCAPE
        return 0

    def _release(self) -> str:
        held = "\n" if self._at is _At.RETURN else self._held
        self._rest()
        return held

    def _rest(self) -> None:
        self._at = _At.TEXT
        self._held = ""


def untrusted(text: str) -> Shown:
    """*text* as it may be shown over several lines; an unfinished sequence is shown without its introducer."""
    if text.isascii() and text.isprintable():
        return Shown(text)
    stream = UntrustedStream(brief=len(text) < BRIEF)
    return Shown(stream.feed(text) + stream.flush())


def untrusted_line(text: str) -> Shown:
    """*text* as it may be shown in one line: blanks and line ends become single spaces."""
    return Shown(" ".join(untrusted(text).split()))
