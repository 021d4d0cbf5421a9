"""Renew every session that is due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from application.ports.session_store import SessionStore
from application.renewal.coordinator import Renewal
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class RenewalOutcome:
    """What came of one session."""

    record: CredentialRecord
    """As it was before."""
    renewed: bool
    error: KeyswitchError | None = None
    put_off: str = ""
    """Why a session that is due was not renewed now, although it is still good; "" where nothing went wrong."""


class RefreshAll:
    """Renew the sessions of all providers side by side; one account's failure stops no other."""

    def __init__(self, *, sessions: SessionStore, renewal: Renewal) -> None:
        self._sessions = sessions
        self._renewal = renewal

    async def __call__(self, provider: Provider | None = None, *, force: bool = False) -> tuple[RenewalOutcome, ...]:
        """Renew what is due, of *provider* or of all; with *force* what is fresh as well.

        Raises:
            StoreDamaged: The session store as a whole cannot be read.
        """
        records = await asyncio.to_thread(self._sessions.records)
        wanted = [record for record in records if provider in (None, record.provider)]
        sessions = [record for record in wanted if record.kind is CredentialKind.OAUTH and not record.key.is_apart]
        return tuple(await asyncio.gather(*(self._one(record, force=force) for record in sessions)))

    async def _one(self, record: CredentialRecord, *, force: bool) -> RenewalOutcome:
        try:
            credential = await self._renewal(record.key, force=force)
        except KeyswitchError as error:
            return RenewalOutcome(record, renewed=False, error=error)
        renewed = credential.record.generation != record.generation
        setback = credential.record.setback
        return RenewalOutcome(record, renewed=renewed, put_off=setback.reason if setback and not renewed else "")
