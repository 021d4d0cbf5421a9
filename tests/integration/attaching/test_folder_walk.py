"""The files that a menu offers: those of a folder and deeper, as whoever works there thinks of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.attaching import folder_walk
from adapters.attaching.folder_walk import files_below


def made(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("text", encoding="utf-8")


def test_the_nearest_come_first_and_nothing_hidden_or_ignored_comes(tmp_path: Path) -> None:
    made(
        tmp_path, "zebra.py", "app.py", "src/parser.py", "src/deep/lexer.py", ".env", ".git/config", "src/.cache/x",
        "node_modules/left/pad.js", "venv/pyvenv.cfg", "venv/lib/site.py", "build/out.bin", "debug.log", "src/keep.log",
        "src/gen/made.py", "docs/a.txt", "docs/b/a.txt", "home/auth.json",
    )  # fmt: skip
    (tmp_path / ".gitignore").write_text("# made\nbuild/\n*.log\n!keep.log\n/docs/*.txt\n", encoding="utf-8")
    (tmp_path / "src/.gitignore").write_text("gen\n", encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "link.py").symlink_to("app.py")

    found = files_below(tmp_path, without=tmp_path / "home")

    assert found == (
        "app.py", "link.py", "zebra.py", "src/keep.log", "src/parser.py", "docs/b/a.txt", "src/deep/lexer.py",
    )  # fmt: skip


def test_a_huge_tree_ends_at_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, *(f"{folder}/{number}.txt" for folder in "abc" for number in range(10)))

    monkeypatch.setattr(folder_walk, "_MOST", 15)
    assert len(files_below(tmp_path, without=tmp_path / "home")) == 15
    monkeypatch.setattr(folder_walk, "_SECONDS", 0)
    assert files_below(tmp_path, without=tmp_path / "home") == ()


def test_a_pattern_of_many_stars_takes_no_time(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*a" * 60 + "c\n[\n**\\\n", encoding="utf-8")
    made(tmp_path, "a" * 250, "b")

    assert files_below(tmp_path, without=tmp_path / "home") == ("a" * 250, "b")


def test_a_folder_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    assert files_below(tmp_path / "gone", without=tmp_path) == ()
