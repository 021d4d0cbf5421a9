"""Text that others wrote, made safe to show: no escape sequence, no control, nothing that reorders a line.

A terminal obeys what is printed to it, and neither Textual nor Rich filters escape sequences, C1 controls or
bidirectional overrides. All foreign text passes here before it is parsed, and again where parsing can bring such a
character back (a numeric entity in Markdown).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

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

_LINE_ENDS: Final = frozenset("\r\x0b\x0c\x85\u2028\u2029")


class _At(Enum):
    TEXT = auto()
    ESCAPE = auto()
    INTERMEDIATE = auto()
    CSI = auto()
    STRING = auto()
    STRING_ESCAPE = auto()
    RETURN = auto()
    """After a carriage return that a line feed may follow."""


def _invisible() -> frozenset[int]:
    """Code points that show nothing and change how their neighbours read."""
    return frozenset(
        {
            *range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0),  # C0 without tab and line ends, DEL, C1
            0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # bidirectional controls
            0x200B, 0x2060, *range(0x206A, 0x2070), 0xFEFF,  # zero-width, deprecated format controls
            *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080),  # annotations, tags
        }
    )  # fmt: skip


_TABLE: Final[dict[int, str | None]] = {
    **dict.fromkeys(_invisible()),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **{ord(end): "\n" for end in _LINE_ENDS},
}
"""Lone surrogates cannot be encoded, and would end the program where they are printed."""


class UntrustedStream:
    """A filter for text that comes in pieces: any cut of a text gives what the whole gives."""

    def __init__(self) -> None:
        self._at = _At.TEXT
        self._held: list[str] = []

    @property
    def pending(self) -> bool:
        """Whether an unfinished sequence is held back; a caller that waits for long should `flush`."""
        return self._at is not _At.TEXT

    def feed(self, text: str) -> str:
        """What of *text* can be shown now."""
        if self._at is _At.TEXT and _is_plain(text):
            return text
        out: list[str] = []
        for character in text:
            self._take(character, out)
        return "".join(out).translate(_TABLE)

    def flush(self) -> str:
        """Show what is held back as plain text, without what would make it a sequence."""
        held = "".join(self._held)
        shown = "\n" if self._at is _At.RETURN else held
        self._rest()
        return shown.translate(_TABLE)

    def _take(self, character: str, out: list[str]) -> None:
        match self._at:
            case _At.TEXT:
                self._text(character, out)
            case _At.RETURN:
                self._rest()
                out.append("\n")
                if character != "\n":
                    self._text(character, out)
            case _At.STRING | _At.STRING_ESCAPE:
                self._string(character, out)
            case _:
                self._sequence(character, out)
        if len(self._held) > LONGEST_SEQUENCE:
            out.append(self.flush())

    def _text(self, character: str, out: list[str]) -> None:
        if character == _ESC:
            self._at = _At.ESCAPE
        elif character == _C1_CSI:
            self._at = _At.CSI
        elif character in _C1_STRINGS:
            self._at = _At.STRING
        elif character == "\r":
            self._at = _At.RETURN
        else:
            out.append(character)

    def _string(self, character: str, out: list[str]) -> None:
        if character in _STRING_ENDS or character in _ABORTS:
            self._rest()
        elif self._at is _At.STRING_ESCAPE:
            self._rest()
            if character != "\\":
                self._at = _At.ESCAPE
                self._sequence(character, out)
        elif character == _ESC:
            self._at = _At.STRING_ESCAPE
        else:
            self._held.append(character)

    def _sequence(self, character: str, out: list[str]) -> None:
        if character in _ABORTS:
            self._rest()
        elif not " " <= character <= "~":
            # No part of a sequence: a terminal would act on it in the middle of one, so the sequence ends here.
            self._rest()
            self._text(character, out)
        elif self._at is _At.ESCAPE and character in _STRING_INTRODUCERS:
            self._at = _At.STRING
        elif self._at is _At.ESCAPE and character == "[":
            self._at = _At.CSI
        elif character < ("@" if self._at is _At.CSI else "0"):
            self._at = _At.CSI if self._at is _At.CSI else _At.INTERMEDIATE
            self._held.append(character)
        else:
            self._rest()

    def _rest(self) -> None:
        self._at = _At.TEXT
        self._held.clear()


def untrusted(text: str) -> str:
    """*text* as it may be shown over several lines; an unfinished sequence is shown without its introducer."""
    if _is_plain(text):
        return text
    stream = UntrustedStream()
    return stream.feed(text) + stream.flush()


def untrusted_line(text: str) -> str:
    """*text* as it may be shown in one line: blanks and line ends become single spaces."""
    return " ".join(untrusted(text).split())


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace("\n", " ").replace("\t", " ").isprintable()
