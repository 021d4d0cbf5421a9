"""Whether the store can be used, told without leaving a trace in it."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.diagnosis.home import StoreProbe
from adapters.session_stores.auth_file import RecordReader
from domain.finding import Finding, Verdict


def stored(home: Path) -> list[Finding]:
    return list(asyncio.run(StoreProbe(home=home, reader=RecordReader(home))()))


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


@pytest.mark.parametrize("able", [True, False])
def test_a_home_that_is_not_there_yet_is_fine_if_it_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, able: bool
) -> None:
    look: Callable[..., bool] = lambda *_: able  # noqa: E731 - it stands in for a function
    monkeypatch.setattr(os, "access", look)

    (finding,) = stored(tmp_path / "a" / "b")

    assert finding.verdict is (Verdict.OK if able else Verdict.PROBLEM)
    assert not (tmp_path / "a").exists()
