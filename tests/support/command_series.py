"""One `keyswitch` command after the other, over one home after the other, in a process that is killed if one hangs."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, Self

from tests.support import series_child

Command = tuple[str, ...]

HANGS: Final = -1
"""In the place of an exit code: it did not end in time."""

_TO_BEGIN: Final = 60.0
"""Seconds for a process to be there, on the busiest machine."""


@dataclass(frozen=True)
class Step:
    """How one command ended."""

    command: Command
    code: int
    out: str = ""
    err: str = ""
    seconds: float = 0.0


class Series:
    """A process that is there for the next command; there is a new one after each that hung.

    *longest* is what a command may take, in seconds. *disturb* changes the program in the process first, for positive
    controls; a function that a module holds.
    """

    def __init__(self, *, longest: float, disturb: Callable[[], None] | None = None) -> None:
        self._longest = longest
        self._disturb = disturb
        self._context: Any = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._orders: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, home: Path, *commands: Command) -> tuple[Step, ...]:
        """Run *commands* over *home*; after one that hangs there are no others."""
        steps: list[Step] = []
        for command in commands:
            steps.append(self._step(home, command))
            if steps[-1].code == HANGS:
                break
        return tuple(steps)

    def _step(self, home: Path, command: Command) -> Step:
        orders = self._orders or self._begin()
        orders.send((str(home), command))
        if not orders.poll(self._longest):
            self._end()
            return Step(command, HANGS)
        return Step(command, *orders.recv())

    def _begin(self) -> Connection:
        self._orders, there = self._context.Pipe()
        self._process = self._context.Process(target=series_child.run, args=(there, self._disturb))
        self._process.start()
        there.close()
        assert self._orders.poll(_TO_BEGIN), "the process did not begin"
        assert self._orders.recv() == "ready"
        return self._orders

    def _end(self) -> None:
        if self._process is not None and self._orders is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._orders.close()
        self._process = self._orders = None
