"""What goes on behind the screen: sign-ins are renewed, and what others change is found. It disturbs nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from textual.timer import Timer

from application.renewal.background import TICK
from application.renewal.warnings import Ending
from domain.credential import CredentialKey
from domain.errors import KeyswitchError
from entrypoints.tui.transcript.growth import prepare
from entrypoints.tui.widgets.cursors import Cursors
from entrypoints.tui.window import Window, begin_in
from entrypoints.words.accounts import ending_words
from entrypoints.words.errors import AGAIN_BY_ITSELF, trouble

FIRST_LISTS: Final = 20.0
"""Seconds from the first key until the providers are first asked for their lists of models: nobody waits for those."""

LISTS: Final = 3600.0
"""Seconds between two looks at whether a list is a day old."""

OFTEN: Final = 0.5
"""Seconds between two looks while something happens."""

SELDOM: Final = 1.5
"""Seconds between them else: with the looks of `TICK` and a reading each minute, less than one wakeup a second."""

LOOKS_BEFORE_REST: Final = 20
"""Without a change, and without a person: ten seconds."""

READ_AGAIN_AFTER: Final = 60.0
"""Seconds after which all is read even if no file changed: sessions end by the clock, too."""


class Pulse:
    """Looks around often while something happens, and seldom else. One timer serves all that has to look."""

    def __init__(self, window: Window, look: Callable[[], bool]) -> None:
        """*look* tells whether something changed: changes come in groups."""
        self._window = window
        self._look = look
        self._cursors = Cursors(window)
        self._left = LOOKS_BEFORE_REST
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Look every now and then, as long as the app is open."""
        self._keep_time()

    def wake(self) -> None:
        """A person is there: they see at once how things stand."""
        rested, self._left = not self._left, LOOKS_BEFORE_REST
        self._cursors.blink()
        if rested:
            self._keep_time()
            self._window.call_later(self.beat)

    def beat(self) -> None:
        """Look once; the timer calls this."""
        rested = not self._left
        self._left = LOOKS_BEFORE_REST if self._look() else max(self._left - 1, 0)
        if not self._left:
            self._cursors.rest()
        if rested != (not self._left):
            self._keep_time()

    def _keep_time(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._window.set_interval(OFTEN if self._left else SELDOM, self.beat)


class Background:
    """The window as `BackgroundRenewal` knows it."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._looking = self._began = self._typed = False

    def begin(self) -> None:
        """Look now, and every now and then as long as the app is open."""
        self._window.set_interval(TICK, self._begin_to_look)
        self._begin_to_look()
        self._began = True
        if self._typed:
            self._get_ready()

    def somebody_types(self) -> None:
        """Somebody is about to send something or to choose a model, and finds the libraries loaded and the lists read.

        A window that nobody has typed in does without either.
        """
        if self._began and not self._typed:
            self._get_ready()
        self._typed = True

    def _get_ready(self) -> None:
        begin_in(self._window, self._load_libraries, group="libraries")
        self._window.set_timer(FIRST_LISTS, self._begin_to_read_lists)
        self._window.set_interval(LISTS, self._begin_to_read_lists)

    async def _load_libraries(self) -> None:
        with suppress(KeyswitchError):  # whoever needs the services says why there are none
            await self._window.services()
        await asyncio.to_thread(prepare)

    def in_use(self) -> CredentialKey | None:
        """The credential that the next message would use."""
        stand = self._window.window_state
        return stand.selection.credential.key if stand and stand.selection else None

    def renewal_trouble(self, error: KeyswitchError | None) -> None:
        """Show it in the status line, for as long as it lasts."""
        self._window.trouble = "" if error is None else trouble(error, again=AGAIN_BY_ITSELF)
        self._window.refresh_lines()

    def sign_in_ends(self, ending: Ending) -> None:
        """A line in the conversation: nothing that covers what is being typed."""
        self._window.say(ending_words(ending.record, self._window.light.clock.now()), kind="trouble")

    def _begin_to_look(self) -> None:
        if not self._looking:
            self._looking = True
            begin_in(self._window, self._look, group="background")

    def _begin_to_read_lists(self) -> None:
        begin_in(self._window, self._read_lists, group="model lists", exclusive=True)

    async def _read_lists(self) -> None:
        """Nobody asked for it, so that nothing is said of it; the list of models shows how old it is."""
        with suppress(KeyswitchError):
            services = await self._window.services()
            await services.refresh_model_lists.if_wanted()

    async def _look(self) -> None:
        try:
            services = await self._window.built()
            await services.background.look(self)
            for sentence in services.store_news():
                self._window.say(sentence)
        except KeyswitchError as error:  # the services cannot be built: the next look tries again
            self.renewal_trouble(error)
        finally:
            self._looking = False
