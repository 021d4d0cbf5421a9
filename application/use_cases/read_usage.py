"""What was used, and what is left, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.ledger import LedgerReading
from domain.usage.entry import LimitMet, Told
from domain.usage.gauge import LOOKS_BACK, Gauge, gauges
from domain.usage.sums import Total, Used

_HOLDS: Final = timedelta(hours=1)
"""How long it says something what is left of a limit, where nobody said when there is all of it again."""


@dataclass(frozen=True, slots=True)
class PlanUse:
    """How much of plans is used, and what providers told of their limits."""

    at: datetime
    """Aware, in UTC: when it was looked at."""
    gauges: tuple[Gauge, ...]
    told: tuple[Told, ...]
    """What was told of limits that are not whole again yet, the latest first."""
    limits: tuple[LimitMet, ...]
    """Limits that were met and are lifted at a moment to come, as the provider said."""


class ReadUsage:
    """Reads the ledger. It asks no provider."""

    def __init__(self, *, ledger: LedgerReading, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def used(self, first: date, last: date) -> tuple[Used, ...]:
        """What was used in those days (UTC), both included."""
        return self._ledger.used(first, last)

    def in_conversation(self, conversation_id: str) -> Total:
        """What one conversation used so far."""
        return self._ledger.in_conversation(conversation_id)

    def plans(self) -> PlanUse:
        """How much of plans is used now."""
        now = self._clock.now()
        limits = self._ledger.limits(now - LOOKS_BACK)
        found = gauges(self._ledger.plan_moments(now - LOOKS_BACK), limits, now)
        told = [one for one in self._ledger.told() if _still_says_something(one, now)]
        told.sort(key=lambda one: one.at, reverse=True)
        ahead = tuple(limit for limit in limits if limit.resets_at is not None and limit.resets_at > now)
        return PlanUse(now, found, tuple(told), ahead)


def _still_says_something(told: Told, now: datetime) -> bool:
    """Whether the limit is not whole again yet, as far as that can be known."""
    resets_at = told.allowance.resets_at
    return now - told.at < _HOLDS if resets_at is None else resets_at > now
