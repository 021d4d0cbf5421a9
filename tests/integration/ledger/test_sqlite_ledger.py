"""The ledger on the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE

import pytest

from adapters.conversations.sqlite_store import SqliteConversations
from adapters.ledger.sqlite_ledger import NAME, SqliteLedger
from domain.conversation import Role, Turn, TurnState
from domain.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer
from domain.usage.entry import Entry
from domain.usage.sums import total
from tests.contracts.conversation_store import RECEIPT, START, asked, coming, conversation
from tests.contracts.ledger import DAY, entry


def opened(home: Path, *earlier: Entry) -> closing[SqliteLedger]:
    return closing(SqliteLedger(home=home, earlier=lambda: earlier))


def answered(minute: int, state: TurnState = TurnState.COMPLETE) -> Turn:
    return Turn(Role.ASSISTANT, "Because.", START + timedelta(minutes=minute), state, receipt=RECEIPT)


def raw(home: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(home / NAME, isolation_level=None))


def test_the_ledger_and_its_side_files_are_their_owners_alone_and_hold_no_text(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.note(entry())
        assert {S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    with raw(tmp_path) as database:
        columns = {name for (name,) in database.execute("SELECT name FROM pragma_table_info('entry')")}
        assert not columns & {"text", "title", "role"}
        kept = [type(value) for (value,) in database.execute("SELECT cost FROM entry")]
    assert kept == [str]


def test_answers_that_were_kept_before_are_taken_in_once(tmp_path: Path) -> None:
    before = entry(replace(RECEIPT, cost=None), conversation="old")
    with opened(tmp_path, before) as ledger:
        ledger.note(entry())
        assert total(ledger.used(DAY, DAY)).requests == 2
    with opened(tmp_path, before) as ledger:
        assert total(ledger.used(DAY, DAY)).requests == 2


def test_where_they_cannot_be_read_the_next_opening_takes_them_in_and_none_twice(tmp_path: Path) -> None:
    def locked() -> tuple[Entry, ...]:
        raise StoreBusy("conversations.db", "another process was writing to it")

    mine, before = entry(), entry(conversation="old")
    with closing(SqliteLedger(home=tmp_path, earlier=locked)) as ledger:
        ledger.note(mine)
        assert total(ledger.used(DAY, DAY)).requests == 1
    with opened(tmp_path, before, mine) as ledger:
        assert total(ledger.used(DAY, DAY)).requests == 2


def test_what_is_kept_is_counted_whatever_became_of_the_conversations(tmp_path: Path) -> None:
    store = SqliteConversations(home=tmp_path)
    store.begin(conversation("a", asked("one"), answered(1), asked("two"), answered(2), asked("three"), answered(3)))
    store.begin(conversation("b", asked("one"), answered(4, TurnState.STOPPED)))
    store.begin(conversation("c", asked("one"), answered(5, TurnState.FAILED), coming()))
    cut = store.cut("a", after_turn=2)
    store.append("a", asked("other"), answered(6))
    store.restore(cut)  # with a copy of the turns before it
    store.cut("a", after_turn=2)
    store.remove("b")
    with closing(SqliteLedger(home=tmp_path, earlier=store.answers)) as ledger:
        assert total(ledger.used(DAY, DAY)).requests == 6
        for name in ("a", "b"):
            store.remove(name) if name == "a" else None
        assert total(ledger.used(DAY, DAY)).requests == 6
    store.close()


def test_a_ledger_that_cannot_be_used_says_so_and_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.note(entry())
    with raw(tmp_path) as database:
        database.execute("PRAGMA user_version = 99")
    with opened(tmp_path) as ledger, pytest.raises(StoreNewer, match="a newer keyswitch wrote it"):
        ledger.note(entry())
    with raw(tmp_path) as database:
        database.execute("PRAGMA user_version = 1")
        database.execute("UPDATE entry SET cost = 'much'")
    with opened(tmp_path) as ledger, pytest.raises(StoreDamaged):
        ledger.used(DAY, DAY)
    (tmp_path / NAME).write_bytes(b"no database at all, whatever its name says" * 100)
    with opened(tmp_path) as ledger, pytest.raises(StoreError):
        ledger.note(entry())


def test_a_process_that_keeps_writing_makes_an_answer_wait_for_a_second_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as ledger:
        assert ledger._database._patience <= 1
        monkeypatch.setattr(ledger._database, "_patience", 0.01)
        ledger.note(entry())
        with raw(tmp_path) as database:
            database.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy):
                ledger.note(entry())
