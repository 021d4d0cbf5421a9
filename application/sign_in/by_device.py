"""Sign in with the browser on another machine, by a code that a person types there (RFC 8628)."""

from __future__ import annotations

import asyncio
import threading
from typing import Final

from application.ports.clock import Clock
from application.ports.oauth_client import DeviceAuthorization, DevicePoll, OAuthClient
from application.ports.sign_in_dialog import DeviceCode, DeviceDialog, Newcomer, WhatToKeep
from application.ports.uninterrupted import Uninterrupted
from application.sign_in.finish import FinishSignIn, SignedIn
from application.sign_in.keep import ANYBODY, Whose
from application.sign_in.one_at_a_time import AwaitTurn
from domain.credential import CredentialRecord
from domain.errors import AnswerUnreadable, KeyswitchError, Offline, Overloaded, SignInTimedOut
from domain.provider import Provider
from domain.session import Session

SLOWER: Final = 5.0
"""Seconds that each `slow_down` adds to the pause between two polls (RFC 8628, 3.5)."""

LONGEST_PAUSE: Final = 60.0
"""Seconds; after lost connections the pause doubles up to this (RFC 8628, 3.5 asks to back off), and a server that asks
for a longer interval is asked this often: nobody waits so long to learn that the code was used."""

_NOTHING_DECIDED: Final = (Offline, Overloaded, AnswerUnreadable)


class SignInByDevice:
    """Show a code, and ask the provider from time to time whether somebody has used it."""

    def __init__(
        self,
        *,
        oauth: OAuthClient,
        finish: FinishSignIn,
        await_turn: AwaitTurn,
        clock: Clock,
        uninterrupted: Uninterrupted,
    ) -> None:
        self._oauth = oauth
        self._finish = finish
        self._await_turn = await_turn
        self._clock = clock
        self._uninterrupted = uninterrupted

    async def __call__(
        self, provider: Provider, dialog: DeviceDialog, *, whose: Whose = ANYBODY, seconds: float
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
        turn = await self._await_turn(provider, dialog, seconds=seconds, anybody=whose == ANYBODY)
        if isinstance(turn, CredentialRecord):
            return SignedIn(turn, turn.label, None)
        with turn:
            try:
                return await self._sign_in(provider, dialog, whose, seconds)
            except KeyswitchError as error:
                self._finish.failed(provider, error)
                raise

    async def _sign_in(self, provider: Provider, dialog: DeviceDialog, whose: Whose, seconds: float) -> SignedIn:
        expected = await self._finish.expected(provider, whose)
        device = await self._oauth.begin_device(provider)
        left = min(seconds, device.seconds)
        dialog.code_ready(
            DeviceCode(provider, device.user_code, device.verification_uri, device.verification_uri_complete, left)
        )

        async def ask(newcomer: Newcomer) -> WhatToKeep | None:
            try:
                async with asyncio.timeout(seconds):
                    return await dialog.whom_to_keep(newcomer)
            except TimeoutError:
                raise SignInTimedOut(provider, "nobody said what becomes of the other account") from None

        session = await self._approved(device, left)
        signed_in = await self._finish.store(session, expected, ask, dialog.signed_in)
        await self._finish.note(signed_in, session)
        return signed_in

    async def _approved(self, device: DeviceAuthorization, seconds: float) -> Session:
        deadline = self._clock.monotonic() + seconds
        interval = pause = min(device.interval, LONGEST_PAUSE)
        trouble: KeyswitchError | None = None
        while (left := deadline - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(pause, left))
            try:
                answer = await self._poll(device)
            except _NOTHING_DECIDED as error:
                trouble = error
                interval = max(interval, min(interval * 2, LONGEST_PAUSE))
                pause = max(interval, _asked_to_wait(error))
                continue
            if isinstance(answer, Session):
                return answer
            trouble = None
            interval += SLOWER if answer is DevicePoll.SLOW_DOWN else 0.0
            pause = interval
        raise trouble or SignInTimedOut(device.provider, "the code was not used in time")

    async def _poll(self, device: DeviceAuthorization) -> Session | DevicePoll:
        """Ask once. Where nobody waits for the answer any more, a session that it grants is given back."""
        handover = _Handover()

        async def ask() -> None:
            answer = await self._oauth.poll_device(device)
            if not handover.given(answer) and isinstance(answer, Session):
                await self._finish.give_back(answer)

        try:
            await self._uninterrupted(ask)
        except asyncio.CancelledError:
            late = handover.taken(abandoned=True)
            if isinstance(late, Session):
                await self._finish.give_back(late)
            raise
        answer = handover.taken(abandoned=False)
        assert answer is not None  # noqa: S101 - `ask` came to its end, and nobody abandoned it
        return answer


class _Handover:
    """One answer, from the thread that asked to the one that waits for it, or does so no more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: Session | DevicePoll | None = None
        self._abandoned = False

    def given(self, answer: Session | DevicePoll) -> bool:
        """Whether somebody takes *answer*."""
        with self._lock:
            self._answer = None if self._abandoned else answer
            return not self._abandoned

    def taken(self, *, abandoned: bool) -> Session | DevicePoll | None:
        """What was given so far; with *abandoned* nothing will be taken from now on."""
        with self._lock:
            self._abandoned = abandoned
            return self._answer


def _asked_to_wait(error: KeyswitchError) -> float:
    """Seconds, where the provider names a wait."""
    return error.retry_after or 0.0 if isinstance(error, Overloaded) else 0.0
