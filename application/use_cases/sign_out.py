"""Sign out of a provider, and say truthfully what was confirmed."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from typing import Final

from application.ports.event_log import EventLog
from application.ports.oauth_client import Revocation
from application.ports.session_store import Removed, SessionStore
from application.sign_in.end_session import EndSession
from domain.accounts import tag
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import KeyringUnavailable, StoreBusy, StoreError, StoreLocked
from domain.forwarding.only_there import only_there
from domain.provider import Provider
from domain.records import dataclass
from domain.session import Session

LONGEST_WAIT: Final = 5.0
"""Seconds to wait for a renewal in flight; one that ends later finds its session gone, and ends what it got."""


@dataclass(frozen=True, slots=True)
class SignedOut:
    """One credential that is gone from this machine."""

    record: CredentialRecord
    revocation: Revocation
    """What the provider confirmed; `NOT_OFFERED` for keys and for providers without revocation."""


class SignOut:
    """Removes the credentials of a provider here first, and asks the provider to end them after that."""

    def __init__(self, *, sessions: SessionStore, end: EndSession, events: EventLog) -> None:
        self._sessions = sessions
        self._end = end
        self._events = events

    async def __call__(
        self, provider: Provider, *, account: CredentialKey | None = None, revoke: bool = True
    ) -> tuple[SignedOut, ...]:
        """Sign out every credential of *provider*, or *account* alone; empty where there was none.

        No other account takes the place of an active one: a person chooses the next.

        Raises:
            StoreLocked: With *revoke*: the keyring is locked or silent, so that a session could not be ended at the
                provider; nothing was removed.
            StoreError: The store cannot be read or written; nothing was removed.
            UsageError: *account* is a laptop's, and stays signed in.
        """
        if account is not None and account.kind is CredentialKind.FORWARDED:
            raise only_there(provider, f"keyswitch logout {provider}")
        records = await asyncio.to_thread(self._sessions.records)
        mine = [record for record in records if record.provider is provider and account in (None, record.key)]
        if revoke:
            sessions = [record for record in mine if record.kind is CredentialKind.OAUTH]
            await asyncio.to_thread(self._check_in_reach, sessions)
        gone = [await self._one(record, revoke=revoke) for record in mine]
        return tuple(one for one in gone if one is not None)

    async def _one(self, record: CredentialRecord, *, revoke: bool) -> SignedOut | None:
        """Sign out one credential; None where another window was quicker."""
        removed = await asyncio.to_thread(self._take, record)
        if removed is None:
            return None
        revocation = Revocation.ELSEWHERE if record.elsewhere else Revocation.NOT_OFFERED
        if revoke and not record.elsewhere and record.kind is CredentialKind.OAUTH:
            session = removed.credential
            revocation = await self._end(session) if isinstance(session, Session) else Revocation.UNREADABLE
        self._events.record(
            "signed_out", provider=record.provider.value, account=tag(record.key), revocation=revocation.value
        )
        return SignedOut(record, revocation)

    def _check_in_reach(self, records: list[CredentialRecord]) -> None:
        """Raise if the credential is out of reach for now; what is damaged or lost is forgotten all the same."""
        for record in records:
            try:
                self._sessions.load(record.key)
            except StoreError as error:
                if isinstance(error, KeyringUnavailable) and error.for_now:
                    raise _locked(record.provider, error) from None

    def _take(self, record: CredentialRecord) -> Removed | None:
        """Remove the credential under its renewal lock, so that no renewal in flight brings it back."""
        with ExitStack() as stack:
            with suppress(StoreBusy):
                stack.enter_context(self._sessions.renewing(record.key, timeout=LONGEST_WAIT))
            return self._sessions.remove(record.key)


def _locked(provider: Provider, cause: KeyringUnavailable) -> StoreLocked:
    nobody = f"Nobody was signed out: without its tokens {provider.vendor} cannot be asked to end a session"
    return StoreLocked(cause.path, f"{cause.problem}. {nobody}", code="sign_out_locked", provider=provider)
