"""How long something lasts, in words."""

from __future__ import annotations

from math import ceil
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_SECONDS_UNTIL_MINUTES: Final = 120
"""Below this, seconds say more than minutes."""


def duration_words(seconds: float) -> str:
    """*seconds* in two units at most: `45 s`, `12 min`, `2 h 53 min`, `3 days 4 h`. Rounded up: nobody is early."""
    whole = max(ceil(seconds), 0)
    if whole < _SECONDS_UNTIL_MINUTES:
        return f"{whole} s"
    if whole <= _HOUR - _MINUTE:
        return f"{ceil(whole / _MINUTE)} min"
    if whole <= _DAY - _MINUTE:
        hours, minutes = divmod(ceil(whole / _MINUTE), _MINUTE)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(ceil(whole / _HOUR), 24)
    plural = "" if days == 1 else "s"
    return f"{days} day{plural} {hours} h" if hours else f"{days} day{plural}"
