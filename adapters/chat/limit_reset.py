"""When a used-up limit is lifted, as the headers of an answer say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from adapters.http.retry_after import LONGEST_WAIT
from domain.text.moments import moment_from_text

_RESET: Final = re.compile(r"anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-reset")
_GO_DURATION: Final = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d))+")
_GO_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def named_reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the last of the limits that have nothing left is lifted; None if no header tells."""
    used_up = (value for name, value in headers.items() if _RESET.fullmatch(name) and _is_used_up(headers, name))
    resets = [moment_from_text(value) for value in used_up]
    for kind in ("requests", "tokens"):
        name = f"x-ratelimit-reset-{kind}"
        if headers.get(name) and headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0":
            resets.append(later(headers[name], now))
    return max((reset for reset in resets if reset is not None), default=None)


def _is_used_up(headers: Mapping[str, str], reset: str) -> bool:
    return headers.get(f"{reset.removesuffix('reset')}remaining", "").strip() == "0"


def later(duration: str, now: datetime) -> datetime | None:
    """*now* and a duration in Go's notation, as in `6m0s`."""
    if not _GO_DURATION.fullmatch(duration):
        return None
    parts = re.findall(r"([\d.]+)(ms|s|m|h|d)", duration)
    seconds = sum(float(number) * _GO_UNITS[unit] for number, unit in parts)
    return now + timedelta(seconds=min(seconds, LONGEST_WAIT))
