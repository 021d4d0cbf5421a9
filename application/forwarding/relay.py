"""Answer a host: what it may use, and what the provider says to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import aclosing
from functools import partial

from application.credentials import RequestCredentials
from application.forwarding.lending import Lending, Loan
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.forwarding.agent import PeerProcess
from application.ports.forwarding.upstream import RelayedHead, RelayedPart, RelayedRequest, Upstream
from application.ports.session_store import RecordReader
from domain.accounts import tag
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import BrokenStream, KeyswitchError
from domain.event import RELAYED
from domain.forwarding.grant import is_lendable
from domain.forwarding.refusal import Refusal


class Relay:
    """Makes requests for hosts with the credentials of this home, which are renewed first where that is due.

    A host never sees a credential. It gets the provider's answers, and what a person may know of an account.
    """

    def __init__(
        self,
        *,
        lending: Lending,
        sessions: RecordReader,
        credentials: RequestCredentials,
        upstream: Upstream,
        clock: Clock,
        events: EventLog,
    ) -> None:
        self._lending = lending
        self._sessions = sessions
        self._credentials = credentials
        self._upstream = upstream
        self._clock = clock
        self._events = events
        self._known: tuple[Hashable, tuple[CredentialRecord, ...]] | None = None

    async def shown(self, loan: Loan) -> tuple[CredentialRecord, ...] | Refusal:
        """What the host of *loan* may use now, or why that is nothing at all.

        Raises:
            StoreDamaged: The session store cannot be read.
        """
        if (refusal := self._lending.refusal(loan)) is not None:
            return refusal
        now = self._clock.now()
        return tuple(record for record in await self._records() if loan.grant.shows(record, now))

    async def permitted(self, loan: Loan, key: CredentialKey, caller: PeerProcess) -> CredentialRecord | Refusal:
        """The credential *key*, if the host of *loan* may use it now, or why not. Its owner may be asked.

        Raises:
            StoreDamaged: The session store cannot be read.
        """
        if (refusal := self._lending.refusal(loan)) is not None:
            return refusal
        if key.provider not in loan.grant.providers:
            return Refusal.NOT_GRANTED
        record = next((record for record in await self._records() if record.key == key), None)
        if record is None or not is_lendable(record):
            return Refusal.NO_SUCH_CREDENTIAL
        if not await self._lending.confirmed(loan, caller):
            return Refusal.NOT_CONFIRMED
        return self._lending.refusal(loan) or record

    async def answer(
        self, loan: Loan, request: RelayedRequest, record: CredentialRecord
    ) -> AsyncGenerator[RelayedPart, None]:
        """What the provider of *record* answers to *request*: a head, and the body as it comes.

        A 401 is worth one renewal and one replay, and never after the head was given out. Each request is an event.

        Raises:
            KeyswitchError: As `RequestCredentials.stream` and `Upstream.send` do.
        """
        loan.relayed += 1
        outcome = "cut"
        parts = self._credentials.stream(partial(self._upstream.send, request), record, purpose="A relayed request")
        try:
            async with aclosing(parts):
                async for part in parts:
                    if isinstance(part, RelayedHead):
                        outcome = str(part.status)
                    elif self._lending.refusal(loan) is not None:  # this machine slept, and the time ran out meanwhile
                        raise BrokenStream(record.provider, "what was lent is over")
                    yield part
        except KeyswitchError as error:
            outcome = error.code
            raise
        finally:
            self._note(loan, request, record, outcome)

    def _note(self, loan: Loan, request: RelayedRequest, record: CredentialRecord, outcome: str) -> None:
        self._events.record(
            RELAYED,
            host=loan.grant.host,
            provider=record.provider.value,
            account=tag(record.key),
            kind=record.kind.value,
            model=request.model,
            payer=record.payer.value,
            outcome=outcome,
        )

    async def _records(self) -> tuple[CredentialRecord, ...]:
        stamp = self._sessions.stamp()
        if self._known is None or self._known[0] != stamp:
            self._known = (stamp, await asyncio.to_thread(self._sessions.records))
        return self._known[1]
