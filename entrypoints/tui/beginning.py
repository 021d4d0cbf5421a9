"""What the command line asks of the app: go on with the last conversation, use a model for this run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from domain.errors import KeyswitchError, StoreError
from entrypoints.services import Services
from entrypoints.tui.screens.chat_screen import RESTORED_TURNS
from entrypoints.words.shared import UNKNOWN_HELD
from entrypoints.words.trouble import trouble

if TYPE_CHECKING:
    from entrypoints.tui.app import KeyswitchApp


class Beginning:
    """Loads the services behind the first frame, then does what was asked for. No message goes out before that."""

    def __init__(self, app: KeyswitchApp) -> None:
        self._app = app
        options = app.options
        self.continues = options.continue_last
        """Whether an earlier conversation is still to be found, which brings its own model and sign-in."""
        self.under_way = options.continue_last or options.model is not None

    async def run(self) -> None:
        """Once, after the first frame."""
        app = self._app
        if app.options.message:
            app.say(app.options.message)
        services: Services | None = None
        done = False
        try:
            services = await app.services()
            done = not self.continues or await self._continue(services)
        except KeyswitchError as error:
            app.say(trouble(error), kind="trouble")
        await self._as_asked(done=done)
        if services is None:
            app.background.begin()
        else:
            app.unlocking.begin(services)

    async def _as_asked(self, *, done: bool) -> None:
        """Select the model that was asked for; then messages may go out. *done*: whether all before it came about."""
        if not self.under_way:
            return
        model = self._app.options.model
        if model is not None:
            done = await self._app.flows.select_at_start(model) and done
        self.continues = self.under_way = False
        self._app.chat.begin(early=done)
        self._app.read_again()

    async def _continue(self, services: Services) -> bool:
        """Go on with the last conversation; whether that could be done."""
        app = self._app
        try:
            latest = await asyncio.to_thread(services.conversations.latest, turns=RESTORED_TURNS)
        except StoreError as error:
            app.say(trouble(error), kind="trouble")
            return False
        if latest is None:
            app.say("There is no earlier conversation yet: this is the first.")
            return True
        await app.chat.restore(latest)
        app.holding.resume(latest.held)
        if latest.held is None:
            app.say(UNKNOWN_HELD)
        return True
