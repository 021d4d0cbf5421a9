"""What was taken over comes back as it was, for whoever goes back to the earlier program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.earlier_programs.take_over import EarlierFiles
from adapters.master_key.in_file import KeyFile
from adapters.session_store.store import SealedFileStore
from domain.errors import StoreDamaged, StoreError, StoreNotWritable, StoreWrongKey
from domain.provider import Provider
from tests.integration.conftest import Put, kept, loaded
from tests.support.credentials import a_record, a_session
from tests.support.earlier_files import accounts, an_account, nested


def test_the_originals_come_back_into_a_folder_of_ones_choice(
    put: Put, earlier_files: EarlierFiles, home: Path, tmp_path: Path
) -> None:
    original, others = put(nested()).read_bytes(), put(accounts(an_account("one")), "auth_accounts.json").read_bytes()
    earlier_files.take_over()
    target = tmp_path / "target"
    target.mkdir()

    paths = earlier_files.restore(str(target))

    assert paths == (str(target / "auth.json"), str(target / "auth_accounts.json"))
    assert ((target / "auth.json").read_bytes(), (target / "auth_accounts.json").read_bytes()) == (original, others)
    assert (target / "auth.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((home / "auth.json").read_bytes())["format"] == 2
    with pytest.raises(StoreNotWritable, match="there is a file already"):
        earlier_files.restore(str(target))


def test_the_originals_come_back_into_the_home_and_our_sign_ins_are_not_lost(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore, home: Path
) -> None:
    original = put(nested()).read_bytes()
    earlier_files.take_over()
    store.save(a_session())
    mine = loaded(store)

    earlier_files.restore(None)

    assert (home / "auth.json").read_bytes() == original
    assert loaded(store) == mine  # from the last good copy
    assert earlier_files.put_back()
    assert loaded(store) == mine
    assert len(kept(home)) == 1  # what was kept once is not kept twice


def test_where_nothing_was_taken_over_nothing_comes_back(earlier_files: EarlierFiles, three: SealedFileStore) -> None:
    assert earlier_files.restore(None) == ()


def test_originals_that_were_sealed_with_a_lost_key_stay_sealed(
    put: Put, earlier_files: EarlierFiles, home: Path
) -> None:
    put(nested())
    earlier_files.take_over()
    (home / "master.key").unlink()
    with pytest.raises(StoreError, match="the master key is missing"):
        earlier_files.restore(None)
    KeyFile(home=home).create()
    with pytest.raises(StoreWrongKey):
        earlier_files.restore(None)


def test_a_store_with_damage_does_not_give_its_place_up(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore, home: Path
) -> None:
    put(nested())
    earlier_files.take_over()
    store.save(a_session())
    damaged = (home / "auth.json").read_bytes().replace(b'"provider":"claude"', b'"provider":"cloude"')
    (home / "auth.json").write_bytes(damaged)
    (home / "auth.json.bak").write_bytes(damaged)
    with pytest.raises(StoreDamaged):
        earlier_files.restore(None)
    assert (home / "auth.json").read_bytes() == damaged
    with pytest.raises(StoreDamaged):
        store.load(a_record(Provider.GEMINI).key)
