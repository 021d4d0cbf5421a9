from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from stat import S_IMODE

import pytest

from adapters.conversations import schema
from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from domain.conversation import Role, Turn, TurnState, Usage
from domain.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer, StoreNotWritable
from tests.contracts.conversation_store import RECEIPT, START, asked, conversation
from tests.support.sample_files import a_file

REPO = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteConversations]:
    store = SqliteConversations(home=tmp_path)
    yield store
    store.close()


def raw(home: Path) -> closing[sqlite3.Connection]:
    """The database as somebody else opens it."""
    return closing(sqlite3.connect(home / NAME, isolation_level=None))


def test_what_is_said_after_the_file_was_removed_or_replaced_goes_into_the_one_that_is_there(
    store: SqliteConversations, tmp_path: Path
) -> None:
    store.begin(conversation("a", asked("one")))
    for path in tmp_path.iterdir():
        path.unlink()
    with closing(SqliteConversations(home=tmp_path)) as other:
        assert store.load("a") is None
        store.begin(conversation("a", asked("one"), asked("two")))
        other.begin(conversation("b", asked("three")))
        assert [one.id for one in store.summaries()] == [one.id for one in other.summaries()] == ["b", "a"]
        assert other.count("a") == 2


def test_asking_for_what_was_never_stored_makes_no_file(store: SqliteConversations, tmp_path: Path) -> None:
    assert store.latest() is None
    assert list(tmp_path.iterdir()) == []


def test_the_database_and_its_side_files_are_their_owners_alone(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", asked("Hello")))
    modes = {path.name: S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {NAME, f"{NAME}-wal", f"{NAME}-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_database_that_others_could_read_is_closed_to_them(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", asked("Hello")))
    store.close()
    (tmp_path / NAME).chmod(0o644)
    store.append("a", asked("Still here?"))
    assert {S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_what_a_crash_left_beside_it_is_closed_to_others_before_it_is_written_to(
    store: SqliteConversations, tmp_path: Path
) -> None:
    store.begin(conversation("a", asked("Hello")))
    left = tmp_path / "left"
    left.mkdir()
    for path in tmp_path.glob(f"{NAME}*"):
        shutil.copy(path, left)
        (left / path.name).chmod(0o666)

    with closing(SqliteConversations(home=left)) as after:
        found = after.latest()
        modes = {path.name: S_IMODE(path.stat().st_mode) for path in left.iterdir()}

    assert found is not None
    assert found.turns == (asked("Hello"),)
    assert {NAME, f"{NAME}-wal", f"{NAME}-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_every_commit_is_synced_into_a_write_ahead_log(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a"))
    with store._database.reading() as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_every_turn_is_in_the_index_for_search(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", asked("Where do penguins live?")))
    store.append("a", asked("And walruses?"))
    with raw(tmp_path) as database:
        find = "SELECT turn.text FROM turn_words JOIN turn ON turn.key = turn_words.rowid WHERE turn_words MATCH ?"
        assert database.execute(find, ("penguins",)).fetchall() == [("Where do penguins live?",)]
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("DELETE FROM conversation")
        assert database.execute(find, ("penguins",)).fetchall() == []
        database.execute("INSERT INTO turn_words (turn_words) VALUES ('integrity-check')")


def test_text_that_utf_8_cannot_write_is_kept_without_its_halves(store: SqliteConversations) -> None:
    store.begin(conversation("a", asked("half \ud83d of a pair")))
    latest = store.latest()
    assert latest is not None
    assert latest.turns[0].text == "half ? of a pair"


def steps_of_opening(home: Path, turns: int) -> int:
    """How many instructions SQLite's machine runs to give the last 30 of that many turns."""
    store = SqliteConversations(home=home)
    store.begin(conversation("a", *(asked(f"turn {number}") for number in range(turns))))
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with store._database.reading() as database:
        database.set_progress_handler(count, 1)
    latest = store.latest()
    store.close()
    assert latest is not None
    assert [turn.text for turn in latest.turns] == [f"turn {number}" for number in range(turns - 30, turns)]
    return counted


def test_opening_costs_the_same_however_long_the_history_is(tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.mkdir()
    long.mkdir()
    assert steps_of_opening(short, 40) == steps_of_opening(long, 4_000)


# Threads and processes


def test_threads_may_share_a_store(store: SqliteConversations) -> None:
    store.begin(conversation("a"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.append("a", asked(str(number))), range(80)))
        loaded = pool.submit(store.load, "a").result()
    assert loaded is not None
    assert sorted(int(turn.text) for turn in loaded.turns) == list(range(80))


def test_processes_may_start_and_write_at_once(store: SqliteConversations, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from adapters.conversations.sqlite_store import SqliteConversations\n"
        "from tests.contracts.conversation_store import asked, conversation\n"
        "home, name = Path(sys.argv[1]), sys.argv[2]\n"
        "sys.stdin.read(1)\n"
        "store = SqliteConversations(home=home)\n"
        "store.begin(conversation(name))\n"
        "for number in range(10): store.append(name, asked(str(number)))\n"
    )
    names = ["a", "b", "c", "d"]
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path)]
    running = [subprocess.Popen([*command, name], cwd=REPO, stdin=subprocess.PIPE) for name in names]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()  # all of them go at once
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    for name in names:
        loaded = store.load(name)
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == [str(number) for number in range(10)]


def test_a_turn_of_another_process_is_seen(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", asked("mine")))
    other = SqliteConversations(home=tmp_path)
    other.append("a", asked("theirs"))
    other.close()
    latest = store.latest()
    assert latest is not None
    assert [turn.text for turn in latest.turns] == ["mine", "theirs"]


def test_a_process_that_keeps_writing_makes_the_store_busy(
    store: SqliteConversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store._database, "_patience", 0.01)
    store.begin(conversation("a"))
    with raw(tmp_path) as database:
        database.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            store.append("a", asked("Hello?"))
        database.execute("ROLLBACK")
    store.append("a", asked("Hello!"))


# What cannot be used


def test_a_newer_database_is_left_alone(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", asked("Hello")))
    store.close()
    with raw(tmp_path) as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    content = (tmp_path / NAME).read_bytes()
    for ask in (store.latest, lambda: store.append("a", asked("Hi"))):
        with pytest.raises(StoreNewer, match="a newer keyswitch wrote it"):
            ask()
    assert (tmp_path / NAME).read_bytes() == content


@pytest.mark.parametrize(
    "content", [b"this is no database, whatever its name says" * 50, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_file_that_is_no_database_is_damaged_and_kept(
    store: SqliteConversations, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / NAME).write_bytes(content)
    for ask in (store.latest, lambda: store.begin(conversation("a"))):
        with pytest.raises(StoreDamaged, match="it cannot be read"):
            ask()
    assert (tmp_path / NAME).read_bytes() == content


def test_pages_that_were_overwritten_are_damage(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", *(asked("long " * 200) for _ in range(50))))
    store.close()
    content = bytearray((tmp_path / NAME).read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(StoreDamaged):
        store.latest()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("role", "narrator"),
        ("at", "yesterday"),
        ("state", ""),
        ("receipt", "{"),
        ("receipt", "[1]"),
        ("receipt", '{"provider": "x"}'),
    ],
)
def test_a_turn_that_nobody_could_have_written_is_damage(
    store: SqliteConversations, tmp_path: Path, column: str, value: str
) -> None:
    store.begin(conversation("a", Turn(role=Role.ASSISTANT, text="Hi", at=START, receipt=RECEIPT)))
    with raw(tmp_path) as database:
        database.execute(f"UPDATE turn SET {column} = ?", (value,))  # noqa: S608 - the columns named above
    with pytest.raises(StoreDamaged, match="cannot be read"):
        store.latest()


def test_a_receipt_may_have_more_fields_than_are_known_here_and_fewer(
    store: SqliteConversations, tmp_path: Path
) -> None:
    store.begin(conversation("a", Turn(role=Role.ASSISTANT, text="Hi", at=START, receipt=RECEIPT)))
    with raw(tmp_path) as database:
        database.execute("UPDATE turn SET receipt = json_remove(json_set(receipt, '$.later', 1), '$.seconds')")
    found = store.latest()
    assert found is not None
    assert found.turns[0].receipt == replace(RECEIPT, seconds=0.0)


def test_a_receipt_of_an_earlier_keyswitch_is_read(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", Turn(role=Role.ASSISTANT, text="Hi", at=START, receipt=RECEIPT)))
    with raw(tmp_path) as database:
        database.execute(
            "UPDATE turn SET receipt = json_remove(json_set(receipt, '$.cost', 0.00116), "
            "'$.written', '$.written_long', '$.answered', '$.rates', '$.unpriced', '$.reported')"
        )
    found = store.latest()
    assert found is not None
    receipt = found.turns[0].receipt
    assert receipt is not None
    assert (receipt.cost, receipt.rates) == (Decimal("0.00116"), None)
    assert receipt.usage == Usage(input=120, output=34, cached=100, reasoning=7)


def test_a_home_that_is_missing_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StoreNotWritable, match="No such file or directory"):
        SqliteConversations(home=tmp_path / "missing").begin(conversation("a"))


def test_a_link_in_the_place_of_the_database_is_not_followed(store: SqliteConversations, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.db"
    target.write_bytes(b"")
    (tmp_path / NAME).symlink_to(target)
    with pytest.raises(StoreDamaged):
        store.begin(conversation("a"))
    assert target.read_bytes() == b""


def test_a_turn_that_does_not_fit_on_the_disk_leaves_the_others(store: SqliteConversations) -> None:
    store.begin(conversation("a", asked("kept")))
    with store._database.reading() as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to a full disk
    with pytest.raises(StoreNotWritable, match="full"):
        store.append("a", asked("x" * 1_000_000))
    latest = store.latest()
    assert latest is not None
    assert [turn.text for turn in latest.turns] == ["kept"]


def test_a_store_that_was_closed_opens_again(store: SqliteConversations, tmp_path: Path) -> None:
    store.begin(conversation("a", asked("one")))
    store.close()
    store.close()
    assert not (tmp_path / f"{NAME}-wal").exists()
    store.append("a", asked("two"))
    latest = store.latest()
    assert latest is not None
    assert len(latest.turns) == 2


def test_what_was_removed_is_gone_for_good_when_the_store_is_opened_an_hour_later(
    store: SqliteConversations, tmp_path: Path
) -> None:
    for name in "abc":
        store.begin(conversation(name, asked(f"secret of {name}"), asked("more")))
    cut = store.cut("a", after_turn=1)
    for name in "ab":
        store.remove(name)
    store.close()
    with raw(tmp_path) as database:
        database.execute("UPDATE removed SET at = at - 3600 WHERE conversation = 1")
    assert store.restore("b") == "b"
    for name in ("a", cut):
        with pytest.raises(StoreError):
            store.restore(name)
    store.close()
    assert b"secret of a" not in (tmp_path / NAME).read_bytes()
    with raw(tmp_path) as database:
        database.execute("INSERT INTO turn_words (turn_words) VALUES ('integrity-check')")


def test_an_answer_that_nobody_finished_is_found_by_a_search_after_the_next_start(store: SqliteConversations) -> None:
    key = store.begin(conversation("a", asked("hi"), replace(asked("The "), state=TurnState.BROKEN)))
    for piece in ("peng", "uins ", "swim"):
        store.grow(key, piece)
    assert store.search("penguins") == ()
    store.close()
    assert [hit.turn for hit in store.search("penguins")] == [2]
    store.grow(key, " well")  # by a process that is alive after all
    assert store.turns("a", first=2, count=1)[0].text == "The penguins swim well"


def test_a_file_is_kept_once_and_goes_with_the_last_turn_that_has_it(
    store: SqliteConversations, tmp_path: Path
) -> None:
    photo, notes = a_file("photo.png"), a_file("notes.md")
    store.begin(conversation("a", replace(asked("one"), attachments=(photo, notes))))
    store.begin(conversation("b", replace(asked("two"), attachments=(replace(photo, name="other.png"),))))

    def kept() -> list[str]:
        with raw(tmp_path) as database:
            return [row[0] for row in database.execute("SELECT media_type FROM file ORDER BY media_type")]

    def delete(name: str) -> None:
        with raw(tmp_path) as database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("DELETE FROM conversation WHERE id = ?", (name,))

    assert kept() == ["image/png", "text/plain"]
    delete("a")
    assert kept() == ["image/png"]
    delete("b")
    assert kept() == []


def test_the_stamp_stays_as_it_is_where_nobody_else_writes(store: SqliteConversations) -> None:
    store.begin(conversation("a", asked("hi")))
    before = store.stamp()
    store.append("a", asked("mine"))
    store.latest()
    assert store.stamp() == before
