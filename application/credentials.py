"""Which credential a request carries, and the one replay that a 401 is worth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from application.ports.elsewhere.borrowed import BorrowedProfiles
from application.ports.elsewhere.environment import EnvironmentKeys
from application.ports.elsewhere.forwarded import ForwardedSignIns
from application.ports.elsewhere.key_commands import KeyCommands
from application.renewal.coordinator import Renewal
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import AuthRejected, SignInNeeded
from domain.selection import Held
from domain.session import ApiKey, Credential, Forwarded, Session, require_plan_use

T = TypeVar("T")
C = TypeVar("C", bound=Credential)


class RequestCredentials:
    """Gives each request its credential: from the environment, from a command, from another program, or stored and
    renewed if due.
    """

    def __init__(
        self,
        *,
        renewal: Renewal,
        environment: EnvironmentKeys,
        commands: KeyCommands,
        borrowed: BorrowedProfiles,
        forwarded: ForwardedSignIns,
    ) -> None:
        self._renewal = renewal
        self._environment = environment
        self._commands = commands
        self._borrowed = borrowed
        self._forwarded = forwarded

    async def stream(
        self,
        request: Callable[[Credential], AsyncGenerator[T, None]],
        record: CredentialRecord,
        *,
        purpose: str,
        held: Held | None = None,
    ) -> AsyncGenerator[T, None]:
        """What *request* yields with the credential of *record*; a 401 before its first event is worth one replay.

        *purpose* begins the sentence that names a missing key. With *held* no other credential is sent than that one.

        Raises:
            SignInNeeded, SessionEnded, AuthRejected, SourceUnusable: There is nothing to authenticate with, or another
                credential than *held* is stored in its place; it was not sent.
            PlanUseOff: The sign-in does not allow use of its plan, perhaps only since a renewal; it was not sent.
            ProviderError, StoreError: As the renewal and *request* do.
        """
        credential = await self._credential(record, purpose, held)
        try:
            async with aclosing(request(credential)) as events:
                async for event in events:
                    yield event
            return
        except AuthRejected as refused:
            if isinstance(credential, Forwarded):
                # The laptop has renewed it, and asked once more, before it told.
                refused.on_laptop = f"keyswitch login {credential.record.provider}"
                raise
            if isinstance(credential, Session):
                another = await self._instead_of(credential, held)
            elif credential.record.key.by_command:
                another = await self._printed_anew(credential)
            else:
                raise
        async with aclosing(request(another)) as events:
            async for event in events:
                yield event

    async def _credential(self, record: CredentialRecord, purpose: str, held: Held | None) -> Credential:
        if record.key.in_environment:
            key = self._environment.key(record.provider)
            if key is None:
                raise SignInNeeded(record.provider, purpose)
            return key
        if record.key.by_command:
            return await self._commands.key(record)
        if record.kind is CredentialKind.BORROWED:
            return await asyncio.to_thread(self._borrowed.load, record)
        if record.kind is CredentialKind.FORWARDED:
            return _still_held(await self._forwarded.load(record), held)
        return await self._stored(record, held)

    async def _instead_of(self, refused: Session, held: Held | None) -> Credential:
        """Another credential than *refused*, for the replay."""
        record = refused.record
        if record.kind is not CredentialKind.BORROWED:
            return await self._stored(record, held, rejected=record.generation)
        anew = await asyncio.to_thread(self._borrowed.load, record)
        if anew.access_token == refused.access_token:
            raise AuthRejected(record.provider, "the program that keeps this profile has no newer token")
        return anew

    async def _printed_anew(self, refused: ApiKey) -> ApiKey:
        """The key that took the place of *refused* where it is kept, for the replay."""
        anew = await self._commands.key(refused.record, refused=refused)
        if anew.value == refused.value:
            raise AuthRejected(refused.record.provider, "its command printed the same key once more")
        return anew

    async def _stored(self, record: CredentialRecord, held: Held | None, *, rejected: int | None = None) -> Credential:
        credential = _still_held(await self._renewal(record.key, rejected=rejected), held)
        return require_plan_use(credential)


def _still_held(credential: C, held: Held | None) -> C:
    """*credential*, where it is what is *held*, if anything is. Raises SignInNeeded."""
    if held is not None and not held.is_of(credential.record):
        raise held.lost
    return credential
