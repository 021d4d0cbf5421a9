"""Values that must not be seen."""

from __future__ import annotations

import re
from typing import Final, Generic, NoReturn, TypeVar, final

from domain.text.vendor_secrets import MASK, Mark, mark_of

T = TypeVar("T", bound=str | bytes)

_SHORTEST_WITH_HINT: Final = 12
"""A hint of four characters gives away too much of anything shorter."""

_FINGERPRINT_DIGITS: Final = 16
"""64 bits: two tokens of one account never share them by chance."""

_SHORTEST_IN_TEXT: Final = 6
"""Anything shorter would be found in half the words of a sentence."""

_TELLING: Final = 4
"""Characters in a row that tell something of a value."""

_UNSEEN: Final = frozenset(
    {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u3164", "\uffa0", *map(chr, range(0x180B, 0x1810))}
    | {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}
)
"""Characters that count as printable and show nothing: fillers, joiners, variation selectors."""

_ESCAPED: Final = re.compile(r"\\(?:[nrt]|u[0-9A-Fa-f]{4})")
"""A line break or another character as JSON escapes it, in a text that was escaped twice."""


class Hidden(Generic[T]):
    """A value that is masked wherever Python would show it, and given out by `reveal` alone.

    Adapters call `reveal` where a secret leaves for the wire or is sealed. A test lists the modules that do; what else
    one needs of a secret, to compare it or to keep it out of a text, it does itself.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """The value itself, for the one place that sends or stores it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is neither pickled nor copied")

    __copy__ = __getstate__ = __reduce__

    def __deepcopy__(self, memo: object) -> NoReturn:
        self.__reduce__()


class SecretBytes(Hidden[bytes]):
    """A key of a cipher."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretBytes):
            return NotImplemented
        from hmac import compare_digest

        return compare_digest(self._value, other._value)

    __hash__ = Hidden.__hash__


@final
class Secret(Hidden[str]):
    """A token or key."""

    __slots__ = ()

    @property
    def hint(self) -> str:
        """The last four characters behind an ellipsis, for a person to tell two keys apart."""
        return f"…{self._value[-4:]}" if len(self._value) >= _SHORTEST_WITH_HINT else "…"

    @property
    def length(self) -> int:
        """How many characters the value has."""
        return len(self._value)

    @property
    def fingerprint(self) -> str:
        """Names the value without giving any of it away; what is sealed has some hundred random bits."""
        from hashlib import sha256

        return sha256(b"keyswitch fingerprint\0" + self._value.encode()).hexdigest()[:_FINGERPRINT_DIGITS]

    @property
    def sendable(self) -> bool:
        """Whether it is one word of visible ASCII: a line end in it would end the header field that carries it
        (RFC 9110, 5.5).
        """
        return bool(self._value) and all("!" <= character <= "~" for character in self._value)

    def stripped(self) -> Secret:
        """Without blanks and line ends around it."""
        return Secret(self._value.strip())

    def matches(self, given: str) -> bool:
        """Whether *given* is the value, in a time that does not tell how much of it is."""
        from hmac import compare_digest

        return compare_digest(given.encode("utf-8", "replace"), self._value.encode("utf-8", "replace"))

    def begins(self, pattern: str) -> bool:
        """Whether it begins as the regular expression *pattern* says."""
        return re.match(pattern, self._value) is not None

    @property
    def mark(self) -> Mark | None:
        """Whose it is, as far as the value tells."""
        return mark_of(self._value)

    def masked_in(self, text: str) -> str:
        """*text* with the mask wherever it repeats the value, as it is or as in an address.

        White space and characters that nobody sees do not hide it. Values of fewer than six characters are left.
        """
        if len(self._value) < _SHORTEST_IN_TEXT or not text:
            return text
        from urllib.parse import quote, quote_plus

        for form in {self._value, quote(self._value, safe=""), quote(self._value), quote_plus(self._value)}:
            text = _masked_across_gaps(form, text.replace(form, MASK))
        return text

    def hinted_in(self, text: str) -> bool:
        """Whether *text* repeats a piece of the value: four characters in a row, down to which vendors mask a key."""
        last = len(self._value) - _TELLING
        return any(self._value[start : start + _TELLING] in text for start in range(last + 1))

    def __eq__(self, other: object) -> bool:
        return self.matches(other._value) if isinstance(other, Secret) else NotImplemented

    __hash__ = Hidden.__hash__


def _masked_across_gaps(value: str, text: str) -> str:
    """*text* with the mask for *value*, whatever gaps are in it there."""
    wanted = "".join(character for character in value if not _is_gap(character))
    if len(wanted) < _SHORTEST_IN_TEXT:
        return text
    kept = [place for place in _outside_escapes(text) if not _is_gap(text[place])]
    squeezed = "".join(text[place] for place in kept)
    found = squeezed.find(wanted)
    parts, done = [], 0
    while found >= 0:
        last = found + len(wanted) - 1
        parts += [text[done : kept[found]], MASK]
        done, found = kept[last] + 1, squeezed.find(wanted, last + 1)
    return "".join([*parts, text[done:]])


def _outside_escapes(text: str) -> list[int]:
    """The places in *text* that are no part of an escaped character."""
    hidden = {place for found in _ESCAPED.finditer(text) for place in range(*found.span())}
    return [place for place in range(len(text)) if place not in hidden]


def _is_gap(character: str) -> bool:
    return character.isspace() or not character.isprintable() or character in _UNSEEN
