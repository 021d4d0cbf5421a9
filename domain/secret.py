"""A string that must not be seen."""

from __future__ import annotations

from typing import Final, NoReturn

_MASK: Final = "****"
_SHORTEST_WITH_HINT: Final = 12
"""A hint of four characters gives away too much of anything shorter."""

_FINGERPRINT_DIGITS: Final = 16
"""64 bits: two tokens of one account never share them by chance."""


class Secret:
    """A token or key: masked wherever Python would show it, given out by `reveal` alone.

    Adapters call `reveal` where a secret leaves for the wire or is sealed; nobody else does.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    @property
    def hint(self) -> str:
        """The last four characters behind an ellipsis, for a person to tell two keys apart."""
        return f"…{self._value[-4:]}" if len(self._value) >= _SHORTEST_WITH_HINT else "…"

    @property
    def fingerprint(self) -> str:
        """Names the value without giving any of it away; what is sealed has some hundred random bits."""
        from hashlib import sha256

        return sha256(b"keyswitch fingerprint\0" + self._value.encode()).hexdigest()[:_FINGERPRINT_DIGITS]

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest

        return compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return f"Secret({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")

    __copy__ = __reduce__

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")
