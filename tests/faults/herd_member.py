"""A process's side of a herd. The standard library alone: what a member weighs is measured."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Member:
    """One of many processes that hear orders, wait at one gate, and say what came of them."""

    task: Mapping[str, Any]
    """What all members were started for."""
    number: int
    """Counts the members from 0."""
    gate: int
    """The reading end of a pipe that all members share: one byte lets one of them through."""

    @classmethod
    def of_this_process(cls) -> Member:
        """By the arguments that `Herd` gives."""
        return cls(json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

    def orders(self) -> Iterator[Any]:
        """What the herd tells this member, until the herd ends. Says first that it is ready."""
        self.say("ready")
        for line in sys.stdin:
            yield json.loads(line)

    def say(self, answer: Any) -> None:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    def wait_at_gate(self) -> None:
        """Say that it is there, and return at the moment at which all are let go."""
        self.say("at the gate")
        if not os.read(self.gate, 1):
            raise SystemExit("the herd has gone")
