"""Whether the store can be used, told without leaving a trace in it."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.diagnosis.home_folder import StoreProbe
from adapters.diagnosis.key_check import KeyProbe
from adapters.earlier_programs.found import FoundSignIns
from adapters.master_key.in_file import KeyFile
from adapters.session_store.reading_records import StoreReader
from adapters.session_store.store import SealedFileStore
from domain.finding import Finding, Verdict
from tests.support.credentials import a_session
from tests.support.earlier_files import nested, written
from tests.support.fixed_clock import FixedClock
from tests.support.key_places import Window
from tests.support.locked_counter import without_locks


def stored(home: Path) -> list[Finding]:
    return list(
        asyncio.run(
            StoreProbe(
                home=home,
                reader=StoreReader(home),
                earlier_sign_ins=FoundSignIns(home=home, person=None, clock=FixedClock()),
            )()
        )
    )


def test_the_proof_that_a_folder_can_be_written_leaves_no_trace(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    before = tmp_path.stat().st_mtime_ns, sorted(tmp_path.iterdir())

    findings = stored(tmp_path)

    assert [finding.verdict for finding in findings] == [Verdict.OK, Verdict.OK]
    assert (tmp_path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_where_there_are_no_unnamed_files_the_permissions_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    assert [finding.verdict for finding in stored(tmp_path)] == [Verdict.OK, Verdict.OK]

    monkeypatch.setattr(os, "access", lambda *_: False)
    _, finding = stored(tmp_path)
    assert finding.verdict is Verdict.PROBLEM
    assert "nothing can be written" in finding.what


def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    _, finding = stored(tmp_path)

    assert finding.verdict is Verdict.PROBLEM
    assert "No space left on device" in finding.what
    assert "free some space" in finding.fix


def test_an_open_folder_is_a_warning_and_stays_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    *_, finding = stored(tmp_path)

    assert (finding.verdict, finding.fix) == (Verdict.WARNING, f"chmod go= {tmp_path}")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize("name", ["auth.json.bak", "master.key", "conversations.db", "events.jsonl"])
def test_what_is_no_file_is_a_problem_with_one_fix(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name, 0o600)

    *_, finding = stored(tmp_path)

    assert (finding.verdict, finding.fix) == (Verdict.PROBLEM, f"move {tmp_path / name} aside")


def test_a_file_system_without_locks_is_a_warning(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("fcntl.flock", without_locks)

    *_, finding = stored(tmp_path)

    assert (finding.verdict, finding.fix) == (Verdict.WARNING, "set CODE_HOME to a folder on a local disk")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("able", [True, False])
def test_a_home_that_is_not_there_yet_is_fine_if_it_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, able: bool
) -> None:
    look: Callable[..., bool] = lambda *_: able  # noqa: E731 - it stands in for a function
    monkeypatch.setattr(os, "access", look)

    (finding,) = stored(tmp_path / "a" / "b")

    assert finding.verdict is (Verdict.OK if able else Verdict.PROBLEM)
    assert not (tmp_path / "a").exists()


def replaced(path: Path) -> None:
    path.write_bytes(written(nested()))


@pytest.mark.parametrize(
    ("spoil", "verdict", "words", "fix"),
    [
        (Path.unlink, Verdict.WARNING, "is gone; its last good copy counts (1 sign-in)", "keyswitch refresh"),
        (replaced, Verdict.WARNING, "is another program's", "keyswitch refresh"),
        (Path.exists, Verdict.OK, "1 sign-in in ", ""),
    ],
    ids=["gone", "another program's", "ours"],
)
def test_whose_file_stands_in_the_place_of_the_store_is_said(
    spoil: Callable[[Path], object], verdict: Verdict, words: str, fix: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    SealedFileStore(home=home, keys=KeyFile(home=home)).save(a_session())
    spoil(home / "auth.json")

    finding = stored(home)[0]

    assert (finding.verdict, finding.fix) == (verdict, fix)
    assert words in finding.what


def test_an_earlier_programs_sign_ins_are_no_problem_and_need_no_key(tmp_path: Path) -> None:
    (tmp_path / "auth.json").write_bytes(written(nested()))
    (tmp_path / "auth.json").chmod(0o600)
    reader = StoreReader(tmp_path)

    finding = stored(tmp_path)[0]

    assert finding.verdict is Verdict.OK
    assert "1 sign-in of an earlier program" in finding.what
    (about_key,) = asyncio.run(KeyProbe(home=tmp_path, holders=Window(tmp_path).holders, reader=reader)())
    assert about_key.verdict is Verdict.OK


@pytest.mark.parametrize("copied", [True, False])
def test_a_file_that_cannot_be_read_gives_way_to_its_last_good_copy_where_there_is_one(
    tmp_path: Path, copied: bool
) -> None:
    home = tmp_path / "home"
    SealedFileStore(home=home, keys=KeyFile(home=home)).save(a_session())
    path = home / "auth.json"
    path.write_bytes(b'{"records": [')
    if not copied:
        (home / "auth.json.bak").unlink()

    fixes = [finding.fix for finding in stored(home) if finding.fix]
    assert fixes[0] == ("keyswitch refresh" if copied else f"move {path} aside and sign in again")
    assert ("1 sign-in" in stored(home)[0].what) is copied
