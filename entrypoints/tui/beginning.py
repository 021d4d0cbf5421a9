"""What the command line asks of the app: go on with the last conversation, use a model for this run."""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import KeyswitchError
from entrypoints.services import Services
from entrypoints.tui.window import Window
from entrypoints.words.errors import trouble


class Beginning:
    """Loads the services behind the first frame, then does what was asked for. No message goes out before that."""

    def __init__(
        self, window: Window, loaded: Callable[[Services | None], None], begun: Callable[[bool], None]
    ) -> None:
        """*loaded* gets the services, None where they cannot be had; *begun* whether all that was asked for came
        about.
        """
        self._window = window
        self._loaded = loaded
        self._begun = begun
        options = window.options
        self.continues = options.goes_on
        """Whether an earlier conversation is still to be found, which brings its own model and sign-in."""
        window.controller.starting = self.continues or options.model is not None

    async def run(self) -> None:
        """Do what the command line asked for, once, after the first frame."""
        window = self._window
        if window.options.message:
            window.say(window.options.message)
        services: Services | None = None
        done = False
        try:
            if self.continues:
                await window.controller.go_on_at_start(window.options.resume)
            services = await window.built()
            done = True
        except KeyswitchError as error:
            window.say(trouble(error), kind="trouble")
        await self._select_model(done=done)
        self._loaded(services)

    async def _select_model(self, *, done: bool) -> None:
        """Select the model that was asked for; then messages may go out. *done*: whether all before it came about."""
        controller, model = self._window.controller, self._window.options.model
        if not controller.starting:
            return
        if model is not None:
            done = await controller.select_at_start(model) and done
        self.continues = controller.starting = False
        self._begun(done)
