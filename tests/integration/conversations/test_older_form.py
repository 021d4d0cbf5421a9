"""A database as keyswitch made it before conversations were listed, searched and removed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from adapters.conversations import schema
from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from domain.conversation import Origin
from tests.contracts.conversation_store import asked, conversation, texts

OLDER_TURN: Final = (
    "INSERT INTO turn (conversation, number, role, text, at, state, reasoning, stop, receipt) "
    "SELECT ?1, coalesce(max(number), 0) + 1, 'user', ?2, '2026-11-23T12:30:00.000000Z', 'complete', '', NULL, NULL "
    "FROM turn WHERE conversation = ?1"
)
"""How it adds a turn."""


def older_append(database: sqlite3.Connection, key: int, text: str) -> None:
    with database:
        database.execute(OLDER_TURN, (key, text))
        touched = "(SELECT coalesce(max(touched), 0) + 1 FROM conversation)"
        database.execute(f"UPDATE conversation SET touched = {touched} WHERE key = ?", (key,))  # noqa: S608 - a constant


@pytest.fixture
def older(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement in schema.STATEMENTS:
            database.execute(statement)
        for key in (1, 2):
            begin = "INSERT INTO conversation (id, started, title) VALUES (?, '2026-11-23T12:30:00.000000Z', ?)"
            database.execute(begin, (f"c{key}", f"Number {key}"))
            older_append(database, key, f"Where do penguins live, {key}?")
    return tmp_path


def test_all_of_it_is_there(older: Path) -> None:
    with closing(SqliteConversations(home=older)) as store:
        assert [(one.id, one.turns, one.size, one.origin) for one in store.summaries()] == [
            ("c2", 1, 26, None),
            ("c1", 1, 26, None),
        ]
        assert [hit.conversation for hit in store.search("peng")] == ["c2", "c1"]
        latest = [store.latest(origin=origin) for origin in Origin]
        assert [one and one.id for one in latest] == ["c2", "c2"]
        store.append("c1", asked("x"))
        assert store.summaries()[0].size == 27


def test_an_older_keyswitch_goes_on_with_the_newer_form(older: Path) -> None:
    with closing(SqliteConversations(home=older)) as store, closing(sqlite3.connect(older / NAME)) as database:
        store.begin(conversation("new", asked("by the newer")))
        cut = store.cut("c1", after_turn=0)
        store.remove("c2")
        assert [one.size for one in store.summaries()] == [12]
        last = "SELECT id FROM conversation WHERE touched IS NOT NULL ORDER BY touched DESC"
        assert database.execute(last).fetchall() == [("new",)]
        older_append(database, 1, "by the older")
        older_append(database, 2, "it was open there")
        assert [(one.id, one.turns, one.size) for one in store.summaries()] == [
            ("c2", 2, 43),
            ("c1", 1, 12),
            ("new", 1, 12),
        ]
        assert store.restore(cut) == cut
        assert texts(store.turns("c1", first=1, count=9)) == ["by the older"]


def test_two_processes_that_open_it_at_once_both_find_it_whole(older: Path) -> None:
    with closing(SqliteConversations(home=older)) as one, closing(SqliteConversations(home=older)) as other:
        assert (one.count("c1"), other.count("c1")) == (1, 1)
        assert len(one.summaries()) == len(other.summaries()) == 2
