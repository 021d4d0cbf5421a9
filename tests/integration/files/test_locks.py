"""What becomes of a lock whose taking or giving back meets an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.files.locks import exclusive
from domain.errors import StoreNotWritable


def test_a_lock_that_could_not_be_made_private_is_not_held(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.fchmod", side_effect=OSError(5, "Input/output error"))
    with pytest.raises(StoreNotWritable, match="this lock cannot be taken"), exclusive(tmp_path / "lock", timeout=0):
        pass
    mocker.stopall()
    with exclusive(tmp_path / "lock", timeout=0):
        pass


def test_a_close_that_reports_an_error_is_no_error_of_what_was_done(tmp_path: Path, mocker: MockerFixture) -> None:
    close = os.close

    def closed_and_complained(descriptor: int) -> None:
        close(descriptor)
        raise OSError(5, "Input/output error")

    mocker.patch("os.close", side_effect=closed_and_complained)
    done = []
    with exclusive(tmp_path / "lock", timeout=0):
        done.append("the work")
    mocker.stopall()
    assert done == ["the work"]
    with exclusive(tmp_path / "lock", timeout=0):
        done.append("more, for the lock was given back")
    assert len(done) == 2


def test_a_full_disk_is_named(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.open", side_effect=OSError(28, "No space left on device"))
    with pytest.raises(StoreNotWritable, match="cannot save: disk full"), exclusive(tmp_path / "lock", timeout=0):
        pass
