"""The refresh coordinator: one renewal per session, however many windows need it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.oauth_client import OAuthClient
from application.ports.session_store import SessionStore
from domain.credential import CredentialKey, CredentialRecord, Setback, Tombstone
from domain.errors import AnswerUnreadable, LimitReached, Offline, Overloaded, SessionEnded, SignInNeeded, StoreBusy
from domain.session import ApiKey, Credential, Session, renewal_due, usable

LONGEST_WAIT: Final = 30.0
"""Seconds to wait for another process that is renewing the same session."""

_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(minutes=5)

TEMPORARY: Final = (Overloaded, LimitReached, Offline, AnswerUnreadable)
"""What says nothing about the session itself: it is kept, and tried again later."""


class Renewal:
    """Hand out a credential that is good for the next call, renewed if it must be.

    A provider may rotate the refresh token on every use (RFC 6749, 6), so two processes must never
    spend it at once. Whoever waited for the right to renew reads again, and usually finds the work done.
    """

    def __init__(self, *, sessions: SessionStore, oauth: OAuthClient, clock: Clock, events: EventLog) -> None:
        self._sessions = sessions
        self._oauth = oauth
        self._clock = clock
        self._events = events
        self._running: dict[CredentialKey, asyncio.Task[Credential]] = {}

    async def __call__(self, key: CredentialKey, *, rejected: int | None = None, force: bool = False) -> Credential:
        """The credential *key*, good for the next call.

        *rejected* is the generation that the provider's API answered 401 to. With *force* a fresh
        session is renewed as well.

        Raises:
            SignInNeeded: It is not stored any more.
            SessionEnded: The provider refuses to renew it.
            StoreError: The store cannot be used; the refresh token was not spent.
            ProviderError: It must be renewed and cannot be right now; it is kept.
        """
        credential = await self._load(key)
        if isinstance(credential, ApiKey) or not (force or self._wanted(credential, rejected)):
            return credential
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._renew(credential, rejected=rejected, force=force))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        # Shielded: a prompt that is cancelled must not cut off a renewal whose token is spent already.
        return await asyncio.shield(task)

    async def _load(self, key: CredentialKey) -> Credential:
        credential = await asyncio.to_thread(self._sessions.load, key)
        if credential is None:
            raise SignInNeeded(key.provider, "This conversation")
        tombstone = credential.record.tombstone
        if tombstone is not None:
            raise SessionEnded(key.provider, tombstone.reason)
        return credential

    def _wanted(self, session: Session, rejected: int | None) -> bool:
        now = self._clock.now()
        if session.record.generation == rejected or not usable(session.record, now):
            return True
        setback = session.record.setback
        waiting = setback is not None and now < setback.next_try
        return renewal_due(session.record, now) and not waiting

    def _servable(self, session: Session, rejected: int | None) -> bool:
        return session.record.generation != rejected and usable(session.record, self._clock.now())

    async def _renew(self, seen: Session, *, rejected: int | None, force: bool) -> Credential:
        servable = self._servable(seen, rejected)
        try:
            async with self._alone(seen.record.key, patience=0.0 if servable and not force else LONGEST_WAIT):
                return await self._renew_alone(seen, rejected=rejected, force=force)
        except StoreBusy:
            if servable:
                return seen
            raise

    async def _renew_alone(self, seen: Session, *, rejected: int | None, force: bool) -> Credential:
        current = await self._load(seen.record.key)
        if isinstance(current, ApiKey):
            return current
        moved = (
            current.record.generation != seen.record.generation or current.record.session_id != seen.record.session_id
        )
        if moved and self._servable(current, rejected):
            return current
        if not force and not self._wanted(current, rejected):
            return current
        try:
            fresh = await self._oauth.renew(current)
        except SessionEnded as error:
            return await self._ended(current, error)
        except TEMPORARY as error:
            return await self._put_off(current, error, rejected)
        await asyncio.to_thread(self._sessions.save, fresh)
        self._note("renewed", fresh.record)
        return fresh

    async def _ended(self, session: Session, error: SessionEnded) -> Credential:
        """Another program may have renewed it meanwhile; only an unmoved session has really ended."""
        current = await self._load(session.record.key)
        if isinstance(current, ApiKey) or current.record.generation != session.record.generation:
            return current
        tombstone = Tombstone(reason=error.reason, at=self._clock.now())
        await asyncio.to_thread(self._sessions.annotate, replace(session.record, tombstone=tombstone))
        self._note("session_ended", session.record, reason=error.reason)
        raise error

    async def _put_off(self, session: Session, error: Exception, rejected: int | None) -> Credential:
        before = session.record.setback
        attempts = before.attempts + 1 if before else 1
        pause = min(_FIRST_PAUSE * 2 ** min(attempts, 10), _LONGEST_PAUSE)
        asked = getattr(error, "retry_after", None)
        if asked:
            pause = max(pause, timedelta(seconds=asked))
        setback = Setback(reason=str(error), attempts=attempts, next_try=self._clock.now() + pause)
        await asyncio.to_thread(self._sessions.annotate, replace(session.record, setback=setback))
        self._note("renewal_failed", session.record, reason=type(error).__name__)
        if self._servable(session, rejected):
            return session
        raise error

    @asynccontextmanager
    async def _alone(self, key: CredentialKey, *, patience: float) -> AsyncIterator[None]:
        """The right to renew, taken and given back on a worker thread: waiting must not stop the loop."""
        right = self._sessions.renewing(key, timeout=patience)
        await asyncio.to_thread(right.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(right.__exit__, None, None, None)

    def _note(self, event: str, record: CredentialRecord, **facts: str) -> None:
        self._events.record(event, provider=record.provider.value, generation=record.generation, **facts)


def _moved(current: CredentialRecord, seen: CredentialRecord) -> bool:
    return (current.generation, current.session_id) != (seen.generation, seen.session_id)
