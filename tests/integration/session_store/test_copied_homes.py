"""A home in two places: noticed in the copy before a token is spent, and never in a home that was only moved."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.json.check_sums import checked_entry
from adapters.master_key.in_file import KeyFile
from adapters.session_store import home_place
from adapters.session_store.reading_records import StoreReader
from adapters.session_store.store import SealedFileStore
from domain.provider import Provider
from tests.support.credentials import a_record, a_session, an_api_key


def opened(home: Path) -> SealedFileStore:
    return SealedFileStore(home=home, keys=KeyFile(home=home))


def copies(home: Path) -> dict[Provider, str]:
    """The sessions that are copies there, and where they are at home."""
    return {record.provider: record.elsewhere for record in StoreReader(home).records() if record.elsewhere}


@pytest.fixture
def away(tmp_path: Path) -> Path:
    return tmp_path / "away"


def test_a_copy_knows_where_its_sessions_are_at_home_and_the_original_is_asked_nothing(
    three: SealedFileStore, home: Path, away: Path
) -> None:
    three.save(an_api_key())
    shutil.copytree(home, away)
    assert copies(away) == dict.fromkeys(Provider, os.path.realpath(home))
    assert copies(home) == {}
    assert opened(away).load(a_record().key) is not None, "its tokens can be used"
    (notice, *_) = StoreReader(away).stored().notices
    assert "keyswitch refresh --here" in notice
    opened(away).annotate(a_record(Provider.GEMINI, tombstone=None))
    opened(away).activate(a_record().key)
    assert set(copies(away)) == set(Provider), "writing something else does not settle it"


def test_a_home_that_was_moved_is_asked_nothing(three: SealedFileStore, home: Path, away: Path) -> None:
    home.rename(away)
    assert copies(away) == {}
    opened(away).save(a_session(Provider.CLAUDE, generation=2))
    shutil.copytree(away, home)
    shutil.rmtree(away)
    assert copies(home) == {}, "to another disk: copied, and the first one is gone"


def test_other_names_of_the_same_folder_are_the_same_home(three: SealedFileStore, home: Path, away: Path) -> None:
    away.symlink_to(home)
    assert copies(away) == {}
    opened(away).save(a_session(Provider.CLAUDE, generation=2))
    assert copies(home) == {}


def test_a_backup_that_is_restored_in_its_place_is_asked_nothing(
    three: SealedFileStore, home: Path, away: Path
) -> None:
    shutil.copytree(home, away)
    shutil.rmtree(home)
    shutil.copytree(away, home)
    assert copies(home) == {}


def test_a_session_that_only_one_place_still_has_is_asked_nothing(
    three: SealedFileStore, home: Path, away: Path
) -> None:
    shutil.copytree(home, away)
    three.remove(a_record(Provider.GEMINI).key)
    three.save(a_session(Provider.CLAUDE, session_id="signed in anew there"))
    assert set(copies(away)) == {Provider.CHATGPT}


def test_what_is_signed_in_anew_in_the_copy_is_at_home_there(three: SealedFileStore, home: Path, away: Path) -> None:
    shutil.copytree(home, away)
    opened(away).save(a_session(Provider.CLAUDE, session_id="signed in anew here"))
    assert set(copies(away)) == {Provider.CHATGPT, Provider.GEMINI}
    assert copies(home) == {}


def test_a_copy_on_another_machine_says_on_which_it_is_at_home(
    three: SealedFileStore, home: Path, away: Path, mocker: MockerFixture
) -> None:
    shutil.copytree(home, away)
    shutil.rmtree(home)
    mocker.patch.object(home_place, "machine", return_value="00000002")
    assert copies(away) == dict.fromkeys(Provider, f"{os.path.realpath(home)} on {os.uname().nodename}")


def test_one_folder_that_two_machines_see_is_one_home(
    three: SealedFileStore, home: Path, away: Path, mocker: MockerFixture
) -> None:
    """A network drive, or the volume of a container, under whatever name."""
    mocker.patch.object(home_place, "machine", return_value="00000002")
    assert copies(home) == {}
    opened(home).save(a_session(Provider.CLAUDE, generation=2))
    home.rename(away)
    mocker.stopall()
    assert copies(away) == {}


def test_where_the_other_place_cannot_be_looked_at_it_counts(
    three: SealedFileStore, home: Path, away: Path, mocker: MockerFixture
) -> None:
    shutil.copytree(home, away)
    mocker.patch.object(Path, "samefile", side_effect=PermissionError(13, "Permission denied"))
    assert set(copies(away)) == set(Provider)


def test_the_answer_here_moves_the_question_to_the_other_place(three: SealedFileStore, home: Path, away: Path) -> None:
    shutil.copytree(home, away)
    moved = opened(away).go_on_here()
    assert {record.provider for record in moved} == set(Provider)
    assert copies(away) == {}
    assert copies(home) == dict.fromkeys(Provider, os.path.realpath(away))
    assert opened(away).go_on_here() == ()
    assert {record.provider for record in three.go_on_here()} == set(Provider), "and it can be changed back"
    assert copies(home) == {}
    assert set(copies(away)) == set(Provider)


def test_a_store_of_an_earlier_version_learns_its_place_with_its_next_write(
    three: SealedFileStore, home: Path, away: Path
) -> None:
    for name in ("auth.json", "auth.json.bak"):
        document = json.loads((home / name).read_bytes())
        for record in document["records"]:
            del record["notes"]["home"]
            record["check"] = checked_entry(record)["check"]
        (home / name).write_text(json.dumps(document), "ascii")
    shutil.copytree(home, away)
    assert copies(away) == {}
    shutil.rmtree(away)
    three.save(a_session(Provider.CLAUDE, generation=2))
    shutil.copytree(home, away)
    assert set(copies(away)) == set(Provider)
