"""Sign out of a provider, and say truthfully what was confirmed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from application.ports.event_log import EventLog
from application.ports.oauth_client import OAuthClient, Revocation
from application.ports.session_store import SessionStore
from domain.accounts import tag
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import StoreBusy, StoreDamaged, StoreLocked, StoreWrongKey
from domain.provider import Provider
from domain.session import Credential, Session


@dataclass(frozen=True, slots=True)
class SignedOut:
    """One credential that is gone from this machine."""

    record: CredentialRecord
    revocation: Revocation
    """What the provider confirmed; `NOT_OFFERED` for keys and for providers without revocation."""


class Logout:
    """Remove the credentials of a provider here first, then ask the provider to end them."""

    def __init__(self, *, sessions: SessionStore, oauth: OAuthClient, events: EventLog) -> None:
        self._sessions = sessions
        self._oauth = oauth
        self._events = events

    async def __call__(
        self, provider: Provider, *, account: CredentialKey | None = None, revoke: bool = True
    ) -> tuple[SignedOut, ...]:
        """Sign out every credential of *provider*, or *account* alone; empty where there was none.

        No other account takes the place of an active one: a person chooses the next.

        Raises:
            StoreError: The store cannot be read or written; nothing was removed.
        """
        records = await asyncio.to_thread(self._sessions.records)
        mine = [record for record in records if record.provider is provider and account in (None, record.key)]
        return tuple([await self._one(record, revoke=revoke) for record in mine])

    async def _one(self, record: CredentialRecord, *, revoke: bool) -> SignedOut:
        credential = await asyncio.to_thread(self._take, record)
        revocation = Revocation.NOT_OFFERED
        if isinstance(credential, Session) and revoke:
            revocation = await self._oauth.revoke(credential)
        self._events.record(
            "signed_out", provider=record.provider.value, account=tag(record.key), revocation=revocation.value
        )
        return SignedOut(record, revocation)

    def _take(self, record: CredentialRecord) -> Credential | None:
        """Remove the credential under its renewal lock, so that no renewal in flight brings it back."""
        try:
            with self._sessions.renewing(record.key, timeout=5.0):
                return self._remove(record)
        except StoreBusy:
            return self._remove(record)

    def _remove(self, record: CredentialRecord) -> Credential | None:
        try:
            credential = self._sessions.load(record.key)
        except (StoreDamaged, StoreWrongKey, StoreLocked):
            credential = None
        self._sessions.remove(record.key)
        return credential
