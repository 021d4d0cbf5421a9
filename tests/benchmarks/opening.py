"""The whole app from its start, with nothing said yet and with `-c` on conversations of any length.

CPU time of the process, at three moments: its first frame is there; what it opens with is read; all is loaded, and it
is idle. Each start in turn, and the least of each, so that other work on the machine counts as little as it can.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from domain.conversation import Conversation, Origin, Role, Turn
from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import Row, cpu_seconds, keyswitch, quiet_environment
from tests.support.pty_process import PtyProcess

BAR: Final = 1.1
_LENGTHS: Final = (20, 10_000, 1_000_000)
_STARTS: Final = 5
_AT: Final = datetime(2026, 11, 30, tzinfo=UTC)
_ANSWER: Final = (
    "## A part\n\nSome *words* about `it`, and a line that is long enough to be wrapped once, if it is cut.\n\n"
    "- one\n- two\n\n```py\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | c |\n\n"
) * 4
_LAST: Final = "The conversation ends here."
_BETWEEN: Final = """
INSERT INTO turn (conversation, number, role, text, at, state, reasoning)
WITH RECURSIVE places (n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM places WHERE n < ?)
SELECT 1, n, iif(n % 2, 'user', 'assistant'), 'words of turn ' || n || printf(' %.*c', 200, 'x'),
    '2026-11-30T00:00:00Z', 'complete', '' FROM places
"""
"""A store of ours would take hours for a million."""


class _Moments(NamedTuple):
    frame: float
    read: float
    idle: float


def opening(folder: Path) -> Iterator[Row]:
    """A row for each length: all that is loaded in the end, against the same without a conversation."""
    (folder / "opening").mkdir()
    homes = {length: _home(folder / "opening", length) for length in (0, *_LENGTHS)}
    taken: dict[int, list[_Moments]] = {length: [] for length in homes}
    for _ in range(_STARTS):
        for length, home in homes.items():
            taken[length].append(_start(home, goes_on=length > 0))
    least = {length: _Moments(*map(min, zip(*found, strict=True))) for length, found in taken.items()}
    empty = least[0]
    for length in _LENGTHS:
        found = least[length]
        ratio = found.idle / empty.idle
        yield Row(
            f"start with -c on {length:,} turns, to the end of loading",
            f"{found.idle:.2f} s of CPU, first frame {found.frame:.2f}, read {found.read:.2f}",
            f"{empty.idle:.2f} s empty, first frame {empty.frame:.2f}", f"≤ {BAR} x", ratio <= BAR, ratio,
        )  # fmt: skip


def _home(folder: Path, length: int) -> Path:
    (folder / str(length)).mkdir()
    home = signed_in_home(folder / str(length))
    if length:
        store = SqliteConversations(home=home)
        some = [Turn(Role.ASSISTANT if number % 2 else Role.USER, _ANSWER, _AT) for number in range(19)]
        store.begin(Conversation("long", _AT, "A long one", tuple(some[:2]), origin=Origin.APP))
        store.close()
        if length > 20:
            with closing(sqlite3.connect(home / NAME)) as database, database:
                database.execute(_BETWEEN, (length - 18,))
        store.append("long", *some[2:], Turn(Role.ASSISTANT, f"{_ANSWER}{_LAST}", _AT))
        store.close()
    return home


def _start(home: Path, *, goes_on: bool) -> _Moments:
    environment = quiet_environment(home) | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with PtyProcess(keyswitch(*(("-c",) if goes_on else ())), environment) as program:
        program.until("F1")
        frame = cpu_seconds(program.pid)
        program.until(_LAST if goes_on else "GPT-5.1")
        return _Moments(frame, cpu_seconds(program.pid), _idle(program.pid))


def _idle(pid: int) -> float:
    """CPU seconds by the time that hardly any more are taken."""
    before = -1.0
    while cpu_seconds(pid) - before > 0.03:
        before = cpu_seconds(pid)
        time.sleep(1.0)
    return before
