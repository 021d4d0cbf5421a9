"""Obtain a session by a browser on another machine, with a code that a person types there (RFC 8628)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from application.ports.clock import Clock
from application.ports.oauth_client import DeviceAuthorization, DevicePoll, OAuthClient
from application.ports.sign_in_dialog import DeviceCode, DeviceDialog
from application.ports.uninterrupted import Uninterrupted
from application.sign_in.end_session import EndSession
from application.sign_in.keep import Arrival
from domain.errors import AnswerUnreadable, KeyswitchError, Offline, Overloaded, SignInTimedOut
from domain.provider import Provider
from domain.session import Session

SLOWER: Final = 5.0
"""Seconds that each `slow_down` adds to the pause between two polls (RFC 8628, 3.5)."""

LONGEST_PAUSE: Final = 60.0
"""Seconds; after lost connections the pause doubles up to this (RFC 8628, 3.5 asks to back off), and a server that asks
for a longer interval is asked this often: nobody waits so long to learn that the code was used."""

_NOTHING_DECIDED: Final = (Offline, Overloaded, AnswerUnreadable)


class ByDevice:
    """Shows a code, and asks the provider from time to time whether somebody has used it."""

    def __init__(self, *, oauth: OAuthClient, end: EndSession, clock: Clock, uninterrupted: Uninterrupted) -> None:
        self._oauth = oauth
        self._end = end
        self._clock = clock
        self._uninterrupted = uninterrupted

    @asynccontextmanager
    async def __call__(self, provider: Provider, dialog: DeviceDialog, *, seconds: float) -> AsyncIterator[Arrival]:
        """Obtain a session within *seconds*, or as long as the code lasts. Raises as `SignIn.by_device`."""
        device = await self._oauth.begin_device(provider)
        left = min(seconds, device.seconds)
        dialog.code_ready(
            DeviceCode(provider, device.user_code, device.verification_uri, device.verification_uri_complete, left)
        )
        yield Arrival(await self._approved(device, left))

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
        """Ask once. If the caller has given up meanwhile, a session that the answer grants is given back."""
        handover = _Handover()

        async def ask() -> None:
            answer = await self._oauth.poll_device(device)
            if not handover.given(answer) and isinstance(answer, Session):
                await self._end.give_back(answer)

        try:
            await self._uninterrupted(ask)
        except asyncio.CancelledError:
            late = handover.taken(abandoned=True)
            if isinstance(late, Session):
                await self._end.give_back(late)
            raise
        answer = handover.taken(abandoned=False)
        assert answer is not None  # noqa: S101 - `ask` came to its end, and nobody abandoned it
        return answer


class _Handover:
    """Hands an answer from the thread that asked to the one that waits for it, unless that has given up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: Session | DevicePoll | None = None
        self._abandoned = False

    def given(self, answer: Session | DevicePoll) -> bool:
        """Hand *answer* over. Returns whether somebody will take it."""
        with self._lock:
            self._answer = None if self._abandoned else answer
            return not self._abandoned

    def taken(self, *, abandoned: bool) -> Session | DevicePoll | None:
        """The answer that was given so far. With *abandoned* no later one will be taken."""
        with self._lock:
            self._abandoned = abandoned
            return self._answer


def _asked_to_wait(error: KeyswitchError) -> float:
    """The seconds that the provider asked to wait; 0 if it named none."""
    return error.retry_after or 0.0 if isinstance(error, Overloaded) else 0.0
