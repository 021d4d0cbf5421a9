"""When a session may be renewed, how long to wait after a failure, and what stops a loop.

Pure: the time and all randomness are handed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from domain.credential import CredentialRecord, Rejection, Setback
from domain.renewal.freshness import Freshness, Instant, freshness, shortest_gap

_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(minutes=5)
_LONGEST_ASKED: Final = timedelta(hours=1)
"""A server that asks for more is asked again after an hour."""

_FIRST_DOUBT: Final = timedelta(seconds=30)
"""After a second lost answer in a row."""

SPACED_TRIES: Final = 3
"""So often a refusal that nobody can explain is tried again soon; afterwards once an hour."""

IMPATIENCE: Final = timedelta(seconds=5)
"""A person who acts is not made to wait for the next try, but is given one no more often than this."""

REJECTION_GAP: Final = timedelta(seconds=60)
"""A token that was refused right after it was renewed for that very reason is not renewed again before this."""

REJECTION_WINDOW: Final = timedelta(minutes=10)
REJECTIONS_AT_MOST: Final = 2
"""So many renewals because of refused tokens in one window: a token may die early, but not one after the other."""


def may_renew_for_rejection(record: CredentialRecord, now: datetime) -> bool:
    """Whether an access token that the API refused before its time is reason enough. *now* is aware, in UTC."""
    recent = _renewed_for_rejection(record, now)
    if not recent:
        return True
    gap = max(REJECTION_GAP, shortest_gap(record))
    return len(recent) < REJECTIONS_AT_MOST and now - recent[-1] >= gap


def rejected(record: CredentialRecord, now: datetime) -> Rejection:
    """The note on a renewal that a refused token causes now. *now* is aware, in UTC."""
    return Rejection(record.generation, (*_renewed_for_rejection(record, now), now)[-REJECTIONS_AT_MOST:])


def may_renew_early(record: CredentialRecord, at: Instant, *, spread: float) -> bool:
    """Whether a session that is due, and still good, is to be renewed now: not before its time, nor during a pause."""
    if freshness(record, at, spread=spread) is not Freshness.DUE:
        return False
    return not is_too_early(record, at.wall) and not is_pausing(record, at.wall)


def is_too_early(record: CredentialRecord, now: datetime) -> bool:
    """Whether the provider asked to wait. It is obeyed as long as the token is good; *now* is aware, in UTC."""
    return record.earliest_refresh_at is not None and now < record.earliest_refresh_at


def is_pausing(record: CredentialRecord, now: datetime) -> bool:
    """Whether a failed renewal is being waited out. A pause longer than any that is ever set comes of a moved clock."""
    setback = record.setback
    return setback is not None and now < setback.next_try <= now + _LONGEST_ASKED


def was_just_tried(record: CredentialRecord, now: datetime) -> bool:
    """Whether even a person who acts has to wait: the last try failed less than `IMPATIENCE` ago."""
    setback = record.setback
    return setback is not None and setback.at is not None and timedelta(0) <= now - setback.at < IMPATIENCE


def seconds_to_wait(setback: Setback, now: datetime, *, unattended: bool) -> float:
    """Until the next try, for a person or for nobody. *now* is aware, in UTC."""
    moment = setback.next_try if unattended or setback.at is None else setback.at + IMPATIENCE
    return max((moment - now).total_seconds(), 0.0)


def set_back(
    record: CredentialRecord, reason: str, now: datetime, *, chance: float, asked: float | None = None
) -> Setback:
    """The note on a failed renewal. *chance*, from 0 to 1, spreads the pauses of many processes ("full jitter").

    *asked* are the seconds that the provider asks to wait; *now* is aware, in UTC.
    """
    attempts = _attempts(record) + 1
    pause = chance * min(_FIRST_PAUSE * 2 ** min(attempts, 10), _LONGEST_PAUSE)
    if asked is not None:
        pause = min(max(timedelta(seconds=asked), timedelta(0)), _LONGEST_ASKED)
    return Setback(reason, attempts, now + pause, now)


def left_in_doubt(record: CredentialRecord, reason: str, now: datetime) -> Setback:
    """The note on a renewal whose answer was lost twice: half a minute, then twice as long, up to five minutes."""
    attempts = _attempts(record) + 1
    pause = min(_FIRST_DOUBT * 2 ** min(attempts - 1, 10), _LONGEST_PAUSE)
    return Setback(reason, attempts, now + pause, now)


def unexplained(record: CredentialRecord, reason: str, now: datetime) -> Setback:
    """The note on a refusal that says nothing known: spaced tries first, then one an hour. It ends no session."""
    attempts = _attempts(record) + 1
    pause = _LONGEST_ASKED if attempts >= SPACED_TRIES else _FIRST_DOUBT * 2 ** (attempts - 1)
    return Setback(reason, attempts, now + pause, now)


def _attempts(record: CredentialRecord) -> int:
    return record.setback.attempts if record.setback else 0


def _renewed_for_rejection(record: CredentialRecord, now: datetime) -> tuple[datetime, ...]:
    """Those of the window, by a wall clock that may have been set: what lies in the future never happened.

    Without the renewal of this very generation, which is under way in some process, or failed: whoever was refused the
    same token waits for it or repeats it, and is not refused for its sake.
    """
    if record.rejection is None:
        return ()
    times = record.rejection.times
    done = times[:-1] if record.rejection.generation == record.generation else times
    return tuple(moment for moment in done if now - REJECTION_WINDOW < moment <= now)
