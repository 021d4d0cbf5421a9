"""Store what a sign-in brought, without letting one account slip into another's place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from application.ports.oauth_client import OAuthClient, Revocation
from application.ports.registrations import Registrations
from application.ports.session_store import SessionStore
from application.ports.sign_in_dialog import Newcomer, WhatToKeep
from application.ports.sign_in_listener import SignInPage
from application.sign_in.end_session import EndSession
from domain.accounts import account_names, sign_ins
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import (
    KeyswitchError,
    OtherAccount,
    SignInDeclined,
    SignInNeeded,
    SignInTimedOut,
    StoreError,
)
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.session import Session

Ask = Callable[[Newcomer], Awaitable[WhatToKeep | None]]
"""Ask the person what becomes of a newcomer; None where nobody can be asked."""


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
    """The account that should sign in, as far as it is known before the sign-in begins."""

    provider: Provider
    whose: Whose
    record: CredentialRecord | None = None
    """The account that should come; None if anybody may."""
    session: Session | None = None
    """That account's last session, for the hints of a repeated sign-in. None for a further account: a ChatGPT client
    that registered itself belongs to one person and workspace, so that another one needs its own."""

    @property
    def account(self) -> str:
        """The account that should come; "" if anybody may."""
        return self.record.key.account if self.record else ""


async def _nobody_looks(_: SignInPage) -> None:
    return


@dataclass(frozen=True, slots=True)
class Arrival:
    """A session that a provider has given and that is not stored yet."""

    session: Session
    show: Callable[[SignInPage], Awaitable[None]] = _nobody_looks
    """Tells the browser that brought it what became of it, if one waits for that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A session that was stored."""

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
    """Decides whose account a new session is, asks if it is not the expected one, and stores it."""

    def __init__(
        self, *, sessions: SessionStore, oauth: OAuthClient, end: EndSession, registrations: Registrations
    ) -> None:
        self._sessions = sessions
        self._oauth = oauth
        self._end = end
        self._registrations = registrations

    def expected(self, provider: Provider, whose: Whose) -> Expected:
        """The account that should come. A damaged record is no obstacle: signing in again is what mends it.

        Raises:
            SignInNeeded: The account in *whose* is not stored any more.
            StoreError: Nothing could be stored, which is better known before somebody has signed in.
        """
        self._sessions.ready()
        try:
            known = sign_ins(self._sessions.records(), provider)
        except StoreError:
            return Expected(provider, whose)
        if whose.further:
            return Expected(provider, whose)
        if whose.account is None:
            record = next((record for record in known if record.active), None)
        else:
            record = next((record for record in known if record.key == whose.account), None)
            if record is None:
                raise SignInNeeded(provider, "This account")
        return Expected(provider, whose, record, self._last(record) if record else None)

    async def __call__(self, session: Session, expected: Expected, ask: Ask) -> Kept:
        """Store *session*; what it replaces stays until it is on the disk. From then on it keeps the client that was
        registered for it; where nobody wants the session, nobody wants that client either.

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
            await self._end.give_back(session)
            await asyncio.to_thread(self._registrations.forget, session.record.client_id)
            raise
        earlier = await asyncio.to_thread(self._last, session.record)
        mine = replace(session, record=replace(session.record, active=chosen))
        await asyncio.to_thread(self._sessions.save, mine, activate=chosen)
        await asyncio.to_thread(self._registrations.forget, mine.record.client_id)
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
    """What people call the accounts of *known* and *record*, which may be one of them by now."""
    return account_names((*(other for other in known if other.key != record.key), record))
