"""Moments in time as text and as numbers. Every one of them is aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


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
