"""A program that is told to end during a renewal saves first what the provider has issued."""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pexpect
import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from tests.faults import ends_at_once
from tests.support.command import LAUNCHER
from tests.support.fault_home import VICTIM, Homes, victim
from tests.support.fault_scale import chances, headline, scaled
from tests.support.pty_process import PtyProcess

pytestmark = pytest.mark.timeout(600)

LATE: Final = 0.5
"""Seconds from the rotation to its answer: what a signal falls into."""
LONGEST: Final = 40.0
"""Seconds; 35 to save, and the rest."""
POLITE: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with Sandbox() as sandbox:
        yield Homes(sandbox, tmp_path_factory.mktemp("homes"))


def started(home: Path, *arguments: str, program: Path = LAUNCHER) -> pexpect.spawn[str]:
    environment = {**os.environ, "CODE_HOME": str(home), "TERM": "xterm-256color", "PYTHONPATH": str(LAUNCHER.parent)}
    return pexpect.spawn(
        sys.executable, [str(program), *arguments], env=environment, encoding="utf-8", timeout=LONGEST
    )  # fmt: skip


def ended(process: pexpect.spawn[str]) -> int | None:
    """The exit code; None where a signal killed it."""
    process.expect(pexpect.EOF)
    process.wait()
    code: int | None = process.exitstatus
    return code


@dataclass(frozen=True)
class Told:
    """A command that was told to end while the provider had rotated the token and not answered yet."""

    code: int | None
    written: str
    saved: bool
    """Whether what the provider has issued is stored, and works."""
    terminal_is_as_before: bool


def tell(homes: Homes, signal_number: signal.Signals, moment: float, arguments: Sequence[str], program: Path) -> Told:
    home = homes.signed_in()
    before = victim(home).record.generation
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.slow(LATE, processed=True))
    process = started(home, *arguments, program=program)
    homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated)
    looks = termios.tcgetattr(process.child_fd)
    wait(moment)
    os.kill(process.pid, signal_number)
    code = ended(process)
    saved = victim(home).record.generation == before + 1 and homes.live(victim(home))
    told = Told(code, str(process.before), saved, termios.tcgetattr(process.child_fd) == looks)
    homes.forget(home)
    return told


COMMANDS: Final = (("refresh", VICTIM.value), ("ask", "-m", "claude-opus-5-5", "hello"))


def test_a_renewal_that_is_told_to_end_saves_first(homes: Homes) -> None:
    chance = chances("signals")
    reached = dict.fromkeys(COMMANDS, 0)
    for number in range(scaled(50)):
        signal_number, arguments, moment = POLITE[number % 3], COMMANDS[number % 2], chance.uniform(0, LATE)
        told = tell(homes, signal_number, moment, arguments, LAUNCHER)
        what = f"{arguments[0]}, {signal_number.name} after {moment:.3f} s: {headline()}"
        assert told.saved, what
        assert told.code in {0, 128 + signal_number}, f"{what}: {told.code} {told.written}"
        assert told.terminal_is_as_before, what
        reached[arguments] += told.code == 128 + signal_number
    assert all(reached.values()), headline()


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_program_that_ends_at_once_is_caught(homes: Homes, arguments: Sequence[str]) -> None:
    """The control: the test sees a program that does it wrong."""
    told = tell(homes, signal.SIGTERM, 0.0, arguments, Path(ends_at_once.__file__))
    assert told.code is None
    assert not told.saved


@pytest.mark.parametrize("told", POLITE)
def test_the_app_saves_and_gives_the_terminal_back(homes: Homes, told: signal.Signals) -> None:
    home = homes.signed_in()
    before = victim(home).record.generation
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.slow(LATE, processed=True))
    process = started(home, "-m", "claude-opus-5-5")
    looks = termios.tcgetattr(process.child_fd)
    codes: list[int | None] = []
    reader = threading.Thread(target=lambda: codes.append(ended(process)))
    reader.start()
    homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated, timeout=LONGEST)
    assert termios.tcgetattr(process.child_fd) != looks, "the app has the terminal"
    os.kill(process.pid, told)
    reader.join()
    assert codes == [128 + told]
    assert victim(home).record.generation == before + 1
    assert termios.tcgetattr(process.child_fd) == looks
    written = str(process.before)
    assert "\x1b[?1049l" in written, "the other screen is left"
    assert "\x1b[?25h" in written, "the cursor is back"
    assert "\x1b[?1000l" in written, "the mouse is let go"


def test_the_app_saves_before_it_goes_with_its_terminal_also_where_no_signal_says_so(homes: Homes) -> None:
    home = homes.signed_in()
    before = victim(home).record.generation
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.slow(LATE, processed=True))
    environment = {**os.environ, "CODE_HOME": str(home), "TERM": "xterm-256color"}
    command = [sys.executable, str(LAUNCHER), "-m", "claude-opus-5-5"]
    with PtyProcess(command, environment, ignored=[signal.SIGHUP]) as process:
        homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated, timeout=LONGEST)
        process.hang_up()
        assert process.ended() == 128 + signal.SIGHUP
    assert victim(home).record.generation == before + 1
    assert homes.live(victim(home))


def test_the_app_leaves_the_screen_says_what_it_waits_for_and_ends_at_the_third_signal(homes: Homes) -> None:
    home = homes.signed_in()
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.hang(processed=True))
    process = started(home, "-m", "claude-opus-5-5")
    process.expect_exact("F1 help")
    homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated, timeout=LONGEST)
    process.send("/quit\r")
    process.expect_exact("\x1b[?1049l")
    process.expect_exact("Waiting until a renewed sign-in is saved")
    until(process, "that sign-in may be lost")
    until(process, pexpect.EOF)
    process.wait()
    assert process.exitstatus == 130
    homes.sandbox.faults.clear()


@pytest.mark.parametrize("told", POLITE)
def test_the_chat_by_lines_saves_and_ends_with_the_signal(homes: Homes, told: signal.Signals) -> None:
    home = homes.signed_in()
    before = victim(home).record.generation
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.slow(LATE, processed=True))
    process = started(home, "--plain", "-m", "claude-opus-5-5")
    process.expect_exact("> ")
    process.send("half a")  # nothing of the background may tear it
    homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated, timeout=LONGEST)
    os.kill(process.pid, told)
    if told is signal.SIGINT:  # the first asks whether that is meant
        process.expect_exact("Ctrl+C again leaves")
        assert "half a" in str(process.before)
        os.kill(process.pid, told)
    assert ended(process) == 128 + told
    assert victim(home).record.generation == before + 1
    assert homes.live(victim(home))


def test_at_the_chat_by_lines_too_a_second_signal_warns_and_a_third_ends_it(homes: Homes) -> None:
    home = homes.signed_in()
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.hang(processed=True))
    process = started(home, "--plain", "-m", "claude-opus-5-5")
    process.expect_exact("> ")
    homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated, timeout=LONGEST)
    until(process, "Ctrl+C again leaves")
    until(process, "that sign-in may be lost")
    until(process, pexpect.EOF)
    process.wait()
    assert process.exitstatus == 130
    homes.sandbox.faults.clear()


def test_a_second_signal_says_what_may_be_lost_and_a_third_ends_it(homes: Homes) -> None:
    home = homes.signed_in()
    homes.sandbox.log.clear()
    homes.sandbox.faults.add(VICTIM.value, "refresh", faults.hang(processed=True))
    process = started(home, "refresh", VICTIM.value)
    homes.sandbox.log.wait_for(lambda entry: entry.kind == "refresh" and entry.rotated)
    until(process, "^C")
    until(process, "that sign-in may be lost")
    until(process, pexpect.EOF)
    process.wait()
    assert process.exitstatus == 130
    homes.sandbox.faults.clear()


def until(process: pexpect.spawn[str], words: object) -> None:
    """Press Ctrl+C until *words* come: the kernel makes one of two signals that nobody has looked at yet."""
    found = 1
    while found == 1:
        process.sendintr()
        found = process.expect_exact([words, pexpect.TIMEOUT], timeout=2)


def wait(seconds: float) -> None:
    """Let a random time pass: this is about moments that nobody chose."""
    signal.sigtimedwait((), seconds)
