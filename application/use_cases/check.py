"""Ask the providers whether they accept what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum

from application.auth_manager import AuthManager
from application.credentials import RequestCredentials
from application.ports.chat_client import ChatClient
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import AuthRejected, KeyswitchError, PlanUseOff, SessionEnded, SourceUnusable
from domain.records import dataclass
from domain.session import Credential

_REFUSALS = (AuthRejected, SessionEnded, PlanUseOff, SourceUnusable)
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
    """What a check of one credential brought."""

    record: CredentialRecord
    accepted: bool
    error: KeyswitchError | None = None
    """Why it was not, or why that could not be told; None also where the provider has no way to ask."""

    @property
    def outcome(self) -> CheckOutcome:
        """What the answer tells of the credential."""
        if self.accepted:
            return CheckOutcome.ACCEPTED
        if self.error is None:
            return CheckOutcome.NOT_OFFERED
        unprinted = self.record.key.by_command and isinstance(self.error, SourceUnusable)  # the provider was not asked
        refused = isinstance(self.error, _REFUSALS) and not unprinted
        return CheckOutcome.REFUSED if refused else CheckOutcome.UNTOLD


class CheckCredentials:
    """Sends one free request for each credential, which is renewed first where that is due; none waits for another."""

    def __init__(
        self,
        *,
        auth: AuthManager,
        chat: ChatClient,
        credentials: RequestCredentials,
    ) -> None:
        self._auth = auth
        self._chat = chat
        self._credentials = credentials

    async def __call__(self) -> tuple[Checked, ...]:
        """Check all credentials; the outcomes come in the order of `Snapshot.credentials`.

        Raises:
            ConfigError: As `ReadSnapshot` does.
        """
        snapshot = await asyncio.to_thread(self._auth.snapshot)
        return tuple(await asyncio.gather(*map(self._one, snapshot.credentials)))

    async def one(self, key: CredentialKey) -> Checked | None:
        """The outcome for *key*; None if nothing is stored under it any more. Raises as a call does."""
        snapshot = await asyncio.to_thread(self._auth.snapshot)
        record = next((record for record in snapshot.credentials if record.key == key), None)
        return None if record is None else await self._one(record)

    async def _one(self, record: CredentialRecord) -> Checked:
        try:
            return Checked(record, accepted=await self._accepted(record))
        except KeyswitchError as error:
            return Checked(record, accepted=False, error=error)

    async def _accepted(self, record: CredentialRecord) -> bool:
        async with aclosing(self._credentials.stream(self._asked, record, purpose="Checking")) as answers:
            return await anext(answers)

    async def _asked(self, credential: Credential) -> AsyncGenerator[bool, None]:
        """The one answer to a check, as the stream that a request is."""
        yield await self._chat.check(credential)
