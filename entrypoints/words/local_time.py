"""Moments as the person reads them, with the zone that they are in: over SSH and in a container it is not known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.text.durations import duration_words

_PLAIN_ZONE: Final = re.compile(r"[A-Z]{2,5}")
"""Some zones have a sign and digits in the place of a name, and Windows has whole sentences."""


def local(at: datetime) -> datetime:
    """The aware time *at* in the zone of this machine; in UTC where that zone makes no sense."""
    try:
        return at.astimezone()
    except (ValueError, OverflowError, OSError):
        return at.astimezone(UTC)


def time_words(at: datetime) -> str:
    """The time of day and its zone: `04:09 UTC`."""
    here = local(at)
    name = here.tzname() or ""
    if not _PLAIN_ZONE.fullmatch(name):
        offset = f"{here:%z}"
        name = f"UTC{offset[:3]}:{offset[3:5]}"
    return f"{here:%H:%M} {name}"


def moment_words(at: datetime) -> str:
    """The day as well: `on Mon 23 Nov at 17:40 CET`."""
    here = local(at)
    return f"on {here:%a} {here.day} {here:%b} at {time_words(at)}"


def until_when_words(left: timedelta, at: datetime) -> str:
    """How far off *at* is and when that is: `in 2 h 53 min, at 04:09 UTC`; the day too where it is a day off."""
    when = f"at {time_words(at)}" if left < timedelta(days=1) else moment_words(at)
    return f"in {duration_words(left.total_seconds())}, {when}"
