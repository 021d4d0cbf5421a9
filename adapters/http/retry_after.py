"""How long an answer asks to wait before the next request."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.text.moments import http_date

LONGEST_WAIT: Final = 400 * 86_400.0
"""Seconds. A wait beyond a year is a mistake, and would overflow a date."""


def retry_after(headers: Mapping[str, str], now: datetime, *, longest: float = LONGEST_WAIT) -> float | None:
    """Seconds up to *longest*, by `retry-after-ms`, else by `retry-after` in seconds or as a date (RFC 9110, 10.2.3).

    None where *headers*, with names in lower case, ask for none that makes sense. *now* is aware.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return min(milliseconds / 1000, longest)
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return min(seconds, longest)
    date = http_date(text)
    return None if date is None else min(max((date - now).total_seconds(), 0.0), longest)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
