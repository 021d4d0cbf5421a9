"""The programs that reach a desktop's clipboard, played by scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.system import clipboard
from adapters.system.clipboard import SystemClipboard


def program(folder: Path, name: str, does: str = "exit 0") -> None:
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "$@" > {folder}/{name}.arguments\n/bin/cat > {folder}/{name}.input\n{does}\n')
    path.chmod(0o700)


def put(folder: Path, text: str = "secret words", **environ: str) -> str | None:
    return SystemClipboard(environ={"PATH": str(folder), **environ}).put(text)


def test_the_program_of_the_display_that_is_there_gets_the_text_by_its_input_alone(tmp_path: Path) -> None:
    for name in ("wl-copy", "xclip", "xsel", "clip.exe"):
        program(tmp_path, name)
    assert put(tmp_path, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0") == "wl-copy"
    assert put(tmp_path, DISPLAY=":0") == "xclip"
    assert put(tmp_path) == "clip.exe"
    assert (tmp_path / "xclip.input").read_text() == "secret words"
    assert (tmp_path / "clip.exe.input").read_bytes().decode("utf-16-le") == "secret words"
    assert not any("secret" in path.read_text() for path in tmp_path.glob("*.arguments"))


def test_a_program_that_fails_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "wl-copy", "exit 1")
    program(tmp_path, "xclip", "exit 1")
    program(tmp_path, "xsel")
    assert put(tmp_path, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0") == "xsel"
    (tmp_path / "xsel").write_text("no program")
    assert put(tmp_path, DISPLAY=":0") is None


def test_a_program_that_waits_for_ever_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "TOOL_SECONDS", 0.05)
    program(tmp_path, "xclip", "exec /bin/sleep 60")
    assert put(tmp_path, DISPLAY=":0") is None


def test_no_key_of_the_environment_goes_to_it(tmp_path: Path) -> None:
    program(tmp_path, "xclip", f'echo "$ANTHROPIC_API_KEY" > {tmp_path}/key')
    assert put(tmp_path, DISPLAY=":0", ANTHROPIC_API_KEY="made-up") == "xclip"
    assert (tmp_path / "key").read_text() == "\n"
