"""Members of a JSON object, each of the type that it must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from domain.text.moments import moment_from_text, moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_T = TypeVar("_T", str, int, float, bool, list, dict)  # type: ignore[type-arg]  # JSON's own types, whatever they hold


class BadRecord(Exception):
    """Not a record; the text says what is wrong, without quoting any of it."""


def typed_member(members: Mapping[str, Any], name: str, kind: type[_T]) -> _T:
    value = members.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadRecord(f'its "{name}" is missing or of the wrong type')
    return value


def string_list(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = typed_member(members, name, list)
    if not all(isinstance(value, str) for value in values):
        raise BadRecord(f'its "{name}" holds something other than words')
    return tuple(values)


def moment_or_none(members: Mapping[str, Any], name: str) -> datetime | None:
    return None if members.get(name) is None else moment(members, name)


def moment(members: Mapping[str, Any], name: str) -> datetime:
    found = moment_from_text(typed_member(members, name, str))
    if found is None:
        raise BadRecord(f'its "{name}" is no moment in time')
    return found


def written(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
