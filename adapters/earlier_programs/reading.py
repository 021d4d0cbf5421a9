"""JSON that others wrote, read so that one bad value spoils what it stands in and nothing beside it.

What a strict reader refuses as a whole (a member that stands twice, `NaN`, a number without end) becomes a `Flaw` in
its place here, which is neither a text nor a number: whoever needs that value has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

_LONGEST_NUMBER: Final = 400
"""Digits; no number in a credentials file has more than some twenty."""


class NoObject(ValueError):
    """The bytes are no JSON object; the message says so without quoting any of them."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Stands where a value cannot be used."""

    problem: str
    """The rest of a sentence about what it stands in."""


class Members(dict[str, Any]):
    """An object with the names that it has twice, each of which holds a `Flaw`."""

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> Members:
        """The object that *pairs* make."""
        members = cls(pairs)
        if len(members) != len(pairs):
            names = [name for name, _ in pairs]
            for name in members:
                if names.count(name) > 1:
                    members[name] = Flaw("a member stands twice")
        return members


def object_of(content: bytes) -> Members:
    """The object in *content*, which the caller has kept small.

    Raises:
        NoObject: It is something else, or cut off.
    """
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=Members.of,
            parse_constant=lambda _: Flaw("it holds a number that JSON does not have"),
            parse_float=_real,
            parse_int=_whole,
        )
    except (ValueError, RecursionError):
        raise NoObject("it is no whole JSON document") from None
    if not isinstance(value, Members):
        raise NoObject("it is no JSON object")
    return value


def _real(text: str) -> float | Flaw:
    number = float(text)
    return number if isfinite(number) else Flaw("it holds a number that is too large")


def _whole(text: str) -> int | Flaw:
    return int(text) if len(text) <= _LONGEST_NUMBER else Flaw("it holds a number that is too long")
