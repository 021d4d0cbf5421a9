"""Sign in to a provider, from the question to the stored session. Nothing changes until it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from typing import Final

from application.auth_manager import AuthManager
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.session_store import RecordReader
from application.ports.sign_in_dialog import DeviceDialog, Newcomer, SignInDialog, WaitingDialog, WhatToKeep
from application.ports.sign_in_listener import SignInPage
from application.ports.sign_in_turn import SignInTurn
from application.sign_in.by_browser import ByBrowser
from application.sign_in.by_device import ByDevice
from application.sign_in.keep import ANYBODY, Arrival, Expected, KeepSession, Kept, Whose
from domain.accounts import tag
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import KeyswitchError, SignInTimedOut, SignInUnderWay, StoreError
from domain.provider import Provider
from domain.records import dataclass
from domain.session import Session
from domain.switching import SwitchTo

ATTEMPT_SECONDS: Final = 600.0
"""How long one attempt lasts: authorization codes are short-lived, and a person needs minutes (RFC 6749, 4.1.2)."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a completed sign-in brought."""

    record: CredentialRecord
    """As it is stored. Where it is not the active account of its provider, it takes a person to make it so."""
    name: str
    """What people call the account. Foreign text."""
    selected: SwitchTo | None = None
    """What the first sign-in of an empty home selected; None otherwise."""
    not_granted: tuple[str, ...] = ()
    """The scopes that were asked for and not given. Foreign text."""


class SignIn:
    """Signs in by a browser on this machine, or by a code that a person types on another one.

    The two ways differ in how a session is obtained. Who signs in at a time, whose session it is, and what becomes of
    it is the same for both, and `_sign_in` tells it.
    """

    def __init__(
        self,
        *,
        await_turn: AwaitTurn,
        by_browser: ByBrowser,
        by_device: ByDevice,
        keep: KeepSession,
        auth: AuthManager,
        events: EventLog,
    ) -> None:
        self._await_turn = await_turn
        self._by_browser = by_browser
        self._by_device = by_device
        self._keep = keep
        self._auth = auth
        self._events = events

    async def by_browser(
        self,
        provider: Provider,
        dialog: SignInDialog,
        *,
        whose: Whose = ANYBODY,
        open_browser: bool = True,
        listen: bool = True,
        seconds: float = ATTEMPT_SECONDS,
    ) -> SignedIn:
        """Sign in to *provider* within *seconds*, as the account in *whose*, once no other window signs in.

        Where that other one has signed in to the same provider, and anybody will do, that is the result here as well.
        Without *listen* only what is pasted ends it.

        Raises:
            NoClient: No OAuth client is configured.
            OtherAccount: Somebody else signed in, and nobody could be asked whether to keep that; nothing was changed.
            ListenerUnavailable: No port of this machine can be held for the redirect.
            LinkOpenedTwice: Two browsers opened the short link; nothing was changed.
            SignInDeclined, SignInTimedOut, SignInError: It did not come to its end; nothing was changed.
            StoreError: The session could not be stored.
            Offline, Overloaded, AnswerUnreadable: The provider could not finish it; nothing was changed.
        """

        def obtain(expected: Expected) -> AbstractAsyncContextManager[Arrival]:
            return self._by_browser(expected, dialog, seconds=seconds, open_browser=open_browser, listen=listen)

        return await self._sign_in(provider, dialog, whose, seconds, obtain)

    async def by_device(
        self, provider: Provider, dialog: DeviceDialog, *, whose: Whose = ANYBODY, seconds: float = ATTEMPT_SECONDS
    ) -> SignedIn:
        """Sign in to *provider* within *seconds*, or as long as its code lasts, as the account in *whose*.

        Raises:
            NoClient: No OAuth client is configured.
            SignInError: The server has no such sign-in (`device_not_offered`).
            OtherAccount: Somebody else signed in, and nobody could be asked whether to keep that; nothing was changed.
            SignInDeclined, SignInTimedOut, SignInError: It did not come to its end; nothing was changed.
            StoreError: The session could not be stored.
            Offline, Overloaded, AnswerUnreadable: The provider could not begin it, or could not be asked until time was
                up; nothing was changed.
        """

        def obtain(_: Expected) -> AbstractAsyncContextManager[Arrival]:
            return self._by_device(provider, dialog, seconds=seconds)

        return await self._sign_in(provider, dialog, whose, seconds, obtain)

    async def _sign_in(
        self,
        provider: Provider,
        dialog: WaitingDialog,
        whose: Whose,
        seconds: float,
        obtain: Callable[[Expected], AbstractAsyncContextManager[Arrival]],
    ) -> SignedIn:
        turn = await self._await_turn(provider, dialog, seconds=seconds, anybody=whose == ANYBODY)
        if isinstance(turn, CredentialRecord):  # another window has done what was wanted here
            return SignedIn(turn, turn.label)
        with turn:
            try:
                expected = await asyncio.to_thread(self._keep.expected, provider, whose)
                async with obtain(expected) as arrival:
                    kept = await self._stored(arrival, expected, dialog, seconds)
                    if expected.record is None:  # else it is that account, or the person was asked
                        dialog.signed_in(kept.record, kept.name)
                    selected = await asyncio.to_thread(self._auth.switch_first, kept.record) if kept.first else None
                    await arrival.show(_success(kept))
                await self._note(kept, arrival.session)
            except KeyswitchError as error:
                self._events.record("sign_in_failed", provider=provider.value, reason=error.code)
                raise
        return SignedIn(kept.record, kept.name, selected, kept.not_granted)

    async def _stored(self, arrival: Arrival, expected: Expected, dialog: WaitingDialog, seconds: float) -> Kept:
        """Store the session that came. If it is not the expected account's, the person is asked first.

        The browser is told of a success afterwards: before, that would promise too much.
        """

        async def ask(newcomer: Newcomer) -> WhatToKeep | None:
            detail = f"{newcomer.expected} was expected. Nothing is saved yet: return to your terminal."
            await arrival.show(SignInPage(f"You signed in as {newcomer.name}", detail, succeeded=False))
            try:
                async with asyncio.timeout(seconds):
                    return await dialog.whom_to_keep(newcomer)
            except TimeoutError:
                raise SignInTimedOut(newcomer.provider, "nobody said what becomes of the other account") from None

        try:
            return await self._keep(arrival.session, expected, ask)
        except StoreError as error:
            label = expected.provider.label
            await arrival.show(SignInPage(f"{label} sign-in was not saved", str(error), succeeded=False))
            raise

    async def _note(self, kept: Kept, session: Session) -> None:
        """Let the provider end what *session* replaced, and record the sign-in, whether that succeeded or not."""
        record = kept.record
        ended = await self._keep.end_superseded(kept, session)
        facts = {} if ended is None else {"earlier_session": ended.value}
        facts |= {"plan_use": "off"} if record.plan_use_off else {}
        self._events.record(
            "signed_in", provider=record.provider.value, account=tag(record.key), generation=record.generation, **facts
        )


def _success(kept: Kept) -> SignInPage:
    plan = ", but use of your plan is off" if kept.record.plan_use_off else ""
    who = f"You are signed in as {kept.name}{plan}. Return to your terminal."
    return SignInPage(f"Signed in to {kept.record.provider.label}", who, succeeded=True)


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
