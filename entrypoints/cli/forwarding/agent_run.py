"""The agent in its terminal: it serves until it is told to end, renews sign-ins meanwhile, and asks its owner."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from typing import Final

from application.ports.forwarding.agent import PeerProcess
from application.renewal.background import TICK
from application.renewal.warnings import Ending
from domain.credential import CredentialKey
from domain.errors import KeyswitchError
from domain.forwarding.grant import Grant
from entrypoints.cli.home import full, light_up_to_date
from entrypoints.cli.output import may_ask, say
from entrypoints.services import Services
from entrypoints.words.accounts import ending_words
from entrypoints.words.errors import AGAIN_BY_ITSELF, trouble

_LONGEST_REPLY: Final = 1000


async def serve_agent() -> None:
    """Serve the agent of this home until this task is cancelled."""
    async with full(light_up_to_date()) as services, services.agent.serving(TerminalOwner() if may_ask() else None):
        say("The agent answers for the machines that you lend to: keyswitch agent open HOST. Ctrl+C ends it.")
        await AgentBackground(services).go_on()


class TerminalOwner:
    """The `Owner` at the terminal that the agent was started in. Questions come one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def agrees(self, grant: Grant, caller: PeerProcess) -> bool:
        """As the port says. Only `y` or `yes` is a yes."""
        async with self._turn:
            say(f"{grant.host} wants to use what you lend to it (process {caller.pid or 'unknown'}). Allow it? [y/N]")
            reply = await _line(sys.stdin.fileno())
            agreed = reply.strip().lower() in ("y", "yes")
            say("Allowed until this connection ends." if agreed else "Refused.")
            return agreed


class AgentBackground:
    """The agent as `BackgroundRenewal` knows it: no window, and nothing in use more than the rest."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._trouble = ""

    async def go_on(self) -> None:
        """Look now and every now and then, until cancelled."""
        while True:
            try:
                await self._services.background.look(self)
                for sentence in self._services.store_news():
                    say(sentence)
            except KeyswitchError as error:
                self.renewal_trouble(error)
            await asyncio.sleep(TICK)

    def in_use(self) -> CredentialKey | None:
        """None: a request renews what it needs."""
        return None

    def renewal_trouble(self, error: KeyswitchError | None) -> None:
        """Say it once, and once more when it is over."""
        before, self._trouble = self._trouble, "" if error is None else trouble(error, again=AGAIN_BY_ITSELF)
        if self._trouble and self._trouble != before:
            say(f"Sign-ins are not renewed: {self._trouble}")
        elif before and not self._trouble:
            say("Sign-ins are renewed again.")

    def sign_in_ends(self, ending: Ending) -> None:
        """Say that a sign-in ends soon."""
        say(ending_words(ending.record, self._services.light.clock.now()))


async def _line(descriptor: int) -> str:
    """What the person types, up to the end of the line. No thread is left waiting for it where the agent ends."""
    loop = asyncio.get_running_loop()
    typed = asyncio.Event()
    loop.add_reader(descriptor, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(descriptor)
    with suppress(OSError):
        return os.read(descriptor, _LONGEST_REPLY).decode("utf-8", "replace")
    return ""
