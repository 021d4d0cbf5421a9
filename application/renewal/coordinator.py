"""Decide whether a session must be renewed, and let one process at a time renew it, however many windows ask.

`Renewal` reads from top to bottom: look at what is stored, decide, take the right to renew, read again, spend the
token, and hold on to the result where the disk would not take it. `spend_token.py` has the step between.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, suppress
from typing import Final

from application.ports.clock import Clock
from application.ports.session_store import SessionStore
from application.ports.uninterrupted import Uninterrupted
from application.renewal.spend_token import MISCONFIGURED, Settled, SpendToken
from domain.credential import CredentialKey, CredentialRecord, Version
from domain.errors import (
    AuthRejected,
    KeyswitchError,
    ProviderError,
    RefreshInterrupted,
    RenewalPaused,
    SessionEnded,
    SignInNeeded,
    StoreBusy,
    StoreError,
)
from domain.records import dataclass
from domain.renewal.freshness import Freshness, Instant, freshness
from domain.renewal.retry_policy import (
    is_pausing,
    is_too_early,
    may_renew_early,
    may_renew_for_rejection,
    seconds_to_wait,
    was_just_tried,
)
from domain.session import ApiKey, OwnCredential, Session

LONGEST_WAIT: Final = 30.0
"""Seconds to wait for another process that is renewing the same session."""

POLL_SECONDS: Final = 0.1
LONGEST_POLL: Final = 1.0
"""Seconds between two looks at whether that process is done, or has let go: one `stat` and one try at a lock. The pause
grows to a quarter of the wait, so that many who wait leave the machine to the one that renews."""

SAVE_AGAIN_SECONDS: Final = 5.0
"""Seconds between two tries to save a session that the disk would not take."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller wants a credential for."""

    rejected: int | None = None
    """The generation that the provider's API answered 401 to."""
    force: bool = False
    """Whether a fresh session is renewed as well."""
    unattended: bool = False
    """Whether no person waits. Then a pause after a failure is kept to the second."""


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """A renewed session that is stored in no record yet. It is the only good copy."""

    session: Session
    right: AbstractContextManager[None] | None
    """The right to renew, kept where no other process could find this copy: nobody may send the stored token again.
    None where the copy lies beside the store."""


class Renewal:
    """Hand out a credential that is good for the next call, renewed if it must be.

    A provider may rotate the refresh token on every use (RFC 6749, 6), so two processes must never spend it at once.
    Whoever waited for the right to renew reads the store again, and usually finds the work done.
    """

    def __init__(
        self,
        *,
        sessions: SessionStore,
        spend_token: SpendToken,
        clock: Clock,
        uninterrupted: Uninterrupted,
        chance: Callable[[], float] = random.random,
        strict: Callable[[], bool] = lambda: False,
    ) -> None:
        """*chance* gives numbers from 0 to 1; the first is this process's share of the spread of renewals.

        *strict* tells whether a refresh token whose answer was lost is never sent again.
        """
        self._sessions = sessions
        self._spend_token = spend_token
        self._clock = clock
        self._uninterrupted = uninterrupted
        self._spread = chance()
        self._strict = strict
        self._running: dict[CredentialKey, asyncio.Task[OwnCredential]] = {}
        self._seen: dict[CredentialKey, tuple[Hashable, OwnCredential]] = {}
        self._misconfigured: dict[tuple[CredentialKey, Version], KeyswitchError] = {}
        self._unsaved: dict[CredentialKey, _Unsaved] = {}
        self._saving: asyncio.Task[None] | None = None

    async def __call__(
        self, key: CredentialKey, *, rejected: int | None = None, force: bool = False, unattended: bool = False
    ) -> OwnCredential:
        """The credential *key*, good for the next call. The other arguments are those of `Need`.

        Raises:
            SignInNeeded: It is not stored any more.
            SessionEnded: The provider refuses to renew it.
            AuthRejected: The provider's API refuses what has just been renewed for that reason.
            StoreError: The store cannot be used; the refresh token was not spent.
            RenewalPaused: It must be renewed, and the last try failed a moment ago.
            ProviderError: It must be renewed and cannot be right now; it is kept.
        """
        need = Need(rejected, force, unattended)
        credential = await self._current(key)
        if isinstance(credential, ApiKey) or not self._must_renew(credential, need):
            return credential
        joined = key in self._running
        task = self._running.get(key) or self._begin(credential, need)
        if credential.record.intent is not None and self._serves(credential.record, need):
            return credential  # in doubt, and still good: it is served while the renewal is tried once more beside it
        # Shielded: a prompt that is cancelled must not cut off a renewal whose token is spent already.
        renewed = await asyncio.shield(task)
        unmoved = renewed.record.version == credential.record.version
        if joined and unmoved and (force or rejected == renewed.record.generation):
            # The renewal that was under way had less to do, such as renewing only what is due.
            return await self(key, rejected=rejected, force=force, unattended=unattended)
        return renewed

    def unsaved(self) -> tuple[CredentialKey, ...]:
        """The sessions that this process holds because the disk would not take them."""
        return tuple(self._unsaved)

    async def settle(self) -> tuple[CredentialKey, ...]:
        """Wait for the renewals under way, try once more to save what is unsaved, and return what still is."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        if self._saving is not None:
            self._saving.cancel()
        for key in tuple(self._unsaved):
            await self._save_again(key)
        return self.unsaved()

    # The look: what is stored, and whether it will do.

    async def _current(self, key: CredentialKey) -> OwnCredential:
        """The newest credential that this process knows of. It costs one `stat` while the store stays the same."""
        stamp = self._sessions.stamp()
        known = self._seen.get(key)
        if known is None or known[0] != stamp:
            known = (stamp, await asyncio.to_thread(self._load, key))
            self._seen[key] = known
        credential = known[1]
        held = self._unsaved.get(key)
        if held is not None and held.session.record.version.follows(credential.record.version):
            return held.session
        return _require_not_ended(credential)

    def _load(self, key: CredentialKey) -> OwnCredential:
        credential = self._sessions.load(key)
        if credential is None:
            raise SignInNeeded(key.provider, "This conversation")
        return credential

    def _must_renew(self, session: Session, need: Need) -> bool:
        """Whether to renew *session* now.

        Raises:
            AuthRejected, RenewalPaused, ClientRefused, NoClient: It must be renewed, and must not be now.
        """
        record, at = session.record, self._now()
        good = freshness(record, at) is not Freshness.EXPIRED and record.generation != need.rejected
        if record.key in self._unsaved or (good and self._must_be_left(record, at)):
            return False
        misconfigured = self._misconfigured.get((record.key, record.version))
        if record.generation == need.rejected:
            if not may_renew_for_rejection(record, at.wall):
                raise AuthRejected(record.provider)
        elif good and not need.force:
            return misconfigured is None and may_renew_early(record, at, spread=self._spread)
        if misconfigured is not None and not need.force:
            raise misconfigured.with_traceback(None)
        if was_just_tried(record, at.wall) or (need.unattended and is_pausing(record, at.wall)):
            assert record.setback is not None  # noqa: S101 - it is what is waited for
            seconds = seconds_to_wait(record.setback, at.wall, unattended=need.unattended)
            raise RenewalPaused(record.provider, record.setback.reason, seconds=seconds)
        return True

    def _must_be_left(self, record: CredentialRecord, at: Instant) -> bool:
        """Whether *record*, which is still good, may not be renewed before it expires, not even on demand."""
        if not record.renewable or is_too_early(record, at.wall):
            return True
        if record.intent is None or not record.rotates:
            return False
        return record.intent.answered or self._strict()  # the token may be spent

    def _serves(self, record: CredentialRecord, need: Need) -> bool:
        """Whether *record* is good enough for *need* as it is."""
        if need.force or record.generation == need.rejected:
            return False
        return freshness(record, self._now()) is not Freshness.EXPIRED

    def _now(self) -> Instant:
        return Instant(self._clock.now(), self._clock.boot())

    # The renewal: one task a session, in which one process takes the right, reads again, and spends the token.

    def _begin(self, seen: Session, need: Need) -> asyncio.Task[OwnCredential]:
        key = seen.record.key
        task = asyncio.create_task(self._renew(seen, need))
        self._running[key] = task
        task.add_done_callback(lambda _: self._forget(key, task))
        return task

    def _forget(self, key: CredentialKey, task: asyncio.Task[OwnCredential]) -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled():
            task.exception()  # asyncio would report it otherwise: whoever began the task may be gone

    async def _renew(self, seen: Session, need: Need) -> OwnCredential:
        serves = self._serves(seen.record, need)
        try:
            right = await self._right_to_renew(seen, need, patience=0.0 if serves else LONGEST_WAIT)
            if isinstance(right, Session | ApiKey):
                return right
            settled = await self._uninterrupted(lambda: self._renew_alone(right, seen, need))
        except (ProviderError, StoreError) as error:
            return await self._in_spite_of(error, seen, need)
        if not settled.saved:
            self._hold(settled, right)
        return settled.session

    async def _right_to_renew(
        self, seen: Session, need: Need, *, patience: float
    ) -> AbstractContextManager[None] | OwnCredential:
        """The right to renew, taken; or the session as another process has renewed it meanwhile.

        Raises:
            StoreBusy: Another process had the right for all of *patience*, in seconds.
        """
        key = seen.record.key
        began = self._clock.monotonic()
        while True:
            current = await self._current(key)
            if self._is_done(current, seen, need):
                return current
            right = self._sessions.renewing(key, timeout=0.0)
            try:
                right.__enter__()  # does not block: the lock is free or it is not
                return right
            except StoreBusy as busy:
                waited = self._clock.monotonic() - began
                if waited >= patience:
                    raise _still_busy(busy, current.record) from None
            await self._clock.sleep(min(max(POLL_SECONDS, waited / 4), LONGEST_POLL))

    async def _renew_alone(self, right: AbstractContextManager[None], seen: Session, need: Need) -> Settled:
        """With *right* held, read again and renew what still needs it. Gives *right* back unless `_hold` needs it."""
        keep_right = False
        try:
            current = _require_not_ended(self._load(seen.record.key))
            if isinstance(current, ApiKey):
                raise SignInNeeded(seen.record.provider, "This conversation")
            if self._is_done(current, seen, need):
                return Settled(current)
            if current.record.elsewhere:
                raise self._sessions.copied(current.record)
            if current.refresh_token is None:
                raise SessionEnded(current.record.provider, "it cannot be renewed")
            settled = await self._spend_token(current, was_rejected=current.record.generation == need.rejected)
            keep_right = not settled.saved and not settled.rescued
            return settled
        finally:
            if not keep_right:
                right.__exit__(None, None, None)

    def _is_done(self, current: OwnCredential, seen: Session, need: Need) -> bool:
        """Whether another process has made of *seen* what *need* asks for. A renewal is all that `force` asks for."""
        if current.record.version == seen.record.version:
            return False
        return isinstance(current, ApiKey) or self._serves(current.record, Need(need.rejected))

    async def _in_spite_of(self, error: ProviderError | StoreError, seen: Session, need: Need) -> OwnCredential:
        """What is still good enough although the renewal failed, with the note on the failure. Raises *error* if
        nothing is.
        """
        if isinstance(error, MISCONFIGURED):
            self._misconfigured[(seen.record.key, seen.record.version)] = error
        if not self._serves(seen.record, need):
            raise error
        with suppress(KeyswitchError):
            return await self._current(seen.record.key)
        return seen

    # The disk would not take the result: hold on to it, and try again.

    def _hold(self, settled: Settled, right: AbstractContextManager[None]) -> None:
        key = settled.session.record.key
        self._unsaved[key] = _Unsaved(settled.session, None if settled.rescued else right)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._keep_saving())

    async def _keep_saving(self) -> None:
        while self._unsaved:
            await self._clock.sleep(SAVE_AGAIN_SECONDS)
            for key in tuple(self._unsaved):
                await self._save_again(key)

    async def _save_again(self, key: CredentialKey) -> None:
        held = self._unsaved[key]
        with suppress(StoreError):
            await self._uninterrupted(lambda: self._store_again(held))
            del self._unsaved[key]

    async def _store_again(self, held: _Unsaved) -> None:
        """Save *held* with the right to renew, and give the right back once that is done."""
        key = held.session.record.key
        right = held.right or self._sessions.renewing(key, timeout=0.0)
        if held.right is None:
            right.__enter__()
        try:
            current = self._sessions.load(key)
            if isinstance(current, Session) and held.session.record.version.follows(current.record.version):
                self._sessions.save(held.session)
        except StoreError:
            if held.right is None:
                right.__exit__(None, None, None)
            raise
        right.__exit__(None, None, None)


def _require_not_ended(credential: OwnCredential) -> OwnCredential:
    """*credential* as it is. Raises `SessionEnded` where the provider ended it."""
    tombstone = credential.record.tombstone
    if tombstone is None:
        return credential
    kind = RefreshInterrupted if tombstone.interrupted else SessionEnded
    raise kind(credential.record.provider, tombstone.reason)


def _still_busy(busy: StoreBusy, record: CredentialRecord) -> StoreBusy:
    who = f"process {record.intent.pid}" if record.intent else "another process"
    return StoreBusy(busy.path, f"a renewal of this session is in progress in {who}")
