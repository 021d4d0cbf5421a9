"""Drafts on the disk: for their owner alone, there after a kill, and harmless where they are damaged."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.system.draft_files import FOLDER, MOST_WINDOWS, DraftFiles
from domain.errors import StoreNotWritable
from domain.text.written import Written

WRITES = """
import sys, time
from pathlib import Path
from adapters.system.draft_files import DraftFiles
from domain.text.written import Written
window = DraftFiles(home=Path(sys.argv[1]))
window.take()
window.keep(Written("typed so far"))
print("kept", flush=True)
time.sleep(60)
"""


def test_a_draft_survives_kill_9_and_is_its_owners_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITES, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"kept\n"
        other = DraftFiles(home=tmp_path)
        assert other.take() is None, "it belongs to a window that is open"
        other.let_go()
        (file,) = (tmp_path / FOLDER).glob("*.json")
        assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
        os.kill(child.pid, signal.SIGKILL)
    assert DraftFiles(home=tmp_path).take() == Written("typed so far")


def test_what_is_no_draft_is_none(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir(mode=0o700)
    file = folder / "1.json"
    texts = {
        "": None,
        "[]": None,
        '{"text": "a"}': None,
        '{"text": "ab", "folds": [[1]]}': None,
        '{"text": "ab", "folds": [[1, 9]]}': Written("ab"),
        '{"text": "ab\\ud800", "folds": []}': Written("ab?"),
    }
    found = {}
    for text in texts:
        file.write_text(text)
        window = DraftFiles(home=tmp_path)
        found[text] = window.take()
        window.let_go()
    assert found == texts
    file.unlink()
    file.symlink_to("/etc/hostname")
    assert DraftFiles(home=tmp_path).take() is None


def test_a_window_too_many_keeps_nothing_and_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    windows = [DraftFiles(home=tmp_path) for _ in range(MOST_WINDOWS + 1)]
    assert [window.take() for window in windows] == [None] * len(windows)
    assert [window.keep(Written("text")) for window in windows] == [True] * MOST_WINDOWS + [False]
    other = tmp_path / "other"
    other.mkdir()
    (other / FOLDER).symlink_to(tmp_path)
    with pytest.raises(StoreNotWritable):
        DraftFiles(home=other).take()
