"""Asking for the passphrase of the master key where something needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from domain.errors import KeyswitchError
from entrypoints.services import Services
from entrypoints.tui.window import Window, begin_in
from entrypoints.words.errors import trouble


class Unlocking:
    """One question at a time, however many things wait for its answer."""

    def __init__(self, window: Window, sealed_earlier_files: bool) -> None:
        self._window = window
        self._services: Services | None = None
        self._waiting: list[Callable[[], object]] = []
        self._sealed_earlier_files = sealed_earlier_files
        self._whatever_comes: Callable[[], object] = _nothing
        """What begins once the question is out of the way, with or without the key."""

    def begin(self, services: Services, then: Callable[[], object]) -> None:
        """The services are there: ask now if the key is sealed, before anything waits for it, and do *then* in any
        case.
        """
        self._services = services
        if self._needed():
            self.first(_nothing)
            self._whatever_comes = then
        else:
            then()

    def first(self, then: Callable[[], object]) -> None:
        """Do *then* once the key can be had: at once where no passphrase is needed; not at all if none is given."""
        if not self._needed():
            then()
            return
        self._waiting.append(then)
        if len(self._waiting) == 1 and self._services is not None:
            from entrypoints.tui.screens.passphrase_dialog import PassphraseDialog

            dialog = PassphraseDialog(self._services.keys, self._window.glyphs)
            self._window.push_screen(dialog, self._answered)

    def with_earlier_files(self, then: Callable[[], object]) -> None:
        """Do *then*, once what an earlier program left is ours, if that is still waiting for the passphrase."""
        if not self._sealed_earlier_files or self._services is None:
            then()
        elif self._needed():
            self.first(then)
        else:
            begin_in(self._window, partial(self._take_over, [then]), group="taking over")

    def _answered(self, opened: bool | None) -> None:
        waiting, self._waiting = self._waiting, []
        go_on, self._whatever_comes = self._whatever_comes, _nothing
        go_on()
        if not opened:
            self._window.say("Your sign-ins stay sealed. You are asked again when one of them is needed.")
            return
        self._window.say(f"{self._window.glyphs.ok} Your sign-ins are open.", kind="passing")
        if self._sealed_earlier_files:
            begin_in(self._window, partial(self._take_over, waiting), group="taking over")
            return
        for then in waiting:
            then()

    async def _take_over(self, waiting: list[Callable[[], object]]) -> None:
        """Make ours what an earlier program left and the passphrase was missing for; then do what waits."""
        from entrypoints.taking_over import sentences

        assert self._services is not None  # noqa: S101 - they opened the key
        try:
            taken = await asyncio.to_thread(self._services.take_over)
        except KeyswitchError as error:
            self._window.say(trouble(error), kind="trouble")
        else:
            self._sealed_earlier_files = False
            self._window.say(*sentences(taken))
        self._window.read_again()
        for then in waiting:
            then()

    def _needed(self) -> bool:
        if self._services is None:
            return False
        try:
            return self._services.keys.needs_passphrase()
        except KeyswitchError as error:
            self._window.say(trouble(error), kind="trouble")
            return False


def _nothing() -> None:
    """Do nothing: nothing waits for the key."""
