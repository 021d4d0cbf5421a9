"""Days of which sums are made: months as vendors bill them, or any others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included, in UTC."""

    first: date
    last: date

    @property
    def month_before(self) -> Period:
        """The month before the one in which it begins."""
        return month_of(self.first.replace(day=1) - timedelta(days=1)) if self.first > date(1, 1, 31) else self

    @property
    def month_after(self) -> Period:
        """The month behind the one in which it ends."""
        month = month_of(self.last)
        return month_of(month.last + timedelta(days=1)) if month.last < date(9999, 1, 1) else self

    @property
    def is_month(self) -> bool:
        """Whether it is one whole month."""
        return self == month_of(self.first)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}" if self.is_month else f"{self.first} to {self.last}"


def month_of(day: date) -> Period:
    """The month that *day* is in."""
    first = day.replace(day=1)
    following = date.max if (first.year, first.month) == (9999, 12) else (first + timedelta(days=31)).replace(day=1)
    return Period(first, following - timedelta(days=1))


def month_named(text: str) -> Period | None:
    """The month that *text* names, as in 2026-11; None where it names none."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) == 0:  # noqa: PLR2004 - months
        return None
    return month_of(date(int(found[1]), int(found[2]), 1))
