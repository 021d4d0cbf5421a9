"""The terminal of a program that is still loading, when Ctrl+C comes at any moment."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from entrypoints import early_terminal
from entrypoints.early_terminal import EarlyTerminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The descriptor of a terminal that is at the standard streams."""
    other, descriptor = os.openpty()
    with os.fdopen(descriptor, "r+b", buffering=0) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        monkeypatch.setattr(sys, "stdout", stream)
        yield descriptor
    os.close(other)


def test_ctrl_c_at_any_step_of_taking_the_terminal_gives_it_back(terminal: int) -> None:
    found = termios.tcgetattr(terminal)
    left_raw, steps = [], 0
    while _interrupted_at(steps := steps + 1):
        if termios.tcgetattr(terminal) != found:
            left_raw.append(steps)
            termios.tcsetattr(terminal, termios.TCSANOW, found)
    assert left_raw == []
    assert steps > 10, "the interrupts did not come"


def _interrupted_at(step: int) -> bool:
    """Whether there was such a step, each a line of the module, before the context was entered."""
    left = step

    def trace(frame: FrameType, event: str, _argument: object) -> Callable[..., Any] | None:
        nonlocal left
        if frame.f_code.co_filename != early_terminal.__file__:
            return None
        left -= event == "line"
        if left == 0:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with EarlyTerminal():
            sys.settrace(before)  # the way back is over in microseconds, and nothing behind it could finish it
            return False
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
