"""The time that a server names in an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """`Date` of *headers* (RFC 9110, 6.6.1): aware, in UTC, cut to the second. None where it is missing or none."""
    try:
        moment = parsedate_to_datetime(headers["date"])
        # "-0000" leaves the zone open, and a server that writes it means UTC (RFC 5322, 3.3).
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
