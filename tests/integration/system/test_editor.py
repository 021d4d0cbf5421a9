"""The person's editor: what it is, what it sees, what it may leave."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from adapters.system.editor import FOLDER, LARGEST, SystemEditor
from domain.errors import KeyswitchError


def an_editor(home: Path, code: str) -> SystemEditor:
    """One that runs *code* with `path`, its file."""
    script = home / "edit.py"
    script.write_text(f"import os, sys, stat\nfrom pathlib import Path\npath = Path(sys.argv[-1])\n{code}\n")
    return SystemEditor(home=home, environ={"VISUAL": f"{sys.executable} -I {script} --wait", "EDITOR": "nonsense"})


def test_its_file_is_for_its_owner_alone_and_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "made-up")
    code = (
        "modes = [oct(stat.S_IMODE(one.stat().st_mode)) for one in (path, path.parent, path.parent.parent)]\n"
        "(path.parent / 'message.md~').write_text('a copy')\n"
        "path.write_text(' '.join([*modes, str('OPENAI_API_KEY' in os.environ), path.name]) + chr(10))"
    )
    assert an_editor(tmp_path, code).edit("one") == "0o600 0o700 0o700 False message.md"
    assert not (tmp_path / FOLDER).exists()


def test_an_editor_that_cannot_be_used_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    codes = {
        "sys.exit(3)": "ended with exit code 3",
        "path.write_bytes(b'\\xff\\xfe')": "no text in UTF-8",
        f"path.write_bytes(b'x' * {LARGEST + 1})": f"larger than {LARGEST} bytes",
        "path.unlink()": "left no file",
        "path.unlink(); path.symlink_to('/etc/hostname')": "link",
        "path.unlink(); os.mkfifo(path)": "no regular file",
    }
    said = {}
    for code in codes:
        with pytest.raises(KeyswitchError) as caught:
            an_editor(tmp_path, code).edit("one")
        said[code] = str(caught.value)
    assert {code: words in said[code] for code, words in codes.items()} == dict.fromkeys(codes, True), said
    assert all("Your text stays as it was." in sentence for sentence in said.values())
    assert not (tmp_path / FOLDER).exists()


def test_an_editor_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = {}
    for named in ("no-such-editor -w", "'unclosed", ""):
        with pytest.raises(KeyswitchError) as caught:
            SystemEditor(home=tmp_path, environ={"EDITOR": named}).edit("one")
        said[named] = str(caught.value).partition(".")[0]
    assert said == {
        "no-such-editor -w": "The editor 'no-such-editor -w' was not found",
        "'unclosed": 'The editor "\'unclosed" was not found',
        "": "No editor was found",
    }


def test_what_a_crash_left_is_removed_and_what_another_window_has_open_stays(tmp_path: Path) -> None:
    left, open_now = (tmp_path / FOLDER / f"{pid}-0123abcd" for pid in (2**22 + 1, os.getppid()))
    for folder in (left, open_now):
        folder.mkdir(parents=True)
        (folder / "message.md").write_text("half")
    SystemEditor(home=tmp_path, environ={}).clear_away()
    assert (left.exists(), open_now.exists()) == (False, True)
    assert stat.S_ISDIR((tmp_path / FOLDER).stat().st_mode)
