"""Store what a sign-in brought, without letting one account slip into another's place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from application.ports.oauth_client import OAuthClient, Revocation
from application.ports.session_store import SessionStore
from application.ports.sign_in_dialog import Newcomer, WhatToKeep
from application.sign_in.end_session import EndSession
from domain.accounts import account_names, sign_ins
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import (
    ConfigError,
    KeyswitchError,
    OtherAccount,
    SignInDeclined,
    SignInNeeded,
    SignInTimedOut,
    StoreError,
)
from domain.provider import Provider
from domain.session import Session

Ask = Callable[[Newcomer], Awaitable[WhatToKeep | None]]


@dataclass(frozen=True, slots=True)
class Whose:
    """Which account a sign-in is for."""

    account: CredentialKey | None = None
    """A stored one, that signs in again; None is the active one, or whoever comes where none is."""
    further: bool = False
    """Somebody beside those that are signed in already."""


ANYBODY: Final = Whose()


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of the account before the sign-in begins."""

    whose: Whose
    record: CredentialRecord | None
    """Who should come; None where anybody may."""
    session: Session | None
    """That account's last session, for the hints of a repeated sign-in. None for a further account: a ChatGPT client
    that registered itself belongs to one person and workspace, so that another one needs its own."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A session that is stored."""

    record: CredentialRecord
    """As it is stored, with its active mark."""
    name: str
    """What people call the account."""
    superseded: Session | None
    """The account's earlier session, which this one replaced."""
    first: bool
    """Whether nothing was stored before, of no provider, or only sign-ins that did not allow use of a plan."""
    not_granted: tuple[str, ...] = ()
    """The scopes that were asked for and not given. Foreign text."""


class KeepSession:
    """Decide which account a new session is, ask where it is another than expected, and store it."""

    def __init__(self, *, sessions: SessionStore, oauth: OAuthClient, end: EndSession) -> None:
        self._sessions = sessions
        self._oauth = oauth
        self._end = end

    def expected(self, provider: Provider, whose: Whose) -> Expected:
        """Who should come. A damaged record is no obstacle: signing in again is what mends it.

        Raises:
            SignInNeeded: The account in *whose* is not stored any more.
            StoreError: Nothing could be stored, which is better known before somebody has signed in.
        """
        self._sessions.ready()
        try:
            known = sign_ins(self._sessions.records(), provider)
        except StoreError:
            return Expected(whose, None, None)
        if whose.further:
            return Expected(whose, None, None)
        if whose.account is None:
            record = next((record for record in known if record.active), None)
        else:
            record = next((record for record in known if record.key == whose.account), None)
            if record is None:
                raise SignInNeeded(provider, "This account")
        return Expected(whose, record, self._last(record) if record else None)

    async def __call__(self, session: Session, expected: Expected, ask: Ask) -> Kept:
        """Store *session*; what it replaces stays until it is on the disk.

        Raises:
            OtherAccount: It is another account's than the expected one, and nobody could be asked.
            SignInDeclined: Somebody was asked and did not want it.
            StoreError: It could not be stored.
        """
        records = await asyncio.to_thread(self._sessions.records)
        known = sign_ins(records, session.record.provider)
        try:
            chosen = await self._chosen(session, expected, known, ask)
        except (OtherAccount, SignInDeclined, SignInTimedOut, asyncio.CancelledError):
            await self.give_back(session)
            raise
        earlier = await asyncio.to_thread(self._last, session.record)
        mine = replace(session, record=replace(session.record, active=chosen))
        await asyncio.to_thread(self._sessions.save, mine, activate=chosen)
        name = _names(mine.record, known)[mine.record.key]
        first = all(record.plan_use_off for record in records)
        return Kept(mine.record, name, earlier, first=first, not_granted=self._not_granted(mine))

    async def end_superseded(self, kept: Kept, session: Session) -> Revocation | None:
        """Ask the provider to end the session that *session* replaced; None where there is nothing to end.

        What was a copy here goes on in the place where it is at home.
        """
        earlier = kept.superseded
        if earlier is None or earlier.record.elsewhere or earlier.refresh_token in (None, session.refresh_token):
            return None
        return await self._end(earlier)

    async def _chosen(
        self, session: Session, expected: Expected, known: tuple[CredentialRecord, ...], ask: Ask
    ) -> bool:
        """Whether *session* becomes the active one of its provider."""
        key = session.record.key
        before = next((record for record in known if record.key == key), None)
        stays = before is not None and before.active
        if expected.record is None or expected.record.key == key:
            return stays or not any(record.active for record in known)
        names = _names(session.record, known)
        newcomer = Newcomer(key.provider, names[key], names.get(expected.record.key, expected.record.label))
        match await ask(newcomer):
            case WhatToKeep.BESIDE:
                return stays
            case WhatToKeep.INSTEAD:
                return True
            case WhatToKeep.NOTHING:
                raise SignInDeclined(key.provider, f"{newcomer.name} was not added")
            case None:
                raise OtherAccount(key.provider, expected=newcomer.expected, came=newcomer.name)

    async def give_back(self, session: Session) -> None:
        """End a session that nobody will use, unless that could end one of the same account that is stored."""
        key = session.record.key
        with suppress(StoreError, ConfigError):
            known = await asyncio.to_thread(self._sessions.records)
            if all(record.key != key for record in known):
                await self._oauth.revoke(session)

    def _not_granted(self, session: Session) -> tuple[str, ...]:
        try:
            return self._oauth.not_granted(session)
        except KeyswitchError:  # the config was edited meanwhile; the session is stored all the same
            return ()

    def _last(self, record: CredentialRecord) -> Session | None:
        try:
            credential = self._sessions.load(record.key)
        except StoreError:
            return None
        return credential if isinstance(credential, Session) else None


def _names(record: CredentialRecord, known: tuple[CredentialRecord, ...]) -> dict[CredentialKey, str]:
    """The names of *known* and of *record*, which may be one of them by now."""
    return account_names((*(other for other in known if other.key != record.key), record))
