"""Moments as the header fields of an answer name them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(text: str) -> datetime | None:
    """The moment in *text* (RFC 9110, 5.6.7): aware, in UTC, cut to the second. None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        # The field knows no zone but GMT; "-0000" leaves it open and means the same (RFC 5322, 3.3).
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """When the server sent the answer by its own clock: `Date` of *headers* (RFC 9110, 6.6.1)."""
    return http_date(headers["date"]) if "date" in headers else None
