from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.conversations.database import FORM, NAME
from adapters.conversations.sqlite_store import SqliteConversations
from adapters.sqlite.sqlite_file import Database
from application.ports.conversation_store import ConversationStore
from tests.contracts.conversation_store import ConversationStoreContract
from tests.support.memory_conversations import MemoryConversations


class ClosedAfterwards(Database):
    """A database that is closed after every transaction."""

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with super()._transaction(begin) as database:
            yield database
        self.close()


class Reopened(SqliteConversations):
    """A store that is closed after every call, as if each came from a new process."""

    def __init__(self, *, home: Path) -> None:
        super().__init__(home=home)
        self._database = ClosedAfterwards(home / NAME, FORM)


class TestMemoryConversations(ConversationStoreContract):
    def make_store(self) -> ConversationStore:
        return MemoryConversations()


class TestSqliteConversations(ConversationStoreContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_store(self) -> ConversationStore:
        return SqliteConversations(home=self.home)

    def another(self, store: ConversationStore) -> ConversationStore:
        return SqliteConversations(home=self.home)


class TestSqliteConversationsAcrossProcesses(TestSqliteConversations):
    def make_store(self) -> ConversationStore:
        return Reopened(home=self.home)
