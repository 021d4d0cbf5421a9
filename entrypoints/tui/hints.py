"""What is said for a moment, and is no part of the conversation."""

from __future__ import annotations

from functools import partial
from typing import Final

from rich.cells import cell_len

from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.tui.window import Window

HINT_SECONDS: Final = 3.0


class Hints:
    """Says it where it covers no text: below the field, or in a corner over a dialog."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._said = 0

    def say(self, words: str) -> None:
        """Say *words*; the ones before are gone."""
        screen, line = self._window.screen, untrusted_line(words)
        if not isinstance(screen, ChatScreen) or cell_len(line) > screen.composer.size.width:
            self._window.notify(untrusted(words), timeout=HINT_SECONDS, markup=False)
            return
        screen.composer.border_subtitle = untrusted_line(words)
        self._said += 1
        self._window.set_timer(HINT_SECONDS, partial(self._forget, screen, self._said))

    def _forget(self, screen: ChatScreen, number: int) -> None:
        """Unless something else is said by now."""
        if number == self._said and screen.is_mounted:
            screen.composer.border_subtitle = ""
