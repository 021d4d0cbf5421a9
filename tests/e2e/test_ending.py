"""The chat ends with its terminal, and when it is told to, whatever hangs then."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.command import LAUNCHER
from tests.support.pty_process import PtyProcess, is_raw

pytestmark = pytest.mark.slow

LONGEST: Final = 12.0
"""Seconds: 2, and what a busy machine takes."""

SCREEN: Final = ()
LINES: Final = ("--plain",)
READY: Final = {SCREEN: "F1 help", LINES: "Commands:"}
FILL: Final = {SCREEN: "\x1bOQ\x1b[B" * 150, LINES: "/help\r" * 200}
"""Keys that bring more to the screen than any buffer takes."""

both = pytest.mark.parametrize("how", [SCREEN, LINES], ids=["screen", "lines"])


def chat(
    home: Path, how: tuple[str, ...], *, ignored: tuple[int, ...] = (), variables: Mapping[str, str] | None = None
) -> PtyProcess:
    environment = {**os.environ, "CODE_HOME": str(home / "home"), "TERM": "xterm-256color", **(variables or {})}
    return PtyProcess([sys.executable, str(LAUNCHER), *how], environment, ignored=ignored, folder=home)


@both
@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP, signal.SIGINT)], ids=["told", "under nohup"])
def test_without_a_terminal_there_is_no_chat(tmp_path: Path, how: tuple[str, ...], ignored: tuple[int, ...]) -> None:
    with chat(tmp_path, how, ignored=ignored) as process:
        process.until(READY[how])
        process.hang_up()
        began = time.monotonic()
        told = {128 + signal.SIGHUP} if not ignored or how == SCREEN else {0, 128 + signal.SIGTERM}
        assert process.ended() in told
        assert time.monotonic() - began < LONGEST


def test_a_terminal_that_is_gone_before_the_first_frame_is_no_bug(tmp_path: Path) -> None:
    with chat(tmp_path, SCREEN, ignored=(signal.SIGHUP,)) as process:
        process.hang_up()
        code = process.ended()
    assert code in {2, 128 + signal.SIGHUP}, "no terminal at all, or none any more"


@both
def test_it_ends_when_told_although_nobody_reads(tmp_path: Path, how: tuple[str, ...]) -> None:
    with chat(tmp_path, how, ignored=(signal.SIGHUP, signal.SIGTERM)) as process:
        process.until(READY[how])
        process.look_away()
        for part in range(0, len(FILL[how]), 60):
            process.type(FILL[how][part : part + 60])
        process.signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.ended() == 128 + signal.SIGTERM
        assert time.monotonic() - began < LONGEST
        assert not is_raw(process.modes_now)
        assert process.modes_now == process.modes


def test_no_variable_makes_it_write_down_what_is_typed_or_shown(tmp_path: Path) -> None:
    variables = {
        "TEXTUAL_DEBUG": "1", "TEXTUAL_LOG": "textual.log", "TEXTUAL": "debug,devtools", "TEXTUAL_SCREENSHOT": "0",
        "TEXTUAL_SCREENSHOT_LOCATION": str(tmp_path), "TEXTUAL_PRESS": "p,r,e,s,s,e,d", "TEXTUAL_SHOW_RETURN": "1",
        "TEXTUAL_DRIVER": "no.such.driver:Driver", "TEXTUAL_COLOR_SYSTEM": "none of them",
    }  # fmt: skip
    with chat(tmp_path, SCREEN, variables=variables) as process:
        process.until(READY[SCREEN])
        process.type("typed")
        process.until("typed")
        process.type("\x03\x03")
        assert process.ended() == 0
        assert b"pressed" not in process.output
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
