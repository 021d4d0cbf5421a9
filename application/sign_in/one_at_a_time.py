"""Wait until no other window is signing in, or until that one has done what was wanted here."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Final

from application.ports.clock import Clock
from application.ports.session_store import RecordReader
from application.ports.sign_in_dialog import WaitingDialog
from application.ports.sign_in_turn import SignInTurn
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import SignInTimedOut, SignInUnderWay
from domain.provider import Provider

POLL_SECONDS: Final = 0.2
"""The pause between two tries of the lock, to see whether the other window has ended its sign-in."""


class AwaitTurn:
    """Lets one window sign in at a time, so that two open one browser."""

    def __init__(self, *, turns: SignInTurn, sessions: RecordReader, clock: Clock) -> None:
        self._turns = turns
        self._sessions = sessions
        self._clock = clock

    async def __call__(
        self, provider: Provider, dialog: WaitingDialog, *, seconds: float, anybody: bool
    ) -> ExitStack | CredentialRecord:
        """Take the turn; or, if *anybody* will do, return the session that another window has obtained meanwhile.

        Raises:
            SignInTimedOut: The others took longer than *seconds*.
            StoreError: The home cannot be used.
        """
        deadline = self._clock.monotonic() + seconds
        before: frozenset[str] | None = None
        while True:
            turn = ExitStack()
            try:
                turn.enter_context(self._turns.take())  # does not block: it is free, or it is not
            except SignInUnderWay as other:
                if before is None:
                    before = frozenset(await asyncio.to_thread(self._sessions_of, provider))
                    dialog.waits_for(other)
                if self._clock.monotonic() >= deadline:
                    raise SignInTimedOut(provider, "another window was signing in all the time") from None
                await self._clock.sleep(POLL_SECONDS)
                continue
            after = await asyncio.to_thread(self._sessions_of, provider) if before is not None else {}
            new = [record for session_id, record in after.items() if session_id not in (before or ())]
            if not new or not anybody:
                return turn
            turn.close()
            return new[0]

    def _sessions_of(self, provider: Provider) -> dict[str, CredentialRecord]:
        records = self._sessions.records()
        oauth = (record for record in records if record.kind is CredentialKind.OAUTH)
        return {record.session_id: record for record in oauth if record.provider is provider}
