"""Ask the providers whether they accept what is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from application.ports.borrowed import BorrowedProfiles
from application.ports.chat_client import ChatClient
from application.ports.environment import EnvironmentKeys
from application.renewal.coordinator import Renewal
from application.snapshot import ReadSnapshot
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import AuthRejected, KeyswitchError, PlanUseOff, ProfileUnusable, SessionEnded, SignInNeeded
from domain.session import Credential, require_plan_use

_REFUSALS = (AuthRejected, SessionEnded, PlanUseOff, ProfileUnusable)
"""What says that a credential is of no use as it is. Every other error says nothing about it."""


class CheckOutcome(Enum):
    """What a check tells of a credential."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNTOLD = "untold"
    """The provider could not be asked, or its answer was about something else."""
    NOT_OFFERED = "not offered"
    """The provider has no way to ask."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one credential."""

    record: CredentialRecord
    accepted: bool
    error: KeyswitchError | None = None
    """Why it was not, or why that could not be told; None also where the provider has no way to ask."""

    @property
    def outcome(self) -> CheckOutcome:
        """What that tells of the credential."""
        if self.accepted:
            return CheckOutcome.ACCEPTED
        if self.error is None:
            return CheckOutcome.NOT_OFFERED
        return CheckOutcome.REFUSED if isinstance(self.error, _REFUSALS) else CheckOutcome.UNTOLD


class CheckCredentials:
    """One free request for each credential, renewed first where that is due; none waits for another."""

    def __init__(
        self,
        *,
        snapshot: ReadSnapshot,
        chat: ChatClient,
        renewal: Renewal,
        environment: EnvironmentKeys,
        borrowed: BorrowedProfiles,
    ) -> None:
        self._snapshot = snapshot
        self._chat = chat
        self._renewal = renewal
        self._environment = environment
        self._borrowed = borrowed

    async def __call__(self) -> tuple[Checked, ...]:
        """The outcomes, in the order of `Snapshot.credentials`.

        Raises:
            ConfigError: As `ReadSnapshot` does.
        """
        snapshot = await asyncio.to_thread(self._snapshot)
        return tuple(await asyncio.gather(*map(self._one, snapshot.credentials)))

    async def one(self, key: CredentialKey) -> Checked | None:
        """The outcome for *key*; None if nothing is stored under it any more. Raises as a call does."""
        snapshot = await asyncio.to_thread(self._snapshot)
        record = next((record for record in snapshot.credentials if record.key == key), None)
        return None if record is None else await self._one(record)

    async def _one(self, record: CredentialRecord) -> Checked:
        try:
            return Checked(record, accepted=await self._accepted(record))
        except KeyswitchError as error:
            return Checked(record, accepted=False, error=error)

    async def _accepted(self, record: CredentialRecord) -> bool:
        try:
            return await self._chat.check(require_plan_use(await self._credential(record)))
        except AuthRejected:
            if record.kind is not CredentialKind.OAUTH:
                raise
            renewed = await self._renewal(record.key, rejected=record.generation)
            return await self._chat.check(require_plan_use(renewed))

    async def _credential(self, record: CredentialRecord) -> Credential:
        if record.kind is CredentialKind.BORROWED:
            return await asyncio.to_thread(self._borrowed.load, record)
        if record.key.in_environment:
            key = self._environment.key(record.provider)
            if key is None:
                raise SignInNeeded(record.provider, "Checking")
            return key
        return await self._renewal(record.key)
