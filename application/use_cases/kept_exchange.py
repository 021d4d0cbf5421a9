"""Puts one exchange on the disk as it goes on, so that a crash takes the last second of it at most."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Final

from application.ports.chat_client import ReasoningDelta, TextDelta
from application.ports.conversation_store import ConversationStore
from domain.conversation import Conversation, Turn
from domain.errors import KeyswitchError
from domain.records import replace
from domain.selection import Held

SAVED_EVERY: Final = 0.8
"""Seconds after which what came is on its way to the disk."""


class KeptExchange:
    """A question, which is stored at once, and the answer, of which pieces are stored as they come.

    The disk is written to in threads, while the provider works. A failure of it ends nothing: `end` tries once more to
    store the whole exchange, and says so where that fails.
    """

    def __init__(self, store: ConversationStore | None, conversation: Conversation, asked: Turn, coming: Turn) -> None:
        """*coming* is the answer as it is if nothing of it ever comes; without a *store* nothing is stored."""
        self._store = store
        self._before = conversation
        self.asked, self._coming = asked, coming
        self._writing = threading.Lock()
        self._over = False
        self._key = 0
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._more = asyncio.Event()
        self._saving = asyncio.create_task(self._save(store)) if store is not None else None

    @property
    def title(self) -> str:
        """The title of the conversation, which its first question gives it."""
        return self._before.title

    def grow(self, event: TextDelta | ReasoningDelta) -> None:
        """More of the answer came."""
        (self._text if isinstance(event, TextDelta) else self._reasoning).append(event.text)
        self._more.set()

    def end(self, answer: Turn, held: Held | None) -> None:
        """Store *answer* as it ended. Waits for the disk; raises StoreError where it cannot be stored."""
        if (store := self._over_with()) is None:
            return
        with self._writing:
            if self._key:
                store.settle(self._key, answer)
            else:
                self._key = self._put(store, answer)
            if held is not None and held != self._before.held:
                store.hold(self._before.id, held)

    def withdraw(self) -> None:
        """Nothing came: what was stored of the exchange is taken back."""
        if (store := self._over_with()) is None:
            return
        with self._writing, suppress(KeyswitchError):  # why nothing came is what is to be said
            if self._key:
                store.withdraw(self._key)

    def _over_with(self) -> ConversationStore | None:
        self._over = True
        if self._saving is not None:
            self._saving.cancel()
        return self._store

    async def _save(self, store: ConversationStore) -> None:
        await asyncio.to_thread(self._write, store)
        while True:
            await self._more.wait()
            await asyncio.sleep(SAVED_EVERY)
            self._more.clear()
            await asyncio.to_thread(self._write, store)

    def _write(self, store: ConversationStore) -> None:
        """Store what is not stored yet; where that fails, the next piece or the end tries again."""
        with self._writing, suppress(KeyswitchError):
            if self._over:
                return
            if not self._key:
                self._key = self._put(store, self._coming)
            texts, reasonings = len(self._text), len(self._reasoning)
            text, reasoning = "".join(self._text[:texts]), "".join(self._reasoning[:reasonings])
            if text or reasoning:
                store.grow(self._key, text, reasoning)
                del self._text[:texts], self._reasoning[:reasonings]

    def _put(self, store: ConversationStore, answer: Turn) -> int:
        """Store question and answer; the key of the answer. A conversation that nobody has any more begins anew."""
        before = self._before
        if store.count(before.id) or store.load(before.id, turns=0):
            return store.append(before.id, self.asked, answer)
        return store.begin(replace(before, turns=(*before.turns, self.asked, answer), earlier=0))
