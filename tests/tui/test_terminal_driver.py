"""The app and its terminal, whatever the terminal does. Textual's own driver is the control."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.pty_process import COLUMNS, ROWS, PtyProcess, is_raw

REPO = Path(__file__).parents[2]

ENTER_IN_A_PASTE = "\x1b[200~a\x1bpay me\rmore\x1b[201~"


class Child(PtyProcess):
    """`tests.support.screen_child`, and its notes."""

    notes: IO[str]

    def note(self) -> dict[str, Any]:
        """The next message of the driver."""
        line = self.notes.readline()
        assert line, "it ended"
        noted: dict[str, Any] = json.loads(line)
        return noted

    def notes_until(self, name: str) -> list[dict[str, Any]]:
        """Those before the next one that has *name*."""
        found: list[dict[str, Any]] = []
        while name not in (noted := self.note()):
            found.append(noted)
        return found

    def all_until_key(self, key: str) -> list[dict[str, Any]]:
        """Press *key*; what was noted before it."""
        self.type(key)
        found: list[dict[str, Any]] = []
        while (noted := self.note()) != {"key": key}:
            found.append(noted)
        return found


Start = Callable[..., Any]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    @contextmanager
    def started(driver: str = "ours", *, ignored: Iterable[int] = (), **variables: str) -> Iterator[Child]:
        pipe = tmp_path / f"{driver}.notes"
        os.mkfifo(pipe, 0o600)
        command = [sys.executable, "-m", "tests.support.screen_child", driver, str(pipe)]
        environment = {**os.environ, "PYTHONPATH": str(REPO), "TERM": "xterm-256color", **variables}
        with (
            Child(command, environment, ignored=ignored, errors_to=tmp_path / "errors") as child,
            pipe.open() as child.notes,
        ):
            child.notes_until("ready")
            yield child

    return started


def test_a_paste_presses_no_keys_wherever_it_is_cut(start: Start) -> None:
    pastes = [
        "a\x1bpay me\rmore", "\x1b\x1b", "\x1b[A\x1b[B\x1bOP", "\x1b[13u\r\n", "\x1b[200~", "\x1b[201", "\x1b", "",
        "\x1b[<0;1;1M\x03\x04\x1a", "x" * 40000 + "\r", "caf\u00e9 \u6f22\r",
    ]  # fmt: skip
    with start() as child:
        for number, text in enumerate(pastes):
            child.type(f"\x1b[200~{text}"[: number + 3])
            child.type(f"\x1b[200~{text}"[number + 3 :] + "\x1b[20")
            child.type("1~")
            assert child.note() == {"paste": text}
        assert child.all_until_key("z") == []
        child.type("\x1b[200~lost")
        assert child.note() == {"paste": "lost"}, "an end that never comes does not lock the keys"
        assert child.all_until_key("z") == []


def test_textual_presses_keys_that_were_pasted(start: Start) -> None:
    with start("textual") as child:
        child.type(ENTER_IN_A_PASTE)
        assert {"key": "enter"} in child.notes_until("paste")


def test_stopped_and_gone_on_it_has_the_threads_that_it_had_and_gives_the_terminal_back(start: Start) -> None:
    with start() as child:
        threads = child.threads
        for _ in range(3):
            child.signal(signal.SIGSTOP)
            child.stopped()
            child.signal(signal.SIGCONT)
            assert child.all_until_key("z") == []
        assert child.threads == threads
        child.signal(signal.SIGTSTP)
        child.stopped()
        assert child.modes_now == child.modes, "a shell has the terminal as it was"
        child.signal(signal.SIGCONT)
        child.until_modes(is_raw)
        child.until("number 1 ")
        assert child.all_until_key("z") in ([], [{"size": [COLUMNS, ROWS]}])
        assert child.threads == threads
        child.type("\x1bOS")
        assert child.ended() == 0
        assert child.modes_now == child.modes


def test_textual_begins_a_second_time(start: Start) -> None:
    with start("textual") as child:
        threads = child.threads
        child.signal(signal.SIGSTOP)
        child.stopped()
        child.signal(signal.SIGCONT)
        child.until_modes(is_raw)
        child.type("z")
        child.notes_until("key")
        assert child.threads > threads


def test_the_app_is_told_that_its_terminal_is_gone(start: Start) -> None:
    with start(ignored=[signal.SIGHUP]) as child:
        child.hang_up()
        assert child.note() == {"gone": True}
        assert child.ended() == 3


def test_nobody_reads_and_the_app_goes_on_then_all_is_drawn(start: Start) -> None:
    with start() as child:
        child.look_away()
        child.type("\x1bOR")
        for _ in range(2):  # 100 frames: more than any buffer takes
            child.notes_until("number")
        child.type("\x1bOQ")
        child.look_again()
        child.until(lambda screen: len({line.strip() for line in screen.splitlines() if "number" in line}) == 1)
        child.until("number 1")
        child.type("\x1bOS")
        assert child.ended() == 0
        assert child.modes_now == child.modes


def test_it_ends_although_nobody_reads(start: Start) -> None:
    with start() as child:
        child.look_away()
        child.type("\x1bOR")
        for _ in range(2):
            child.notes_until("number")
        child.type("\x1bOS")
        assert child.ended() == 0
        assert child.modes_now == child.modes
        child.look_again()
        child.until(lambda _: b"\x1b[?1049l" in child.output and b"\x1b[?25h" in child.output)


def test_nothing_that_a_terminal_sends_ends_the_app(start: Start) -> None:
    odd = [
        "\x1b[99999999999u", "\x1b[1;1;1114112u", "\x1b[1:2;1u", "\x1b[55296u", "\x1b[57344;1;1114112:3u",
        "\x1b[48;0;0;0;0t", "\x1b[<0;1;1M", "\x1b[48;99999;99999;0;0t", "\x1b[<0;99999999999;1M", "\x1b[?2048;1$y",
        b"caf\xe9\xff\xc3", "\x1b]52;c;\x07", "\x1b[" + "1" * 40 + "R", "\x1b[9999999999;1R",
    ]  # fmt: skip
    with start() as child:
        child.type("\x1b[48;30;100;0;0t")
        for sequence in odd:
            child.type(sequence)
            child.type("\x1b[48;30;100;0;0t")
            noted = child.all_until_key("z")
            assert all(max(one.get("size", [0])) <= 1000 for one in noted), sequence


def test_the_size_is_the_terminal_s_and_not_a_variable_s(start: Start) -> None:
    with start(COLUMNS="1000000", LINES="1000000") as child:
        child.until("number 1 ")
        child.resized(ROWS - 1, COLUMNS - 1)
        child.signal(signal.SIGWINCH)
        while child.note() != {"size": [COLUMNS - 1, ROWS - 1]}:
            pass
