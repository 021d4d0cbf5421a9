"""What others may touch in a home is closed and told of; nothing becomes writable by that."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_IMODE

from pytest_mock import MockerFixture

from adapters.files.open_modes import close_to_others
from adapters.files.private_file import private_folder
from adapters.session_store.store import SealedFileStore
from domain.provider import Provider
from tests.support.command import Keyswitch
from tests.support.credentials import a_session

FILES = {
    "auth.json": 0o644,
    "auth.json.bak": 0o640,
    "auth.json.lock": 0o666,
    "auth.json.generations": 0o604,
    "master.key": 0o644,
    "master-key.json": 0o666,
    "events.jsonl": 0o444,
    "conversations.db-wal": 0o660,
    ".auth.json.0123.rescue": 0o644,
    "locks": 0o777,
}


def modes(home: Path) -> dict[str, int]:
    return {path.name: S_IMODE(path.stat().st_mode) for path in home.iterdir()}


def opened_home(home: Path) -> None:
    for name, mode in FILES.items():
        path = home / name
        if name == "locks":
            path.mkdir(exist_ok=True)
        else:
            path.touch()
        path.chmod(mode)
    home.chmod(0o777)


def test_everything_of_ours_that_others_may_touch_is_closed_and_named_once(three: SealedFileStore, home: Path) -> None:
    opened_home(home)
    (home / "config.toml").write_text("")
    (home / "config.toml").chmod(0o644)
    (home / "notes.txt").write_text("mine")
    (home / "notes.txt").chmod(0o644)
    found = {one.path.name: (one.mode, one.closed) for one in close_to_others(home)}
    assert found == {name: (mode, True) for name, mode in FILES.items()} | {home.name: (0o777, True)}
    after = modes(home)
    assert {name: after[name] for name in FILES} == {name: mode & 0o700 for name, mode in FILES.items()}
    assert (after["config.toml"], after["notes.txt"]) == (0o644, 0o644), "nobody's secret, or nobody of ours"
    assert S_IMODE(home.stat().st_mode) == 0o700
    assert close_to_others(home) == ()


def test_a_folder_that_its_owner_may_not_write_stays_so(home: Path) -> None:
    for close in (close_to_others, private_folder):
        home.mkdir(exist_ok=True)
        home.chmod(0o555)
        close(home)
        assert S_IMODE(home.stat().st_mode) == 0o500


def test_what_is_not_ours_to_close_is_left_and_what_cannot_be_closed_is_said(
    three: SealedFileStore, home: Path, tmp_path: Path, mocker: MockerFixture
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("somebody's")
    elsewhere.chmod(0o644)
    (home / "events.jsonl").symlink_to(elsewhere)
    assert close_to_others(home) == ()
    assert S_IMODE(elsewhere.stat().st_mode) == 0o644
    (home / "auth.json").chmod(0o644)
    mocker.patch("os.fchmod", side_effect=OSError(30, "Read-only file system"))
    (one,) = close_to_others(home)
    assert one.words == f"{home / 'auth.json'} is open to others (mode 0644), and cannot be closed here."
    mocker.patch("os.geteuid", return_value=os.geteuid() + 1)
    assert close_to_others(home) == ()


def test_status_says_what_was_open_and_the_log_keeps_it(tmp_path: Path) -> None:
    keyswitch = Keyswitch(tmp_path / "home", {})
    keyswitch.configure(auth={"key_source": "file"})
    opened_home(keyswitch.home)
    (keyswitch.home / "auth.json").unlink()
    (keyswitch.home / "master.key").unlink()
    for name in ("auth.json.bak", "auth.json.generations", "master-key.json", ".auth.json.0123.rescue"):
        (keyswitch.home / name).unlink()
    (keyswitch.home / "events.jsonl").unlink()
    said = keyswitch("status").err
    assert f"{keyswitch.home} was open to others (mode 0777); it is no longer." in said
    assert f"{keyswitch.home / 'locks'} was open to others (mode 0777); it is no longer." in said
    assert "open to others" not in keyswitch("status").err
    assert {"closed_to_others"} == {event["event"] for event in keyswitch.events()}


def test_a_store_that_was_open_is_closed_before_it_is_written(three: SealedFileStore, home: Path) -> None:
    (home / "auth.json").chmod(0o644)
    three.save(a_session(Provider.CLAUDE, generation=2))
    assert any("was open to others (mode 0644)" in notice for notice in three.notices())
    assert modes(home)["auth.json"] == 0o600
