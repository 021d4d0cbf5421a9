"""Which code points of foreign text are shown.

The rule, kept over all code points by a test:

- What shows itself, passes: letters, digits, punctuation, symbols, private use, tab, line feed, and the spaces that
  writing needs (no-break, narrow no-break, ideographic).
- Other spaces become an ordinary space, other line ends a line feed. What has no character (lone surrogates,
  noncharacters, code points that this Python's Unicode does not know) becomes U+FFFD, except where blocks are kept for
  emoji and ideographs to come.
- What shows nothing by itself is dropped: controls, bidirectional controls, zero-width and format characters, fillers.
- What acts on the sign before it passes only where writing needs it. Combining marks: at most `MOST_MARKS` on one sign,
  and a dotted circle under those that have none. A variation selector: one, on a sign that can have variants. A joiner:
  one, inside the scripts that use it, and between two emoji. Tags: in the three flags that are made of them.

So nothing hides in what is shown, and nothing reaches into what stands beside it.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Final

MOST_MARKS: Final = 8
"""Signs without width of their own on one letter. A syllable of Burmese has up to seven."""

MOST_JOINED: Final = 8
"""Emoji drawn as one; the longest family has four."""

UNKNOWN: Final = "\ufffd"

_CARRIER: Final = "\u25cc"
"""Stands where a mark has no letter: it would land on the sign that the program itself shows before the text."""

_LINE_ENDS: Final = frozenset("\r\x0b\x0c\x85\u2028\u2029")
_AS_THEY_ARE: Final = frozenset("\t\n \xa0\u202f\u3000")
_VISIBLE_FORMATS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Of category Cf, but signs that stand around or before a number (Unicode: Prepended_Concatenation_Mark)."""

_ZWNJ: Final = "\u200c"
_ZWJ: Final = "\u200d"
_FLAG: Final = "\U0001f3f4"
_TAG_FLAGS: Final = frozenset(
    "".join(chr(0xE0000 + ord(letter)) for letter in name) for name in ("gbeng", "gbsct", "gbwls")
)
"""The flags that are made of tags; anything else in tags would be text that nobody sees."""
_CANCEL_TAG: Final = "\U000e007f"
_LONGEST_TAG: Final = 5

_EMOJI_BEYOND_SYMBOLS: Final = frozenset("#*0123456789\u203c\u2049\u2139\u3030")
"""Emoji that Unicode counts among digits, letters and punctuation."""


class _Changes(Enum):
    """How a code point acts on the sign before it."""

    MARK = auto()
    VARIANT = auto()
    JOINER = auto()
    TAG = auto()


def _within(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(code for first, last in ranges for code in range(first, last + 1))


_FILLERS: Final = _within(
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E), (0x2065, 0x2065),
    (0x3164, 0x3164), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1D159, 0x1D159), (0x13430, 0x1343F),
)  # fmt: skip
"""Letters, marks and reserved code points that show nothing."""

_TAGS: Final = range(0xE0020, 0xE0080)
_TAGS_AND_SELECTORS: Final = range(0xE0000, 0xE1000)
"""A block of its own; of what is not assigned there, nothing will ever be seen."""
_IDEOGRAPHS: Final = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x40000))
_EMOJI_TO_COME: Final = range(0x1F000, 0x1FB00)
_IDEOGRAPHS_TO_COME: Final = (range(0x20000, 0x2FFFE), range(0x30000, 0x3FFFE))
_JOINING_SCRIPTS: Final = (
    range(0x0620, 0x10A0), range(0x1780, 0x18B0), range(0xA800, 0xAC00), range(0x10A00, 0x12000),
)  # fmt: skip
"""Arabic to Syriac, the scripts of India and what comes from them, Mongolian."""

_MONGOLIAN_VARIANTS: Final = _within((0x180B, 0x180D), (0x180F, 0x180F))
_VARIANTS: Final = _within((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) | _MONGOLIAN_VARIANTS
_ADDED_TO_LETTERS: Final = _within((0x1161, 0x11FF), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB), (0x1F3FB, 0x1F3FF))
"""Vowels and finals of Hangul syllables, and skin tones: no width of their own after a base."""

_PLAIN: Final = (
    "\t\n -~\xa1-\xac\xae-\u02ff\u0370-\u0377\u03a3-\u0482\u048a-\u052f\u05d0-\u05ea\u0620-\u064a\u0660-\u066f"
    "\u0671-\u06d3\u0904-\u0939\u0958-\u0961\u0964-\u0980\u0e01-\u0e30\u0e32\u0e33\u0e3f-\u0e46\u0e4f-\u0e5b"
    "\u10d0-\u10ff\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0\u2190-\u2193\u2200-\u22ff\u2500-\u259f"
    "\u3000-\u3003\u3005-\u3011\u3014-\u301f\u3041-\u3096\u309b-\u30ff\u3105-\u312f\u3131-\u3163\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d"
)
"""Much of what is written, for speed alone: all of it passes, and none of it acts on what stands before it."""

BRIEF: Final = 200
"""Characters of a text in which looking at each costs less than the pattern, which takes 3 ms to compile."""


@cache
def _odd() -> re.Pattern[str]:
    return re.compile(f"[^{_PLAIN}]+")


class Visible:
    """The rule for text that comes in pieces: any cut of a text gives what the whole gives."""

    def __init__(self, *, brief: bool = False) -> None:
        """*brief* says that less than `BRIEF` characters will come."""
        self._brief = brief
        self._base = ""
        """The last sign with a width of its own; "" at the start of a line."""
        self._last = ""
        """The last code point that was shown."""
        self._added = 0
        """Code points after the base that act on it."""
        self._joined = 0
        self._held = ""
        """A joiner or tags that count only with what comes next."""

    def show(self, text: str) -> str:
        """What of *text* is shown, as far as what comes next cannot change it."""
        if text.isascii() and text.replace("\n", " ").isprintable():
            if text:
                self._is_now(text[-1])
            return text
        if self._brief:
            return "".join(map(self._one, text))
        out: list[str] = []
        at = 0
        for odd in _odd().finditer(text):
            start, end = odd.span()
            if start > at:
                out.append(text[at:start])
                self._is_now(text[start - 1])
            out += map(self._one, text[start:end])
            at = end
        if at < len(text):
            self._is_now(text[-1])
            out.append(text[at:])
        return "".join(out)

    def _one(self, character: str) -> str:
        sign = _sign(character)
        if isinstance(sign, _Changes):
            self._added += 1
            return self._changed(sign, character) if self._added <= MOST_MARKS else ""
        if not sign:
            return ""
        if self._held == _ZWJ and self._joined < MOST_JOINED and _is_emoji(sign):
            joined = self._joined + 1
            self._is_now(sign)
            self._joined = joined
            return _ZWJ + sign
        self._is_now(sign)
        return sign

    def _is_now(self, base: str) -> None:
        """*base* is the last sign."""
        self._base = "" if base in "\t\n" else base
        self._last = base
        self._added = self._joined = 0
        self._held = ""

    def _changed(self, how: _Changes, character: str) -> str:
        held, self._held = self._held, ""
        if how is _Changes.MARK:
            carrier = "" if self._base or _is_tone(character) else _CARRIER
            shown = carrier + character
            self._base = self._base or carrier or character
        elif how is _Changes.VARIANT:
            shown = character if self._last == self._base and _has_variant(self._base, character) else ""
        elif how is _Changes.JOINER:
            shown = self._joiner(character)
        else:
            shown = self._flag(held, character)
        self._last = shown[-1:] or self._last
        return shown

    def _joiner(self, character: str) -> str:
        if self._base and _is_in(_JOINING_SCRIPTS, ord(self._last)):
            return character
        if character == _ZWJ and self._last != _ZWJ and (_is_emoji(self._base) or _is_tone(self._last)):
            self._held = character
        return ""

    def _flag(self, held: str, character: str) -> str:
        """The tags of a flag, once they are all there."""
        if self._last != _FLAG:
            return ""
        if character != _CANCEL_TAG:
            self._held = (held + character)[: _LONGEST_TAG + 1]
            return ""
        return held + character if held in _TAG_FLAGS else ""


@lru_cache(maxsize=4096)
def _sign(character: str) -> str | _Changes:  # noqa: PLR0911 - one line a rule
    """What is shown for *character*, or how it acts on the sign before it."""
    code = ord(character)
    if character in _AS_THEY_ARE or character in _VISIBLE_FORMATS:
        return character
    if character in _LINE_ENDS:
        return "\n"
    if character in (_ZWNJ, _ZWJ):
        return _Changes.JOINER
    if code in _VARIANTS:
        return _Changes.VARIANT
    if code in _TAGS:
        return _Changes.TAG
    if code in _FILLERS or code in _TAGS_AND_SELECTORS:
        return ""
    if code in _ADDED_TO_LETTERS:
        return _Changes.MARK
    return _by_category(character, code)


def _by_category(character: str, code: int) -> str | _Changes:
    match unicodedata.category(character):
        case "Cc" | "Cf":
            return ""
        case "Zs":
            return " "
        case "Cs":
            return UNKNOWN
        case "Cn":
            return character if _reserved(code) else UNKNOWN
        case "Mn" | "Mc" | "Me":
            return _Changes.MARK
        case _:
            return character


def _reserved(code: int) -> bool:
    """Whether a code point without a character yet will be an emoji or an ideograph."""
    return code in _EMOJI_TO_COME or _is_in(_IDEOGRAPHS_TO_COME, code)


def _is_in(ranges: tuple[range, ...], code: int) -> bool:
    return any(code in one for one in ranges)


@lru_cache(maxsize=512)
def _is_emoji(character: str) -> bool:
    """Whether *character* may be drawn as a picture, or is a sign close to those."""
    if not character or "\u2500" <= character <= "\u259f":
        return False
    return character in "\u2194\u2195" or _sign_category(character) == "So"


def _sign_category(character: str) -> str:
    category = unicodedata.category(character)
    return "So" if category == "Cn" and _reserved(ord(character)) else category


def _is_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _has_variant(base: str, selector: str) -> bool:
    """Whether *base* is of a kind of which Unicode lists variants that *selector* may choose."""
    if not base:
        return False
    code, category = ord(selector), _sign_category(base)
    if code in _MONGOLIAN_VARIANTS:
        return "\u1820" <= base <= "\u18aa"
    if selector in "\ufe0e\ufe0f":
        return category in ("So", "Sm") or base in _EMOJI_BEYOND_SYMBOLS
    if code in _TAGS_AND_SELECTORS:
        return category == "Lo" and _is_in(_IDEOGRAPHS, ord(base))
    return category in ("Lo", "Sm", "So") or base == "0" or (category == "Po" and base >= "\u3000")
