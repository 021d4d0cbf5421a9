"""When to come back, as an answer's headers say."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_RESET: Final = re.compile(r"anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-reset")
_GO_DURATION: Final = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d))+")
_GO_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST_WAIT: Final = 400 * 86_400.0
"""Seconds. A wait beyond a year is a mistake, and would overflow a date."""


def named_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by `retry-after-ms`, else by `retry-after` in seconds or as a date (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    # Without a zone it is GMT, the only one that the header knows.
    date = date if date.tzinfo else date.replace(tzinfo=now.tzinfo)
    return min(max((date - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return min(number, _LONGEST_WAIT) if math.isfinite(number) and number >= 0 else None


def named_reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the last of the limits that have nothing left is lifted; None if no header tells."""
    resets = [_moment(value) for name, value in headers.items() if _RESET.fullmatch(name) and _empty(headers, name)]
    for kind in ("requests", "tokens"):
        name = f"x-ratelimit-reset-{kind}"
        if headers.get(name) and headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0":
            resets.append(_later(headers[name], now))
    return max((reset for reset in resets if reset is not None), default=None)


def _empty(headers: Mapping[str, str], reset: str) -> bool:
    return headers.get(f"{reset.removesuffix('reset')}remaining", "").strip() == "0"


def _moment(text: str) -> datetime | None:
    """RFC 3339; without a zone it is no moment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _later(duration: str, now: datetime) -> datetime | None:
    """*now* and a duration in Go's notation, as in `6m0s`."""
    if not _GO_DURATION.fullmatch(duration):
        return None
    parts = re.findall(r"([\d.]+)(ms|s|m|h|d)", duration)
    seconds = sum(float(number) * _GO_UNITS[unit] for number, unit in parts)
    return now + timedelta(seconds=min(seconds, _LONGEST_WAIT))
