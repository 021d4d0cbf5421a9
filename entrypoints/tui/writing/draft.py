"""What is written is kept on the disk at each pause, so that not even a kill takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from textual.timer import Timer

from application.ports.writing.draft_store import DraftStore
from domain.errors import KeyswitchError
from domain.text.written import Written
from entrypoints.tui.window import Window, begin_in

PAUSE: Final = 0.5
"""Seconds without a change after which it is kept."""


class KeptDraft:
    """The draft of one window: as it is on the disk, and as it is written."""

    def __init__(self, window: Window, unsent: Callable[[], Written], told: Callable[[str], object]) -> None:
        """*unsent* is all that is written and not sent; *told* gets the words for the hint line."""
        self._window = window
        self._unsent = unsent
        self._told = told
        self._store: DraftStore | None = None
        self._kept = Written("")
        self._said = ""
        self._pause: Timer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def begin(self, store: DraftStore) -> Written | None:
        """Keep drafts in *store* from now on; what an earlier window left in it."""
        with suppress(KeyswitchError):  # whatever else is stored says why it cannot be
            left = await asyncio.to_thread(store.take)
            self._store, self._kept = store, left or Written("")
            self.changed()
            return left
        return None

    def changed(self) -> None:
        """Something was written or sent: it is kept once there is a pause."""
        if self._said:
            self._said = ""
            self._told("")
        if self._pause is not None:
            self._pause.stop()
        self._pause = self._window.set_timer(PAUSE, self._begin_to_save)

    async def end(self) -> None:
        """Keep what is there now; the next window may have it."""
        if self._pause is not None:
            self._pause.stop()
        await self._save()
        if self._store is not None:
            await asyncio.to_thread(self._store.let_go)

    def _begin_to_save(self) -> None:
        begin_in(self._window, self._save, group="draft")

    async def _save(self) -> None:
        async with self._one_at_a_time:
            unsent = self._unsent()
            if self._store is None or unsent == self._kept:
                return
            with suppress(KeyswitchError):
                kept = await asyncio.to_thread(self._store.keep, unsent)
                self._kept = unsent
                if unsent.text.strip() and unsent == self._unsent():
                    self._said = "draft saved" if kept else "draft not saved: it is too long, or holds a key"
                    self._told(self._said)
