"""Killed while an answer comes: the database opens, the question is there, and the last second is missing at most."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from domain.conversation import TurnState
from tests.support.fault_scale import chances, scaled

AT_ONCE: Final = 10
"""Processes that receive an answer at the same time."""
LONGEST: Final = 4.0
"""Seconds within which each of them is killed."""


def kill_at_random(homes: list[Path], moments: list[float]) -> dict[Path, float]:
    """Have an answer come for each home, and kill its process at its moment; when that was."""
    command = [sys.executable, "-m", "tests.faults.answering_child", *map(str, homes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        victims = [(homes[number], int(process.stdout.readline())) for number in range(len(homes))]
        began = time.monotonic()
        killed: dict[Path, float] = {}
        for moment, (home, victim) in sorted(zip(moments, victims, strict=True)):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            os.kill(victim, signal.SIGKILL)
            killed[home] = time.monotonic()
    return killed


def pieces_due(home: Path, killed: float) -> int:
    """How many pieces of the answer must be there."""
    noted = (home / "pieces").read_text().splitlines() if (home / "pieces").exists() else []
    received = [float(line.split()[1]) for line in noted]
    late = max((after - before for before, after in pairwise(received)), default=0.0)  # how busy the machine is
    return sum(at < killed - 1.0 - late for at in received)


def what_is_wrong(home: Path, due: int) -> str:
    """What was lost in *home* of an answer of which *due* pieces must be there; "" where nothing was."""
    if not due:
        return ""
    with closing(SqliteConversations(home=home)) as store:
        found = store.latest()
        if found is None:
            return "there is no conversation"
        question, answer = found.turns
        if question.text != "Count, please." or answer.state is not TurnState.BROKEN or answer.receipt is None:
            return f"{found.turns}"
        stored = list(map(int, answer.text.split()))
        if stored != list(range(1, len(stored) + 1)) or len(stored) < due:
            return f"{due} pieces were due, and {len(stored)} are there"
        if store.search("count") == ():
            return "the search finds nothing"
    with closing(sqlite3.connect(home / NAME)) as database:
        return "".join(row[0] for row in database.execute("PRAGMA integrity_check") if row != ("ok",))


def kill(count: int, folder: Path) -> None:
    chance, wrong = chances("kills while answering"), list[str]()
    homes = [folder / str(number) for number in range(count)]
    for home in homes:
        home.mkdir()
    for start in range(0, count, AT_ONCE):
        some = homes[start : start + AT_ONCE]
        killed = kill_at_random(some, [chance.uniform(0.0, LONGEST) for _ in some])
        due = {home: pieces_due(home, at) for home, at in killed.items()}
        assert any(due.values())
        wrong += [f"{home.name}: {what}" for home in some if (what := what_is_wrong(home, due[home]))]
    assert wrong == []


def test_a_process_that_is_killed_while_an_answer_comes_loses_its_last_second(tmp_path: Path) -> None:
    kill(5, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_so_it_is_a_hundred_times(tmp_path: Path) -> None:
    kill(scaled(100), tmp_path)
