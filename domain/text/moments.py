"""Moments in time as text, as numbers, and as header fields name them. Every one of them is aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def moment_from_text(text: str, *, zone: tzinfo | None = None) -> datetime | None:
    """The moment that *text* names in the way of RFC 3339; where it names no zone, *zone* is meant.

    None where it is no such text, or has no zone at all.
    """
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=zone) if found.tzinfo is None else found
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def moment_from_number(number: object, *, milliseconds: bool = False) -> datetime | None:
    """The moment that many seconds, or *milliseconds*, after the beginning of 1970; None where there is none."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        return datetime.fromtimestamp(number / 1000 if milliseconds else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def moment_text(moment: datetime) -> str:
    """*moment*, which is aware, as RFC 3339 has it."""
    return moment.astimezone(UTC).isoformat()


def http_date(text: str) -> datetime | None:
    """The moment in *text* (RFC 9110, 5.6.7): aware, in UTC, cut to the second. None where it is none."""
    from email.utils import parsedate_to_datetime  # `status` reads no header, and would wait 10 ms for this

    try:
        moment = parsedate_to_datetime(text)
        # The field knows no zone but GMT; "-0000" leaves it open and means the same (RFC 5322, 3.3).
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """When the server sent the answer by its own clock: `Date` of *headers* (RFC 9110, 6.6.1)."""
    return http_date(headers["date"]) if "date" in headers else None
