from __future__ import annotations

from pathlib import Path

import pytest

from adapters.conversations.sqlite_store import SqliteConversations
from application.ports.conversation_store import ConversationStore
from domain.conversation import Conversation, Turn
from domain.selection import Held
from tests.contracts.conversation_store import ConversationStoreContract
from tests.support.memory_conversations import MemoryConversations


class Reopened:
    """A store that is closed after every call, as if each came from a new process."""

    def __init__(self, *, home: Path) -> None:
        self._home = home

    def begin(self, conversation: Conversation) -> None:
        store = SqliteConversations(home=self._home)
        store.begin(conversation)
        store.close()

    def append(self, conversation_id: str, turn: Turn) -> None:
        store = SqliteConversations(home=self._home)
        try:
            store.append(conversation_id, turn)
        finally:
            store.close()

    def hold(self, conversation_id: str, held: Held) -> None:
        store = SqliteConversations(home=self._home)
        store.hold(conversation_id, held)
        store.close()

    def latest(self, *, turns: int = 30) -> Conversation | None:
        store = SqliteConversations(home=self._home)
        found = store.latest(turns=turns)
        store.close()
        return found

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        store = SqliteConversations(home=self._home)
        found = store.load(conversation_id, turns=turns)
        store.close()
        return found


class TestMemoryConversations(ConversationStoreContract):
    def make_store(self) -> ConversationStore:
        return MemoryConversations()


class TestSqliteConversations(ConversationStoreContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_store(self) -> ConversationStore:
        return SqliteConversations(home=self.home)


class TestSqliteConversationsAcrossProcesses(TestSqliteConversations):
    def make_store(self) -> ConversationStore:
        return Reopened(home=self.home)
