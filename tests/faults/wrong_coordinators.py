"""Coordinators as one would write them at first, to show that the tests of the real one can fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from application.ports.clock import Clock
from application.ports.oauth_client import OAuthClient
from application.ports.session_store import SessionStore
from domain.credential import CredentialKey
from domain.errors import SignInNeeded
from domain.renewal.freshness import Freshness, Instant, freshness
from domain.session import Credential, Session
from entrypoints.container import Container


class Coordinator(Protocol):
    """Hands out a session that is good for the next call."""

    async def __call__(self, key: CredentialKey, *, rejected: int | None = None) -> Credential: ...


class WithoutLock:
    """Renews what it finds to be due, and saves it."""

    def __init__(self, *, sessions: SessionStore, oauth: OAuthClient, clock: Clock) -> None:
        self._sessions = sessions
        self._oauth = oauth
        self._clock = clock

    async def __call__(self, key: CredentialKey, *, rejected: int | None = None) -> Credential:
        seen = self._sessions.load(key)
        if not isinstance(seen, Session):
            raise SignInNeeded(key.provider, "This test")
        fresh = freshness(seen.record, Instant(self._clock.now(), self._clock.boot())) is Freshness.FRESH
        return seen if fresh and seen.record.generation != rejected else await self._renewed(seen)

    async def _renewed(self, seen: Session) -> Session:
        renewed = (await self._oauth.renew(seen)).session
        self._sessions.save(renewed)
        return renewed


class WithoutSecondLook(WithoutLock):
    """Takes turns, and renews what it saw before its turn came."""

    async def _renewed(self, seen: Session) -> Session:
        right = self._sessions.renewing(seen.record.key, timeout=30.0)
        await asyncio.to_thread(right.__enter__)
        try:
            return await super()._renewed(seen)
        finally:
            right.__exit__(None, None, None)


def _careless(kind: type[WithoutLock]) -> Callable[[Container], Coordinator]:
    return lambda parts: kind(sessions=parts.sessions, oauth=parts.oauth, clock=parts.clock)


_COORDINATORS: Final[dict[str, Callable[[Container], Coordinator]]] = {
    "real": lambda parts: parts.renewal,
    "without lock": _careless(WithoutLock),
    "without second look": _careless(WithoutSecondLook),
}


def coordinator(name: str, container: Container) -> Coordinator:
    """The coordinator called *name* over the parts of *container*."""
    return _COORDINATORS[name](container)
