"""How far this machine's clock is off, by the time that a server names in an answer, and what that is used for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from domain.credential import CredentialKind, CredentialRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST: Final = timedelta(hours=48)
"""What is further off is no clock that was set wrong, but a server without one, or a machine without a battery."""

NOTICEABLE: Final = timedelta(minutes=2)
"""A clock that is off by more is worth a word."""

_TICK: Final = timedelta(seconds=1)
"""A server's time is cut to the second (RFC 9110, 5.6.7)."""


def clock_ahead(theirs: datetime | None, *, sent: datetime, received: datetime) -> timedelta:
    """How far our clock is ahead of the server's, negative where it is behind: no more than the answer proves.

    *theirs* is what the server named, at some moment between *sent* and *received* by our clock; all aware, in UTC.
    Zero where that tells nothing: no time was named, our clock was moved meanwhile, or they differ by more than
    `LARGEST`.
    """
    if theirs is None or received < sent:
        return timedelta(0)
    least, most = sent - theirs - _TICK, received - theirs
    proven = max(least, min(most, timedelta(0)))
    return proven if abs(proven) <= LARGEST else timedelta(0)


def on_our_clock(theirs: datetime | None, ahead: timedelta) -> datetime | None:
    """What our clock, which is *ahead*, shows when the server's shows *theirs*; None where it names no moment."""
    try:
        return None if theirs is None else theirs + ahead
    except OverflowError:  # as far off as a date can be, with either clock
        return theirs


def clock_off(records: Iterable[CredentialRecord]) -> CredentialRecord | None:
    """The session whose server found our clock off by more than `NOTICEABLE`; None where the latest word is another.

    That word was true when the session was obtained: since then the clock may have been set.
    """
    sessions = [record for record in records if record.kind is CredentialKind.OAUTH]
    latest = max(sessions, key=lambda record: record.obtained_at - record.clock_ahead, default=None)
    return latest if latest is not None and abs(latest.clock_ahead) > NOTICEABLE else None
