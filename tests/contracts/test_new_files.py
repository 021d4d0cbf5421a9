"""A file that a person asked for: whole or not at all, nobody else's to read, and over nothing that was there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.files.new_files import PrivateFiles
from domain.errors import KeyswitchError, UsageError


@pytest.fixture
def files(tmp_path_factory: pytest.TempPathFactory) -> PrivateFiles:
    return PrivateFiles(home=tmp_path_factory.mktemp("home"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def failing() -> Iterator[str]:
    yield "half"
    raise KeyswitchError("the store went away")


def test_a_new_file_holds_the_pieces_and_is_its_owners_alone(files: PrivateFiles, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert files.write(tmp_path / "a.md", ["one\n", "zw\u00f6lf", "\ud800"])
    finally:
        os.umask(before)
    path = tmp_path / "a.md"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == ("one\nzw\u00f6lf?".encode(), 0o600)


def test_what_is_there_stays_unless_it_may_be_written_over(files: PrivateFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("mine", "utf-8")
    path.chmod(0o644)
    assert not files.write(path, ["new"])
    assert path.read_text("utf-8") == "mine"
    assert files.write(path, ["new"], over=True)
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777, names(tmp_path)) == ("new", 0o600, ["a.md"])


def test_what_fails_leaves_nothing_behind_and_the_old_file_whole(files: PrivateFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with pytest.raises(KeyswitchError, match="the store went away"):
        files.write(path, failing())
    assert names(tmp_path) == []
    path.write_text("mine", "utf-8")
    with pytest.raises(KeyswitchError, match="the store went away"):
        files.write(path, failing(), over=True)
    assert (names(tmp_path), path.read_text("utf-8")) == (["a.md"], "mine")


def test_a_link_or_a_folder_is_never_written_over(files: PrivateFiles, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine", "utf-8")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder"):
        assert not files.write(tmp_path / name, ["new"])
        with pytest.raises(KeyswitchError, match="it is no regular file"):
            files.write(tmp_path / name, ["new"], over=True)
    assert target.read_text("utf-8") == "mine"


def test_why_a_file_cannot_be_written_is_said(files: PrivateFiles, tmp_path: Path) -> None:
    for path, why in {
        tmp_path / "missing" / "a.md": "No such file or directory",
        tmp_path / ("n" * 300): "File name too long",
        tmp_path / "a\0b": "embedded null byte",
    }.items():
        with pytest.raises(KeyswitchError, match=why) as told:
            files.write(path, ["x"])
        assert told.value.code == "output"


def test_nothing_is_written_where_sign_ins_are(tmp_path: Path) -> None:
    home, link = tmp_path / "home", tmp_path / "link"
    (home / "drafts").mkdir(parents=True)
    link.symlink_to(home)
    auth = home / "auth.json"
    auth.write_text("sign-ins", "utf-8")
    for path in (
        auth,
        link / "auth.json",
        home / "drafts" / ".." / "auth.json",
        home / "new.md",
        home / "drafts" / "1",
    ):
        for over in (False, True):
            with pytest.raises(UsageError, match="keyswitch's own folder"):
                PrivateFiles(home=home).write(path, ["x"], over=over)
    assert (names(home), auth.read_text("utf-8")) == (["auth.json", "drafts"], "sign-ins")
