"""The files that a word behind `@` could mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from domain.attached.path_matches import matches
from domain.errors import KeyswitchError
from domain.text.untrusted import untrusted_line
from entrypoints.chat.fitting import cut_front
from entrypoints.chat.slash import Completion
from entrypoints.tui.window import Window, begin_in
from entrypoints.tui.writing.mention import SIGN

_AROUND: Final = 8
"""Cells of the menu's row that a path leaves free."""

LOOKING: Final = "looking for files"


class FileOffers:
    """Knows the files of the current folder and deeper; looks again for each such word."""

    def __init__(self, window: Window, found: Callable[[], None]) -> None:
        """*found* is called when they are known."""
        self._window = window
        self._found = found
        self._paths: tuple[str, ...] | None = None

    def look(self) -> None:
        """Look in a thread; what is known is offered meanwhile."""
        begin_in(self._window, self._look, group="files", exclusive=True)

    async def _look(self) -> None:
        try:
            services = await self._window.built()
            self._paths = await asyncio.to_thread(services.attachable.below)
        except (KeyswitchError, OSError):  # the folder is gone
            self._paths = ()
        self._found()

    def offers(self, typed: str) -> tuple[Completion, ...]:
        """What *typed* could mean; a row that says so while nothing is known yet."""
        if self._paths is None:
            return (Completion(SIGN, f"{LOOKING}{self._window.glyphs.ellipsis}", ""),)
        room, ellipsis = self._window.size.width - _AROUND, self._window.glyphs.ellipsis
        return tuple(
            Completion(SIGN + path, cut_front(untrusted_line(path), room, ellipsis), "")
            for path in matches(self._paths, typed)
        )
