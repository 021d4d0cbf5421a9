"""Keep the sign-ins alive while the app is open, without anybody waiting for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Final, Protocol

from application.ports.clock import Clock
from application.ports.session_store import RecordReader
from application.renewal.coordinator import Renewal
from application.renewal.spend_token import MISCONFIGURED
from application.renewal.warnings import Ending, EndingWarnings
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import KeyswitchError, ProviderError, SessionEnded, SignInNeeded, StoreBusy, StoreError
from domain.records import dataclass
from domain.renewal.freshness import Freshness, Instant, age, freshness
from domain.renewal.retry_policy import is_pausing, is_too_early

TICK: Final = 15.0
"""Seconds that should lie between two looks; each costs one `stat` while nothing changes. No session is due for less
than this before it is needed, but for those that live less than a minute."""

IDLE_INTERVAL: Final = timedelta(days=1)
"""A session that is not in use is renewed this often. That keeps its refresh token alive; more would gain nothing."""

IDLE_RETRY: Final = timedelta(hours=1)
"""An idle session is tried again this long after a failure."""

IDLE_SPREAD: Final = timedelta(hours=1)
"""An idle session comes up to this much later in one process than in another."""

LONGEST_WAKE_PAUSE: Final = 10.0
"""Seconds. After sleep all windows of all programs wake at once, and the network comes back a little later."""

JUMP: Final = 30.0
"""Seconds by which two clocks of one machine may drift apart between two looks: more is sleep, or a clock set."""


class Watcher(Protocol):
    """The window that the renewals are for."""

    def in_use(self) -> CredentialKey | None:
        """The credential that the next message would use."""
        ...

    def renewal_trouble(self, error: KeyswitchError | None) -> None:
        """Show what keeps renewals from being made and is noted in no record; None once it is over."""
        ...

    def sign_in_ends(self, ending: Ending) -> None:
        """Warn that a sign-in ends soon. Each warning comes once."""
        ...


@dataclass(frozen=True, slots=True)
class _Reading:
    """What three clocks show at one moment, in seconds."""

    wall: float
    running: float
    """This one stands still while the machine sleeps."""
    booted: float | None

    def jumped_since(self, before: _Reading) -> bool:
        """Whether time passed that the machine slept through, or the wall clock was set."""
        ran = self.running - before.running
        if self.booted is None or before.booted is None:
            return abs((self.wall - before.wall) - ran) > JUMP
        passed = self.booted - before.booted
        return abs(passed - ran) > JUMP or abs((self.wall - before.wall) - passed) > JUMP


class BackgroundRenewal:
    """Renew the session in use when it is due, and each idle one once a day.

    Each look renews one idle session at most, so that many of them spread. A failure stops nothing: the note on it is
    in the record, and the next look respects its pause.
    """

    def __init__(
        self,
        *,
        sessions: RecordReader,
        renewal: Renewal,
        clock: Clock,
        warnings: EndingWarnings,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """*chance* gives numbers from 0 to 1; the first is this process's share of the spread of idle sessions."""
        self._sessions = sessions
        self._renewal = renewal
        self._clock = clock
        self._warnings = warnings
        self._chance = chance
        self._idle_interval = IDLE_INTERVAL + chance() * IDLE_SPREAD
        self._last = self._reading()
        self._known: tuple[Hashable, tuple[CredentialRecord, ...]] | None = None
        self._in_trouble = False

    async def look(self, watcher: Watcher) -> None:
        """Look once: renew what is due, and warn of what ends. Call it every `TICK`, and not while one is under way."""
        jumped, self._last = self._reading().jumped_since(self._last), self._reading()
        try:
            records = await self._records(anew=jumped)
            if jumped:
                # Whoever woke first has done the work by then; what is read after the pause says so.
                await self._clock.sleep(self._chance() * LONGEST_WAKE_PAUSE)
                self._last = self._reading()
                records = await self._records(anew=True)
        except StoreError as error:
            self._report(watcher, error)
            return
        trouble: KeyswitchError | None = None
        for record in self._due(records, watcher.in_use()):
            trouble = await self._renew(record.key) or trouble
        self._report(watcher, trouble)
        for ending in self._warnings(records, self._now()):
            watcher.sign_in_ends(ending)

    async def _records(self, *, anew: bool) -> tuple[CredentialRecord, ...]:
        stamp = self._sessions.stamp()
        if anew or self._known is None or self._known[0] != stamp:
            self._known = (stamp, await asyncio.to_thread(self._sessions.records))
        return self._known[1]

    def _due(self, records: tuple[CredentialRecord, ...], in_use: CredentialKey | None) -> list[CredentialRecord]:
        """What to renew now: the session in use, and the idle one that has waited longest."""
        at = self._now()
        due = [record for record in records if _may_be_renewed(record, at)]
        used = [record for record in due if record.key == in_use]
        idle = [record for record in due if record.key != in_use and self._is_idle_long_enough(record, at)]
        return used + sorted(idle, key=lambda record: record.obtained_at)[:1]

    def _is_idle_long_enough(self, record: CredentialRecord, at: Instant) -> bool:
        tried = record.setback.at if record.setback else None
        rested = tried is None or not timedelta(0) <= at.wall - tried < IDLE_RETRY
        return age(record, at) >= self._idle_interval and rested

    async def _renew(self, key: CredentialKey) -> KeyswitchError | None:
        """Renew *key*, and return the error that no record tells of, if there was one."""
        try:
            await self._renewal(key, unattended=True)
        except MISCONFIGURED as error:
            return error
        except (ProviderError, SessionEnded, SignInNeeded, StoreBusy):
            return None  # the record says it, it is gone, or another process is at it
        except KeyswitchError as error:
            return error
        return None

    def _report(self, watcher: Watcher, trouble: KeyswitchError | None) -> None:
        if trouble is not None or self._in_trouble:
            watcher.renewal_trouble(trouble)
        self._in_trouble = trouble is not None

    def _now(self) -> Instant:
        return Instant(self._clock.now(), self._clock.boot())

    def _reading(self) -> _Reading:
        boot = self._clock.boot()
        return _Reading(self._clock.now().timestamp(), self._clock.monotonic(), boot.seconds if boot else None)


def _may_be_renewed(record: CredentialRecord, at: Instant) -> bool:
    if record.kind is not CredentialKind.OAUTH or record.tombstone is not None or not record.renewable:
        return False
    if is_pausing(record, at.wall):
        return False
    state = freshness(record, at)
    return state is Freshness.EXPIRED or (state is Freshness.DUE and not is_too_early(record, at.wall))
