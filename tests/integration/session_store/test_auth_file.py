"""What stands in `auth.json`, what survives a rewrite, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from adapters.master_key.in_file import KeyFile
from adapters.session_store.document import SIZE_LIMIT
from adapters.session_store.reading_records import StoreReader
from adapters.session_store.store import SealedFileStore
from domain.errors import StoreDamaged, StoreError, StoreNewer, StoreNotWritable
from domain.provider import Provider
from tests.support.credentials import ANA, a_record, a_session, an_api_key
from tests.support.earlier_files import by_provider, flat, nested, written
from tests.support.error_codes import with_code


def auth(home: Path) -> Path:
    return home / "auth.json"


def lines(home: Path) -> list[bytes]:
    """The records as they stand in the file, one a line."""
    return [line.rstrip(b",") for line in auth(home).read_bytes().splitlines() if b'"bound"' in line]


def edit(home: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the file as another program would."""
    value = json.loads(auth(home).read_bytes())
    change(value)
    auth(home).write_text(json.dumps(value, indent=2), encoding="utf-8")


# What stands in it


def test_the_file_is_json_with_readable_facts_and_sealed_tokens(three: SealedFileStore, home: Path) -> None:
    content = auth(home).read_text(encoding="ascii")
    value = json.loads(content)
    assert value["format"] == 2
    assert value["records"][1]["bound"]["label"] == ANA
    assert value["records"][1]["bound"]["access_expires_at"] == "2026-11-23T13:00:00+00:00"
    assert "fake-access" not in content
    assert "fake-refresh" not in content


def test_a_pasted_key_does_not_stand_in_it(store: SealedFileStore, home: Path) -> None:
    store.save(an_api_key())
    assert "sk-fake-key" not in auth(home).read_text(encoding="ascii")


def test_the_backup_is_what_was_last_written(three: SealedFileStore, home: Path) -> None:
    assert (home / "auth.json.bak").read_bytes() == auth(home).read_bytes()


def test_nothing_but_the_known_files_is_left_in_the_home(three: SealedFileStore, home: Path) -> None:
    store = {"auth.json", "auth.json.bak", "auth.json.lock", "auth.json.generations"}
    known = {*store, "master.key", "master-key.lock"}
    assert {path.name for path in home.iterdir()} == known


# What survives a rewrite


def test_a_save_leaves_the_bytes_of_its_neighbours_alone(three: SealedFileStore, home: Path) -> None:
    before = lines(home)
    three.save(a_session(Provider.CLAUDE, generation=2))
    after = lines(home)
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] != before[1]


def test_unknown_members_survive_every_kind_of_write(three: SealedFileStore, home: Path) -> None:
    strange: dict[str, Any] = {"π": [1, 1.5, None, {"deep": "\ud800"}], "huge": 10**40}

    def add(value: dict[str, Any]) -> None:
        value["from_the_future"] = strange
        for record in value["records"]:
            record["from_the_future"] = strange

    edit(home, add)
    three.save(a_session(Provider.CLAUDE, generation=2), activate=True)
    three.annotate(a_record(Provider.CHATGPT, tombstone=None))
    three.save(a_session(Provider.GEMINI, account="work"), activate=True)
    three.remove(a_record(Provider.GEMINI).key)
    value = json.loads(auth(home).read_bytes())
    assert value["from_the_future"] == strange
    assert [record.get("from_the_future") for record in value["records"]] == [strange, strange, None]
    assert three.load(a_record(Provider.CLAUDE).key) == a_session(Provider.CLAUDE, generation=2)


def test_a_record_that_cannot_be_read_keeps_its_place_and_the_others_work(three: SealedFileStore, home: Path) -> None:
    garbage: list[Any] = [17, {"bound": {"provider": "nobody"}, "kept": True}]
    edit(home, lambda value: value["records"].insert(1, garbage[0]))
    edit(home, lambda value: value["records"].append(garbage[1]))
    three.save(a_session(Provider.CLAUDE, generation=2))
    three.remove(a_record(Provider.GEMINI).key)
    records = json.loads(auth(home).read_bytes())["records"]
    assert (records[1], records[3]) == tuple(garbage)
    assert [record.provider for record in three.records()] == [Provider.CHATGPT, Provider.CLAUDE]
    assert [damage.key for damage in three.damaged()] == [None, None]


def test_a_damaged_record_is_named_and_refused(three: SealedFileStore, home: Path) -> None:
    (home / "auth.json.bak").unlink()
    edit(home, lambda value: value["records"][1]["bound"].update(generation=9))
    (damage,) = three.damaged()
    assert damage.key == a_record(Provider.CLAUDE).key
    assert "check sum" in str(damage.error)
    with pytest.raises(StoreDamaged, match=r"Claude \(OAuth\) is damaged"):
        three.load(a_record(Provider.CLAUDE).key)
    assert three.load(a_record(Provider.GEMINI).key) == a_session(Provider.GEMINI)


def test_the_good_copy_of_a_damaged_record_comes_back_and_that_is_said_once(three: SealedFileStore, home: Path) -> None:
    edit(home, lambda value: value["records"][1]["bound"].update(label="mallory"))
    damaged = auth(home).read_bytes()
    assert three.load(a_record(Provider.CLAUDE).key) == a_session(Provider.CLAUDE)
    assert auth(home).read_bytes() == damaged, "reading writes nothing"
    three.save(a_session(Provider.GEMINI, generation=2))
    assert StoreReader(home).damaged() == ()
    assert [record.provider for record in three.records()] == list(Provider)
    assert (home / "auth.json.damaged").read_bytes() == damaged
    assert (home / "auth.json.damaged").stat().st_mode & 0o777 == 0o600
    (notice,) = three.notices()
    assert "was damaged; restored from" in notice
    assert "Claude" in notice
    three.save(a_session(Provider.GEMINI, generation=3))
    assert three.notices() == (notice,)


def test_a_newer_record_than_the_copy_is_remembered_as_lost(three: SealedFileStore, home: Path) -> None:
    edit(home, lambda value: value["records"][1]["bound"].update(generation=9))
    three.annotate(a_record(Provider.GEMINI, tombstone=None))
    three.save(a_session(Provider.GEMINI, generation=2))
    (claude,) = [record for record in three.records() if record.provider is Provider.CLAUDE]
    assert claude.older_copy
    three.save(a_session(Provider.CLAUDE, generation=2))
    assert not any(record.older_copy for record in three.records()), "what was just obtained is the latest"


def test_a_new_sign_in_takes_the_place_of_a_damaged_record(three: SealedFileStore, home: Path) -> None:
    (home / "auth.json.bak").unlink()
    edit(home, lambda value: value["records"][1].update(sealed="gone"))
    fresh = a_session(Provider.CLAUDE, session_id="new", generation=1)
    three.save(fresh, activate=True)
    assert three.load(fresh.record.key) == fresh
    assert three.damaged() == ()
    assert len(lines(home)) == 3


def test_a_second_record_of_one_credential_does_not_count(three: SealedFileStore, home: Path) -> None:
    first = json.loads(lines(home)[0])
    three.save(a_session(Provider.CHATGPT, generation=2))
    edit(home, lambda value: value["records"].append(first))
    assert three.load(a_record(Provider.CHATGPT).key) == a_session(Provider.CHATGPT, generation=2)
    assert ["another record" in str(damage.error) for damage in three.damaged()] == [True]


def test_of_two_that_both_claim_to_be_active_one_is(store: SealedFileStore, home: Path) -> None:
    store.save(a_session(account="ana"), activate=True)
    marked = json.loads(lines(home)[0])
    store.save(a_session(account="work"), activate=True)
    edit(home, lambda value: value["records"].__setitem__(0, marked))
    assert [record.active for record in store.records()] == [True, False]


def test_a_removed_credential_is_in_the_backup_no_longer(three: SealedFileStore, home: Path) -> None:
    edit(home, lambda value: value["records"][0].update(sealed="gone"))
    three.remove(a_record(Provider.CLAUDE).key)
    backup = json.loads((home / "auth.json.bak").read_bytes())
    assert [record["bound"]["provider"] for record in backup["records"]] == ["chatgpt", "gemini"]


def test_a_deleted_file_is_restored_from_the_backup_and_said_so(three: SealedFileStore, home: Path) -> None:
    auth(home).unlink()
    assert len(StoreReader(home).records()) == 3
    three.save(a_session(Provider.CLAUDE, generation=2))
    assert three.load(a_record(Provider.CHATGPT).key) == a_session(Provider.CHATGPT)
    assert any("was gone" in notice for notice in three.notices())


# What is refused


def test_a_file_of_a_newer_format_is_read_and_not_written(three: SealedFileStore, home: Path) -> None:
    edit(home, lambda value: value.update(format=3))
    before = auth(home).read_bytes()
    assert three.load(a_record(Provider.CLAUDE).key) == a_session(Provider.CLAUDE)
    writes: tuple[Callable[[], object], ...] = (
        lambda: three.save(a_session()),
        lambda: three.annotate(a_record()),
        lambda: three.remove(a_record().key),
    )
    for write in writes:
        with pytest.raises(StoreNewer):
            write()
    assert auth(home).read_bytes() == before


def test_a_newer_file_that_means_nothing_here_is_not_taken_for_an_empty_one(store: SealedFileStore, home: Path) -> None:
    home.mkdir()
    auth(home).write_text('{"format": 3, "vaults": {}}', encoding="ascii")
    with pytest.raises(StoreNewer):
        store.records()


@pytest.mark.parametrize("content", [{"format": 1, "records": []}, {"format": True, "records": []}])
def test_a_foreign_file_is_named_and_left_alone(content: dict[str, Any], store: SealedFileStore, home: Path) -> None:
    home.mkdir()
    auth(home).write_text(json.dumps(content), encoding="ascii")
    for use in (store.records, lambda: store.save(a_session()), lambda: store.remove(a_record().key)):
        with pytest.raises(StoreDamaged, match=r"auth\.json: it is of a foreign format and was left alone"):
            use()
    assert json.loads(auth(home).read_bytes()) == content


@pytest.mark.parametrize("content", [flat(), nested(), by_provider()], ids=["flat", "nested", "by provider"])
def test_an_older_file_is_shown_and_not_written_over(
    content: dict[str, Any], store: SealedFileStore, home: Path
) -> None:
    home.mkdir()
    auth(home).write_bytes(written(content))
    assert {record.provider for record in store.records()} >= {Provider.CHATGPT}
    writes: tuple[Callable[[], object], ...] = (
        lambda: store.save(a_session()),
        lambda: store.remove(store.records()[0].key),
    )
    for write in writes:
        with pytest.raises(StoreError, check=with_code("store_older")):
            write()
    assert auth(home).read_bytes() == written(content)


def test_an_empty_file_holds_nothing_and_hides_nothing(three: SealedFileStore, home: Path) -> None:
    """A program that empties a file before it writes it may be stopped in between."""
    auth(home).write_bytes(b"\n")
    assert [record.provider for record in three.records()] == list(Provider)
    three.save(a_session(Provider.GEMINI, generation=2))
    assert three.load(a_record().key) == a_session()
    assert three.notices() == (f"{auth(home)} was gone; the sign-ins were restored from {auth(home)}.bak.",)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 64,
        b"\xff\xfe{}",
        b"null",
        b"[]",
        b"{",
        b'{"format": 2}',
        b'{"format": 2, "records": {}}',
        b'{"format": 2, "format": 2, "records": []}',
        b'{"format": 2, "records": [], "x": NaN}',
        b'{"format": 2, "records": [], "x": 1e999}',
        b'{"format": 2, "records": [], "x": -Infinity}',
        b'{"format": 2, "records": [], "x": ' + b"9" * 5000 + b"}",
        b'{"format": 2, "records": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"bound":' * 200_000,
        b'{"format": 2, "records": []}' + b" " * SIZE_LIMIT,
    ],
    ids=range(15),
)
def test_a_file_that_cannot_be_read_is_never_overwritten(content: bytes, store: SealedFileStore, home: Path) -> None:
    home.mkdir()
    auth(home).write_bytes(content)
    for use in (store.records, store.damaged, lambda: store.load(a_record().key), lambda: store.save(a_session())):
        with pytest.raises(StoreDamaged):
            use()
    assert auth(home).read_bytes() == content
    assert not (home / "master.key").exists()


def test_the_refusal_names_the_file_and_its_backup(three: SealedFileStore, home: Path) -> None:
    auth(home).unlink()
    auth(home).mkdir()
    with pytest.raises(StoreDamaged) as refusal:
        three.save(a_session())
    assert str(auth(home)) in str(refusal.value)
    assert str(home / "auth.json.bak") in str(refusal.value)


def test_a_file_of_which_nothing_can_be_read_gives_way_to_its_copy(three: SealedFileStore, home: Path) -> None:
    auth(home).write_bytes(b"\x00")
    assert [record.provider for record in StoreReader(home).records()] == list(Provider)
    three.save(a_session(Provider.CLAUDE, generation=2))
    assert three.load(a_record(Provider.GEMINI).key) == a_session(Provider.GEMINI)
    assert (home / "auth.json.damaged").read_bytes() == b"\x00"


def test_whole_records_in_a_broken_file_without_a_copy_go_on_and_the_rest_is_not_forgotten(
    three: SealedFileStore, home: Path
) -> None:
    broken = auth(home).read_bytes()[:-40]
    auth(home).write_bytes(broken)
    (home / "auth.json.bak").unlink()
    assert three.load(a_record(Provider.CHATGPT).key) == a_session(Provider.CHATGPT)
    assert [record.provider for record in three.records()] == [Provider.CHATGPT, Provider.CLAUDE]
    three.save(a_session(Provider.CHATGPT, generation=2))
    assert (home / "auth.json.damaged").read_bytes() == broken
    assert [damage.key for damage in three.damaged()] == [None]
    with pytest.raises(StoreDamaged):
        three.load(a_record(Provider.GEMINI).key)
    three.save(a_session(Provider.GEMINI))
    assert three.damaged() == (), "a sign-in mends what was hidden"


def test_a_sign_in_mends_one_of_two_records_that_are_damaged_alike(three: SealedFileStore, home: Path) -> None:
    head, first, *_ = auth(home).read_bytes().splitlines(keepends=True)
    auth(home).write_bytes(head + first + b"null,\nnull\n]}\n")
    (home / "auth.json.bak").unlink()
    three.save(a_session(Provider.GEMINI))
    assert [damage.key for damage in three.damaged()] == [None]


def test_a_link_is_not_followed(three: SealedFileStore, home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    auth(home).rename(elsewhere)
    auth(home).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    for use in (three.records, lambda: three.save(a_session(generation=2))):
        with pytest.raises(StoreDamaged, match="symbolic link"):
            use()
    assert elsewhere.read_bytes() == before
    assert auth(home).is_symlink()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_what_is_no_regular_file_is_refused_without_waiting(
    make: Callable[[Path], None], store: SealedFileStore, home: Path
) -> None:
    home.mkdir()
    make(auth(home))
    with pytest.raises(StoreDamaged, match="no regular file"):
        store.records()


def test_a_file_of_another_user_is_refused(three: SealedFileStore, home: Path, mocker: MockerFixture) -> None:
    owner = auth(home).stat().st_uid
    mocker.patch("os.geteuid", return_value=owner + 1)
    with pytest.raises(StoreDamaged, match="belongs to another user"):
        three.records()


def test_a_file_that_may_not_be_read_is_no_empty_one(three: SealedFileStore, mocker: MockerFixture) -> None:
    mocker.patch("os.open", side_effect=PermissionError(13, "Permission denied"))
    with pytest.raises(StoreDamaged, match="Permission denied"):
        three.records()


def test_a_file_does_not_grow_beyond_what_is_read_again(three: SealedFileStore, home: Path) -> None:
    before = auth(home).read_bytes()
    with pytest.raises(StoreNotWritable, match="grow beyond"):
        three.save(a_session(label="x" * SIZE_LIMIT))
    assert auth(home).read_bytes() == before


# The light way to the records


def test_the_reader_sees_what_the_store_sees(three: SealedFileStore, home: Path) -> None:
    reader = StoreReader(home)
    assert reader.records() == three.records()
    assert reader.stamp() == three.stamp()
    assert reader.damaged() == ()


def test_the_reader_of_a_home_that_does_not_exist_finds_nothing_and_makes_nothing(home: Path) -> None:
    reader = StoreReader(home)
    assert reader.records() == ()
    assert reader.stamp() is None
    assert not home.exists()


def test_records_need_no_key(three: SealedFileStore, home: Path) -> None:
    (home / "master.key").unlink()
    assert len(three.records()) == 3
    noted = replace(three.records()[0], tombstone=None)
    three.annotate(noted)
    assert SealedFileStore(home=home, keys=KeyFile(home=home)).remove(a_record(Provider.GEMINI).key)
