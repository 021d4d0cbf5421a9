from __future__ import annotations

import os
from pathlib import Path
from stat import S_IMODE

import pytest
from pytest_mock import MockerFixture

from adapters.system.home import home_folder
from domain.errors import ConfigError, StoreNotWritable


def test_the_home_is_the_folder_that_the_variable_names(tmp_path: Path) -> None:
    wanted = tmp_path / "deep" / "home"
    assert home_folder({"CODE_HOME": str(wanted)}) == wanted
    assert S_IMODE(wanted.stat().st_mode) == 0o700


@pytest.mark.parametrize("environ", [{}, {"CODE_HOME": ""}, {"CODE_HOME": " "}])
def test_without_the_variable_it_is_a_hidden_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_folder(environ) == tmp_path / ".code"
    assert S_IMODE((tmp_path / ".code").stat().st_mode) == 0o700


def test_a_relative_name_is_resolved_and_a_tilde_is_the_persons_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "ana"))
    assert home_folder({"CODE_HOME": "a/../b"}) == tmp_path / "b"
    assert home_folder({"CODE_HOME": "~/c"}) == tmp_path / "ana" / "c"


def test_a_link_to_a_folder_is_kept_as_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(0o700)
    (tmp_path / "link").symlink_to("real")
    assert home_folder({"CODE_HOME": str(tmp_path / "link")}) == tmp_path / "link"


def test_an_existing_home_that_others_can_enter_is_closed_to_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    home_folder({"CODE_HOME": str(home)})
    assert S_IMODE(home.stat().st_mode) == 0o700


def test_a_file_in_its_place_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match=f"{file}: this is no folder; set CODE_HOME to one"):
        home_folder({"CODE_HOME": str(file)})
    assert (file.read_text(), S_IMODE(file.stat().st_mode)) == ("mine", 0o644)


def test_a_file_above_it_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConfigError, match="a file is in the way"):
        home_folder({"CODE_HOME": str(tmp_path / "file" / "home")})


def test_a_link_to_nowhere_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("gone")
    with pytest.raises(ConfigError, match="this is no folder"):
        home_folder({"CODE_HOME": str(tmp_path / "link")})
    assert not (tmp_path / "gone").exists()


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(StoreNotWritable, match="/proc/keyswitch: the folder cannot be made"):
        home_folder({"CODE_HOME": "/proc/keyswitch"})


def test_a_folder_out_of_reach_is_named(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("pathlib.Path.is_dir", side_effect=PermissionError(13, "Permission denied"))
    with pytest.raises(StoreNotWritable, match=r"is not yours \(Permission denied\); set CODE_HOME to one that is"):
        home_folder({"CODE_HOME": str(tmp_path)})


def test_a_folder_in_which_nothing_can_be_written_is_named(tmp_path: Path, mocker: MockerFixture) -> None:
    # Whoever runs the tests may be root, who may write anywhere.
    mocker.patch("os.access", side_effect=lambda _folder, wanted: not wanted & os.W_OK)
    with pytest.raises(StoreNotWritable, match="nothing can be written there"):
        home_folder({"CODE_HOME": str(tmp_path)})


def test_to_be_read_a_folder_need_not_be_writable(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.access", side_effect=lambda _folder, wanted: not wanted & os.W_OK)
    assert home_folder({"CODE_HOME": str(tmp_path)}, writing=False) == tmp_path
    mocker.patch("os.access", return_value=False)
    with pytest.raises(StoreNotWritable, match="nothing can be read there"):
        home_folder({"CODE_HOME": str(tmp_path)}, writing=False)


def test_to_be_read_a_folder_that_cannot_be_closed_to_others_will_do(tmp_path: Path, mocker: MockerFixture) -> None:
    tmp_path.chmod(0o755)
    mocker.patch("pathlib.Path.chmod", side_effect=OSError(30, "Read-only file system"))
    assert home_folder({"CODE_HOME": str(tmp_path)}, writing=False) == tmp_path
    with pytest.raises(StoreNotWritable, match="Read-only file system"):
        home_folder({"CODE_HOME": str(tmp_path)})


def test_a_person_without_a_home_is_told_to_name_one(mocker: MockerFixture) -> None:
    mocker.patch("pathlib.Path.home", side_effect=RuntimeError("Could not determine home directory."))
    with pytest.raises(ConfigError, match="set CODE_HOME"):
        home_folder({})
