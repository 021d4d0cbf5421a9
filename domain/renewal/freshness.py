"""How old a token is, and whether that is a reason to renew it: by two clocks, neither of which is believed alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from domain.credential import BootStamp, CredentialKind, CredentialRecord
from domain.records import dataclass

LONGEST_MARGIN: Final = timedelta(minutes=5)
"""The most that a session counts as due before its expiry. Of a short life it is a quarter, or a token of
30 s would always be due."""

LONGEST_RESERVE: Final = timedelta(minutes=1)
"""Closer than this to its expiry (or a tenth of a short life) a token is no longer sent."""

LONGEST_SPREAD: Final = timedelta(minutes=1)
"""By at most this (or an eighth of a short life) a process comes later than the margin says, so that the windows of
one person do not all begin in the same second."""

UNKNOWN_LIFE: Final = timedelta(minutes=55)
"""Where the provider gives no `expires_in` (RFC 6749, 5.1 only recommends it) a token is renewed at this age, and used
until it is refused."""

CLOCK_TOLERANCE: Final = timedelta(minutes=2)
"""A wall clock further than this before the moment a token was obtained has been moved."""

SHORTEST_GAP: Final = timedelta(seconds=10)
"""Between two renewals of one session lies at least this, or a quarter of a longer life: a provider that grants a life
of zero, or a clock that is years off, must not cause a loop."""


class Freshness(Enum):
    """What the age of a token asks for."""

    FRESH = auto()
    DUE = auto()
    """Renew before the next call if that can be done; until then the token is still good."""
    EXPIRED = auto()
    """Do not send it any more."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Now, by the wall clock, and by the clock that counts from boot where that is known."""

    wall: datetime
    """Aware, in UTC."""
    boot: BootStamp | None = None


def life(record: CredentialRecord) -> timedelta | None:
    """How long the access token was granted for; None where the provider did not say."""
    if record.access_expires_at is None:
        return None
    return max(record.access_expires_at - record.obtained_at, timedelta(0))


def age(record: CredentialRecord, at: Instant) -> timedelta:
    """How long ago the tokens were obtained, by the clock that says more. Negative if the wall clock was set back."""
    wall = at.wall - record.obtained_at
    since_boot = _age_by_boot(record, at.boot)
    return wall if since_boot is None else max(wall, since_boot)


def was_set_back(record: CredentialRecord, at: Instant) -> bool:
    """Whether the wall clock stands before the moment at which the tokens were obtained."""
    return at.wall < record.obtained_at - CLOCK_TOLERANCE


def freshness(record: CredentialRecord, at: Instant, *, spread: float = 0.0) -> Freshness:
    """What the age of *record* asks for. *spread*, from 0 to 1, is this process's share of `LONGEST_SPREAD`.

    Less than the shortest gap after the last renewal there is no reason for another, whatever the clocks say.
    """
    if record.kind is not CredentialKind.OAUTH or timedelta(0) <= age(record, at) < shortest_gap(record):
        return Freshness.FRESH
    granted, old = life(record), age(record, at)
    if granted is None:
        return Freshness.DUE if old >= UNKNOWN_LIFE or was_set_back(record, at) else Freshness.FRESH
    if old >= granted - min(LONGEST_RESERVE, granted / 10):
        return Freshness.EXPIRED
    due = old >= _due_age(granted, spread) or was_set_back(record, at)
    return Freshness.DUE if due else Freshness.FRESH


def renewal_at(record: CredentialRecord, *, spread: float = 0.0) -> datetime:
    """When the session becomes due, by the wall clock: aware, in UTC."""
    granted = life(record)
    age_then = UNKNOWN_LIFE if granted is None else _due_age(granted, spread)
    moment = record.obtained_at + max(age_then, shortest_gap(record))
    return max(moment, record.earliest_refresh_at or moment)


def shortest_gap(record: CredentialRecord) -> timedelta:
    """The least time between two renewals of this session."""
    granted = life(record)
    return SHORTEST_GAP if granted is None else max(SHORTEST_GAP, granted / 4)


def _due_age(granted: timedelta, spread: float) -> timedelta:
    return granted - min(LONGEST_MARGIN, granted / 4) + spread * min(LONGEST_SPREAD, granted / 8)


def _age_by_boot(record: CredentialRecord, now: BootStamp | None) -> timedelta | None:
    then = record.obtained_at_boot
    if now is None or then is None or then.boot_id != now.boot_id:
        return None
    return timedelta(seconds=now.seconds - then.seconds)
