"""A program that was told to end does, whatever it hangs in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from entrypoints import signals
from entrypoints.signals import PoliteEnd

ROOT = Path(__file__).parents[2]


class Process:
    """What the end of one would be, in this one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, seconds in (("_GIVE_BACK_AFTER", 0.02), ("_END_AFTER", 0.04), ("_LOOK_AGAIN", 0.01)):
            monkeypatch.setattr(signals, name, seconds)
        self.saving = False
        self.left: list[int] = []
        self.over = threading.Event()
        self.asked = threading.Event()
        self.given_back = threading.Event()

    def end(self) -> PoliteEnd:
        end = PoliteEnd(warn=lambda _: None, is_saving=self._is_saving, leave=self._leave)
        end.gives_back(self.given_back.set)
        return end

    def _is_saving(self) -> bool:
        if self.given_back.is_set():
            self.asked.set()
        return self.saving

    def _leave(self, code: int) -> None:
        self.left.append(code)
        self.over.set()


def test_a_program_that_hangs_gives_the_terminal_back_and_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    for number in (signal.SIGTERM, signal.SIGHUP):
        process.over.clear()
        with process.end():
            os.kill(os.getpid(), number)
            assert process.over.wait(30)
        assert process.given_back.is_set()
    assert process.left == [128 + signal.SIGTERM, 128 + signal.SIGHUP]


def test_what_is_being_saved_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    process.saving = True
    with process.end() as end:
        end.hang_up()
        end.hang_up()  # the system may say it as well
        assert process.asked.wait(30)
        assert process.left == []
        process.saving = False
        assert process.over.wait(30)
    assert process.left == [128 + signal.SIGHUP]


def test_what_is_ignored_stays_so_but_for_the_one_that_must_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    before = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    }
    try:
        with process.end() as end:
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGINT)
            assert end.received is None
            os.kill(os.getpid(), signal.SIGTERM)
            assert process.over.wait(30)
            assert end.received == signal.SIGTERM
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_signal_that_came_before_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    told: list[int] = []
    with process.end() as end:
        os.kill(os.getpid(), signal.SIGTERM)
        end.ends(told.append)
        assert process.over.wait(30)
    assert told == [signal.SIGTERM]


def test_tests_find_signals_as_programs_do_whoever_started_them() -> None:
    """Under `nohup`, and beside a shell: what a test starts heeds what the test sends."""
    ignored = "import signal; [signal.signal(n, signal.SIG_IGN) for n in ({})]; ".format(
        ",".join(f"signal.{name}" for name in ("SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE", "SIGTSTP", "SIGCHLD"))
    )
    look = "import signal; print([int(n) for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN])"
    run = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {look!r}], check=True)"
    heed = "from tests.support.signals_heeded import heed_signals; heed_signals(); "
    inherited = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        for script in (run, ignored + heed + run, ignored + run)
    ]
    assert inherited[0] == inherited[1] != inherited[2]
