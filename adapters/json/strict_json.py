"""The one strict reader of JSON: an object in which each member stands once and each number is one that JSON has.

`json_object` refuses as a whole what two readers could understand differently. `flawed_object` keeps the same rules for
files of other programs, and puts a `Flaw` in the place of what breaks one: there one bad value spoils what it stands
in, and nothing beside it.

Token answers have a forgiving reader (`adapters/oauth/forgiving_json.py`), and answers of a chat are never refused for
their form (`adapters/chat/parsing.py`).
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NoReturn

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_NUMBER: Final = 400
"""Digits; no number in a credentials file has more than some twenty."""


class NotJson(ValueError):
    """The content is no JSON object that two readers would understand alike; the message quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Stands where a value cannot be used."""

    problem: str
    """The rest of a sentence about what it stands in."""


class Members(dict[str, Any]):
    """An object as `flawed_object` reads it."""


def json_object(content: bytes) -> dict[str, Any]:
    """The object in *content*, which is UTF-8 and which the caller has kept small.

    Raises:
        NotJson: It is something else, repeats a member, or holds a number that JSON does not have.
    """
    value = _parsed(_STRICT, content, "utf-8")
    if not isinstance(value, dict):
        raise NotJson("it is no JSON object")
    return value


def json_object_at(text: str, start: int) -> tuple[dict[str, Any], int]:
    """The object whose brace is at *start* of *text*, and where it ends. Raises as `json_object` does."""
    try:
        return _STRICT.raw_decode(text, start)
    except (ValueError, RecursionError):
        raise NotJson("it is no whole JSON document") from None


def flawed_object(content: bytes) -> Members:
    """The object in *content*, which the caller has kept small, with a `Flaw` wherever it breaks a rule.

    Raises:
        NotJson: It is something else, or cut off.
    """
    value = _parsed(_FLAWED, content, "utf-8-sig")
    if not isinstance(value, Members):
        raise NotJson("it is no JSON object")
    return value


def _parsed(decoder: json.JSONDecoder, content: bytes, encoding: str) -> Any:
    try:
        return decoder.decode(content.decode(encoding))
    except (ValueError, RecursionError):
        raise NotJson("it is no whole JSON document") from None


def _refuse(problem: str) -> NoReturn:
    raise NotJson(problem)


def _decoder(kind: type[dict[str, Any]], flawed: Callable[[str], Any], **further: Any) -> json.JSONDecoder:
    """A reader that makes a *kind* of each object, and what *flawed* returns of each value that breaks a rule."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = kind(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            found.update({name: flawed("a member stands twice") for name in found if names.count(name) > 1})
        return found

    def constant(_name: str) -> Any:
        return flawed("it holds a number that JSON does not have")

    def real(text: str) -> Any:
        """A number as IEEE 754 holds it (RFC 8259, 6)."""
        number = float(text)
        return number if isfinite(number) else flawed("it holds a number that is too large")

    return json.JSONDecoder(object_pairs_hook=members, parse_constant=constant, parse_float=real, **further)


def _whole(text: str) -> int | Flaw:
    return int(text) if len(text) <= _LONGEST_NUMBER else Flaw("it holds a number that is too long")


_STRICT: Final = _decoder(dict, _refuse)
_FLAWED: Final = _decoder(Members, Flaw, parse_int=_whole)
