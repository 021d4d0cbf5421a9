"""Receive the loopback redirect of a native app (RFC 8252, 7.3), with asyncio and h11."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Final

from adapters.sign_in.held_address import hold, hold_address
from adapters.sign_in.peer import caller
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import HeldAddress, OpenListener
from domain.provider import Provider

LONGEST_STOP: Final = 0.8
"""Seconds; whoever has not read its answer by then is cut off."""


class LoopbackListener:
    """Opens a listener for each sign-in, on a port of its own."""

    @asynccontextmanager
    async def listen(self, provider: Provider, rule: RedirectRule) -> AsyncIterator[OpenListener]:
        from adapters.sign_in.attempt import Attempt
        from adapters.sign_in.connection import Connections

        held = await asyncio.to_thread(hold_address, provider, rule, listen=True)  # it may look for a port's holder
        attempt = Attempt(provider, held, caller=caller)
        connections = Connections(held.sockets, attempt.answer)
        try:
            yield attempt
        finally:
            await attempt.end(within=LONGEST_STOP / 2)
            await connections.close(within=LONGEST_STOP / 2)
            held.close()

    def hold(self, provider: Provider, rule: RedirectRule) -> AbstractContextManager[HeldAddress]:
        return hold(provider, rule)
