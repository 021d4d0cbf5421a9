"""`keyswitch config restore-backup`: back to the earlier program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Keyswitch
from tests.support.earlier_files import accounts, an_account, nested, written


@pytest.fixture
def taken_over(keyswitch: Keyswitch) -> Keyswitch:
    """A home whose earlier files were taken over."""
    (keyswitch.home / "auth.json").write_bytes(written(nested()))
    (keyswitch.home / "auth_accounts.json").write_bytes(written(accounts(an_account("one"))))
    assert keyswitch("use", "gpt").code == 0
    return keyswitch


def test_the_originals_come_into_a_folder_as_they_were(taken_over: Keyswitch, tmp_path: Path) -> None:
    target = tmp_path / "earlier"
    target.mkdir()
    done = taken_over("config", "restore-backup", "--to", str(target))
    assert done.code == 0, done.err
    assert done.lines == [str(target / "auth.json"), str(target / "auth_accounts.json")]
    assert (target / "auth.json").read_bytes() == written(nested())
    assert (target / "auth.json").stat().st_mode & 0o777 == 0o600
    assert taken_over("status").code == 0
    again = taken_over("config", "restore-backup", "--to", str(target))
    assert again.code == 7
    assert "there is a file already, and it is not replaced" in again.err


def test_into_the_home_they_come_only_if_somebody_agrees(taken_over: Keyswitch) -> None:
    unasked = taken_over("config", "restore-backup")
    assert unasked.code == 2
    assert "Tokens that were renewed since are spent" in unasked.err
    done = taken_over("config", "restore-backup", "--yes", "--json")
    assert done.document["written"] == [str(taken_over.home / name) for name in ("auth.json", "auth_accounts.json")]
    assert (taken_over.home / "auth.json").read_bytes() == written(nested())


def test_keyswitch_goes_on_and_puts_its_own_file_back(taken_over: Keyswitch) -> None:
    before = taken_over("status", "--json").document["providers"]
    taken_over("config", "restore-backup", "--yes")
    status = taken_over("status", "--json").document
    assert (status["providers"], status["found"]) == (before, [])
    assert taken_over("use", "gpt").code == 0
    assert taken_over("status", "--json").document["providers"] == before
    assert not (taken_over.home / "auth_accounts.json").exists()


@pytest.mark.parametrize("options", [["--yes"], ["--to", "/"]])
def test_where_nothing_was_taken_over_nothing_comes_back(keyswitch: Keyswitch, options: list[str]) -> None:
    done = keyswitch("config", "restore-backup", *options, "--json")
    assert done.code == 1
    assert done.document["error"]["code"] == "nothing_to_restore"


def test_a_folder_that_is_none_is_named(taken_over: Keyswitch, tmp_path: Path) -> None:
    done = taken_over("config", "restore-backup", "--to", str(tmp_path / "nowhere"))
    assert done.code == 7
    assert "cannot be written" in done.err
    assert "Traceback" not in done.err
