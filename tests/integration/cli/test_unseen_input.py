"""What is pasted at a terminal does not show, and the terminal shows everything again however the command ends."""

from __future__ import annotations

import os
import signal
import termios
import time
from collections.abc import Callable

import pexpect
import pytest

from adapters.sandbox.scripted_browser import approve
from tests.integration.cli.test_at_a_terminal import at_terminal
from tests.support.command import Keyswitch

pytestmark = pytest.mark.slow


def echoes(screen: pexpect.spawn) -> bool:
    """Whether the terminal shows what is typed, and gives lines."""
    settings = termios.tcgetattr(screen.child_fd)[3]
    return bool(settings & termios.ECHO) and bool(settings & termios.ICANON)


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)  # nothing tells of a change of a terminal's settings


def waiting(keyswitch: Keyswitch, *how: str) -> tuple[pexpect.spawn, str]:
    """A sign-in that waits for a paste, and the address to approve at."""
    screen = at_terminal(keyswitch, "login", "claude", *(how or ("--no-browser",)))
    screen.expect(r"http://\S+/authorize\?\S+")
    address = screen.after
    screen.expect("Ctrl.C cancels")
    until(lambda: not echoes(screen))
    return screen, address


@pytest.mark.parametrize("how", ["--no-browser", "--paste"])
def test_nothing_that_is_pasted_shows_however_it_is_broken(at_sandbox: Keyswitch, how: str) -> None:
    screen, address = waiting(at_sandbox, how)
    right = approve(address, visit=False)
    code = right.partition("code=")[2].partition("&")[0]
    for wrong in ("nonsense with fake-secret-1", f"{right.replace('localhost', 'evil.example')}"):
        screen.send(f"{wrong}\n")
        screen.expect("Still waiting")
        assert not {"fake-secret-1", code} & set(screen.before.split())
        assert code not in screen.before
    middle = right.index(code) + len(code) // 2
    screen.send(f"\x1b[200~It ended on\u200b <{right[:middle]}\n   {right[middle:]}>\x1b[201~")
    screen.send("typed by mistake\x15")
    screen.send(f"{right[:middle]}\r\n{right[middle:]}x\x7f\n")
    screen.expect("Logged in to Claude as ana@example.test")
    assert code not in screen.before
    screen.expect(pexpect.EOF)
    assert echoes(screen)
    screen.close()
    assert screen.exitstatus == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(at_sandbox: Keyswitch, number: signal.Signals) -> None:
    screen, _ = waiting(at_sandbox)
    os.kill(screen.pid, number)
    until(lambda: echoes(screen))
    screen.expect(pexpect.EOF)
    screen.close()


def test_a_stopped_sign_in_gives_the_terminal_back_until_it_goes_on(at_sandbox: Keyswitch) -> None:
    screen, address = waiting(at_sandbox)
    for _ in range(2):
        os.kill(screen.pid, signal.SIGTSTP)
        until(lambda: echoes(screen))
        os.kill(screen.pid, signal.SIGCONT)
        until(lambda: not echoes(screen))
    screen.send(f"{approve(address, visit=False)}\n")
    screen.expect("Logged in to Claude")
    screen.expect(pexpect.EOF)
    assert echoes(screen)
    screen.close()
