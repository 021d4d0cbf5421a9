"""What is typed while the program starts is in the field when it is there."""

from __future__ import annotations

import signal
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import quiet_environment
from tests.support.command import LAUNCHER
from tests.support.fault_scale import scaled
from tests.support.pty_process import PtyProcess, is_raw
from tests.support.tmux import Terminals

pytestmark = pytest.mark.slow

KEYS = "abcdefghijklmnopqrstuvwxy"
SECONDS = 0.3

_AS_IT_WAS = """
import contextlib, sys
sys.path.insert(0, sys.argv.pop(1))
from entrypoints.cli import open_chat
from entrypoints.tui.window import Window
open_chat._early_terminal = contextlib.nullcontext
Window.keys_wait = False
open_chat.chat()
"""
"""The control: nothing keeps keys, and Textual drops what comes before something has the focus."""


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    return quiet_environment(signed_in_home(tmp_path)) | {"TERM": "tmux-256color"}


@pytest.fixture
def terminals(system_program: Callable[[str, str], str], tmp_path: Path) -> Terminals:
    return Terminals(system_program("tmux", "tmux"), size=(100, 30), folder=tmp_path)


def test_no_key_is_lost_from_the_start_on(terminals: Terminals, environment: Mapping[str, str]) -> None:
    starts = scaled(2)
    with terminals.running():
        terminals.open("stays", ["cat"], environment)  # without any, tmux itself would end
        lost = {}
        for number in range(starts):
            name = f"start{number}"
            typed_from_the_start(terminals, name, [sys.executable, str(LAUNCHER), "--no-save"], environment)
            try:
                terminals.until(name, KEYS)
            except AssertionError as never:
                lost[number] = str(never)
            terminals.press(name, "C-c")
            terminals.press(name, "C-c")
        assert lost == {}, f"{len(lost)} of {starts}"

        control = [sys.executable, "-c", _AS_IT_WAS, str(LAUNCHER.parent)]
        typed_from_the_start(terminals, "control", control, environment)
        terminals.until("control", "GPT-5.1")
        terminals.press("control", "!")
        terminals.until("control", "!")
        assert KEYS not in terminals.screen("control")


def typed_from_the_start(terminals: Terminals, name: str, command: list[str], environment: Mapping[str, str]) -> None:
    """Open *name*, and type the keys meanwhile, evenly."""
    begun = time.monotonic()
    terminals.open(name, command, environment)
    for number, key in enumerate(KEYS):
        while time.monotonic() < begun + SECONDS * number / len(KEYS):
            signal.sigtimedwait((), 0.001)
        terminals.press(name, key)


def test_commands_and_pastes_wait_in_their_order_and_a_line_end_that_came_too_early_sends_nothing(
    environment: Mapping[str, str],
) -> None:
    command = [sys.executable, str(LAUNCHER)]
    with PtyProcess(command, environment) as program:
        program.type("too early\n")
        program.until_modes(is_raw)
        program.type("two \x1b[200~pasted\rlines\x1b[201~ \x1b[D!")
        program.until("too early")
        program.until(lambda screen: "two pasted" in screen and "lines! " in screen and "You" not in screen)
    with PtyProcess(command, environment) as program:
        program.until_modes(is_raw)
        program.type("/help\r")
        program.type("and more")
        program.until("Ctrl+R")


def test_what_ends_a_program_ends_it_while_it_starts_and_the_terminal_is_as_it_was(
    environment: Mapping[str, str],
) -> None:
    ended = {}
    for how in ("\x03", "\x03 once the app has the terminal", signal.SIGTERM, signal.SIGHUP):
        with PtyProcess([sys.executable, str(LAUNCHER)], environment) as program:
            program.until_modes(is_raw)
            if isinstance(how, signal.Signals):
                program.signal(how)
            else:
                if len(how) > 1:
                    program.until_modes(lambda modes: not modes[3] & termios.ISIG)
                program.type(f"typed{how[0]}")
            ended[how] = (program.ended(), program.modes_now == program.modes, b"Traceback" in program.output)
    codes = [130, 130, -signal.SIGTERM, -signal.SIGHUP]
    assert list(ended.values()) == [(code, True, False) for code in codes]
