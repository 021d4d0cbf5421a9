"""Reading a file to attach: what is read, and one sentence for all that is not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from adapters.attaching.files_on_disk import FilesOnDisk
from domain.attached.attachment import LARGEST, LARGEST_TEXT, Attachment
from domain.errors import UsageError
from tests.support.sample_files import SAMPLES


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home" / ".code"
    (home / "locks").mkdir(parents=True)
    (home / "auth.json").write_text("made-up", encoding="utf-8")
    (home / "locks" / "deep.txt").write_text("made-up", encoding="utf-8")
    return home


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    for name, content in SAMPLES.items():
        (work / name).write_bytes(content)
    monkeypatch.chdir(work)
    return work


def refusal(files: FilesOnDisk, path: str) -> str:
    try:
        return f"read: {files.read(path)}"
    except UsageError as error:
        return str(error)


def test_a_file_is_read_with_its_name_and_kind_by_whatever_path(work: Path, home: Path) -> None:
    (work / "link").symlink_to("notes.md")
    (work / "a b;$(x).py").write_text("pass\n", encoding="utf-8")
    (work / "\x1b]0;own\x07ed\nname.md").write_text("text", encoding="utf-8")
    files = FilesOnDisk(home=home)

    assert files.read("photo.png") == Attachment("photo.png", "image/png", SAMPLES["photo.png"])
    assert files.read(str(work / "paper.pdf")).media_type == "application/pdf"
    assert files.read("../work/link").content == SAMPLES["notes.md"]
    assert files.read("a b;$(x).py").name == "a b;$(x).py"
    assert files.read("\x1b]0;own\x07ed\nname.md").name == "ed name.md"


def test_a_tilde_stands_for_the_persons_own_folder(work: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(work))
    assert FilesOnDisk(home=home).read("~/notes.md").name == "notes.md"


def test_what_cannot_be_attached_is_refused_with_one_sentence(work: Path, home: Path) -> None:
    os.mkfifo("pipe")
    Path("dangling").symlink_to("nowhere")
    Path("to-pipe").symlink_to("pipe")
    Path("loop").symlink_to("loop")
    Path("empty").touch()
    Path("program").write_bytes(b"\x7fELF\x02\x01\0\0")
    with Path("huge.png").open("wb") as huge:
        huge.write(SAMPLES["photo.png"])
        huge.truncate(LARGEST + 1)
    Path("long.txt").write_bytes(b"a" * (LARGEST_TEXT + 1))
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("socket")
    listening.close()
    files = FilesOnDisk(home=home)

    told = {path: refusal(files, path) for path in (
        "gone", "notes.md/x", "dangling", "\0", ".", "pipe", "to-pipe", "socket", "/dev/null", "empty", "program",
        "huge.png", "long.txt", "\x1b[2Jgone",
    )}  # fmt: skip

    odd = "is no regular file, and no other can be attached."
    assert told == {
        "gone": "There is no file gone.",
        "notes.md/x": "There is no file notes.md/x.",
        "dangling": "There is no file dangling.",
        "\0": "There is no file .",
        ".": ". is a folder; name a file in it.",
        "pipe": f"pipe {odd}",
        "to-pipe": f"to-pipe {odd}",
        "socket": f"socket {odd}",
        "/dev/null": f"/dev/null {odd}",
        "empty": "empty is empty.",
        "program": "program cannot be attached: it is neither text in UTF-8, nor a PNG, JPEG, GIF or WebP image, nor a "
        "PDF.",
        "huge.png": "huge.png is a file of 50 MB, and at most 50 MB can be attached.",
        "long.txt": "long.txt is a text of 4.0 MB, and at most 4.0 MB can be attached.",
        "\x1b[2Jgone": "There is no file gone.",
    }
    assert "cannot be read (Too many levels of symbolic links)" in refusal(files, "loop")


def test_an_unreadable_file_is_refused(work: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("adapters.attaching.files_on_disk.os.open", denied)
    assert refusal(FilesOnDisk(home=home), "notes.md") == "notes.md cannot be read (Permission denied)."


def test_no_file_of_the_home_folder_is_attached_by_whatever_path(work: Path, home: Path) -> None:
    Path("link").symlink_to(home / "auth.json")
    Path("folder").symlink_to(home)
    Path("up").symlink_to(home.parent)
    os.link(home / "auth.json", "innocent.txt")
    descriptor = os.open(home / "auth.json", os.O_RDONLY)
    ways = [
        str(home / "auth.json"), "../home/.code/auth.json", "../home/../home/.code/locks/deep.txt", "link",
        "folder/auth.json", "folder/locks/deep.txt", "up/.code/auth.json", "innocent.txt", f"/dev/fd/{descriptor}",
        f"/proc/self/root{home}/auth.json", "/proc/self/cwd/../home/.code/auth.json",
    ]  # fmt: skip

    told = {way: refusal(FilesOnDisk(home=home), way) for way in ways if Path(way).exists()}
    os.close(descriptor)

    assert {way: said for way, said in told.items() if "keyswitch's own folder" not in said} == {}
    assert refusal(FilesOnDisk(home=Path("nowhere")), "notes.md").startswith("read:")
