"""Values that must not be seen."""

from __future__ import annotations

from typing import Final, Generic, NoReturn, TypeVar, final

T = TypeVar("T", bound=str | bytes)

_MASK: Final = "****"
_SHORTEST_WITH_HINT: Final = 12
"""A hint of four characters gives away too much of anything shorter."""

_FINGERPRINT_DIGITS: Final = 16
"""64 bits: two tokens of one account never share them by chance."""

_SHORTEST_IN_TEXT: Final = 6
"""Anything shorter would be found in half the words of a sentence."""

_TELLING: Final = 4
"""Characters in a row that tell something of a value."""


class Hidden(Generic[T]):
    """A value that is masked wherever Python would show it, and given out by `reveal` alone.

    Adapters call `reveal` where a secret leaves for the wire or is sealed. A test lists the modules that do; what else
    one needs of a secret, to compare it or to keep it out of a text, it does itself.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """The value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

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
        """In characters."""
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

    def masked_in(self, text: str) -> str:
        """*text* with the mask wherever it repeats the value, as it is or as in an address.

        Values of fewer than six characters are left.
        """
        if len(self._value) < _SHORTEST_IN_TEXT or not text:
            return text
        from urllib.parse import quote, quote_plus

        for form in {self._value, quote(self._value, safe=""), quote(self._value), quote_plus(self._value)}:
            text = text.replace(form, _MASK)
        return text

    def hinted_in(self, text: str) -> bool:
        """Whether *text* repeats a piece of the value: four characters in a row, down to which vendors mask a key."""
        last = len(self._value) - _TELLING
        return any(self._value[start : start + _TELLING] in text for start in range(last + 1))

    def __eq__(self, other: object) -> bool:
        return self.matches(other._value) if isinstance(other, Secret) else NotImplemented

    __hash__ = Hidden.__hash__
