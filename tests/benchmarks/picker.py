"""Lists that a key opens, models and conversations, from the key to the frame that shows their rows.

Beside the same in a minimal Textual app whose list stays mounted. Measured is the CPU time of the whole process, in
which other work on the machine does not count, and the time that passed. The apps take turns, key by key; of each the
first quartile is compared, since all that disturbs makes it longer.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final, Self

import pexpect

from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from domain.conversation import Conversation, Origin, Role, Turn
from tests.benchmarks.homes import signed_in_home, with_models
from tests.benchmarks.measuring import HEADING, ROOT, Row, keyswitch, python, quiet_environment

BAR: Final = 1.2
ENTER_BAR: Final = 20.0
_PRESSES: Final = 25
_SETTLING_SECONDS: Final = 8.0
_BUILT_IN: Final = 59
"""Presets that are listed without any of one's own."""
_SIZES: Final = (_BUILT_IN, 300, 3000)
_F2, _F4, _DOWN, _ESCAPE, _ENTER = "\x1bOQ", "\x1bOS", "\x1b[B", "\x1b", "\r"

_MINIMAL_LIST: Final = """
import sys
from textual.app import App
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static

class Rows(Screen):
    BINDINGS = [("escape", "app.pop_screen")]

    def compose(self):
        yield OptionList(*(f"Row {number} of a list" for number in range(int(sys.argv[1]))))

    def on_option_list_option_selected(self, event):
        self.app.pop_screen()
        self.app.query_one(Static).update(f"chosen {len(self.app.chosen)}")
        self.app.chosen.append(event)

class Minimal(App):
    BINDINGS = [("f2", "open")]
    chosen = []

    def compose(self):
        yield Static("ready")
        yield Input()
        yield Footer()

    def on_mount(self):
        self.install_screen(Rows(), "rows")

    def action_open(self):
        self.push_screen("rows")

Minimal().run()
"""

_MANY: Final = """
INSERT INTO conversation (id, started, title, touched, origin, bytes)
WITH RECURSIVE places (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM places WHERE n < ?)
SELECT 'many-' || n, started, 'Conversation ' || n, n, origin, 5 FROM places, (SELECT * FROM conversation LIMIT 1)
"""
_TURNS: Final = """
INSERT INTO turn (conversation, number, role, text, at, state, reasoning)
SELECT key, 1, 'user', 'Words', started, 'complete', '' FROM conversation WHERE id LIKE 'many-%'
"""


@dataclass
class _Spent:
    """Milliseconds, key by key."""

    cpu: list[float] = field(default_factory=list)
    passed: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{_quartile(self.cpu):.0f} ms of CPU, {_quartile(self.passed):.0f} passed"


def _quartile(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 4]


class _App:
    """An app in a terminal of 100 by 30, in which keys are pressed."""

    def __init__(self, command: Sequence[str], home: Path, ready: str) -> None:
        program, *arguments = command
        environ = quiet_environment(home) | {"TERM": "xterm-256color"}
        self._child = pexpect.spawn(program, arguments, env=environ, cwd=str(ROOT), dimensions=(30, 100), timeout=30)
        self._child.delaybeforesend = None
        self._child.expect_exact(ready)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    def press(self, key: str, text: str, spent: _Spent | None = None) -> None:
        """Wait until it rests, press *key*, and take the time until *text* is drawn."""
        self.rest()
        cpu, began = self._cpu(), perf_counter()
        self._child.send(key)
        self._child.expect_exact(text)
        if spent is not None:
            spent.passed.append((perf_counter() - began) * 1e3)
            spent.cpu.append(self._cpu() - cpu)

    def rest(self, seconds: float = 0.15) -> None:
        """Read what comes, until nothing has come for a while."""
        until = perf_counter() + _SETTLING_SECONDS
        while perf_counter() < until:
            try:
                self._child.read_nonblocking(65536, timeout=seconds)
            except pexpect.TIMEOUT:
                return

    def _cpu(self) -> float:
        tasks = Path(f"/proc/{self._child.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text("ascii").split()[0]) for task in tasks) / 1e6


def picker(folder: Path) -> Iterator[Row]:
    """The list of models, opened and chosen from, at each size; then with many accounts, and that of conversations."""
    for number in _SIZES:
        yield from _models(folder, number)
    yield _many_accounts(folder)
    yield _conversations(folder)


def _models(folder: Path, number: int) -> Iterator[Row]:
    home = _home(folder, f"models-{number}", models=number)
    script = folder / "minimal_list.py"
    script.write_text(_MINIMAL_LIST, "utf-8")
    floor, floor_chosen, ours, chosen = _Spent(), _Spent(), _Spent(), _Spent()
    with ExitStack() as running:
        minimal = running.enter_context(_App(python(str(script), str(number)), home, "ready"))
        app = running.enter_context(_App(keyswitch(), home, "F1"))
        app.rest(2.0)
        for turn in range(_PRESSES):
            minimal.press(_F2, "Row 25", floor)
            minimal.press(_ENTER, f"chosen {turn}", floor_chosen)
            app.press(_F2, "Enter use", ours)
            app.press(_DOWN, "Pays")
            app.press(_ENTER, "Switched to", chosen)
    ratio = _quartile(ours.cpu) / _quartile(floor.cpu)
    yield Row(
        f"picker, {number:,} models: key to rows", str(ours), f"{floor}: minimal list", f"<= {BAR} x", ratio <= BAR,
        ratio,
    )  # fmt: skip
    passed = _quartile(chosen.passed)
    yield Row(
        f"picker, {number:,} models: Enter to confirmation", str(chosen), f"{floor_chosen}: minimal list",
        f"<= {ENTER_BAR:.0f} ms", passed <= ENTER_BAR, passed / _quartile(floor_chosen.passed),
    )  # fmt: skip


def _many_accounts(folder: Path) -> Row:
    few = _home(folder, "few")
    many = _home(folder, "many", accounts=67, models=_BUILT_IN + 1000)
    return _opened("picker with 201 accounts and 1,000 own models", few, many, _F2, "Enter use")


def _conversations(folder: Path) -> Row:
    few, many = (_home(folder, f"conversations-{number}") for number in (30, 10_000))
    for home, number in ((few, 30), (many, 10_000)):
        store = SqliteConversations(home=home)
        at = datetime(2026, 11, 30, tzinfo=UTC)
        store.begin(Conversation("first", at, "Conversation 1", (Turn(Role.USER, "Words", at),), origin=Origin.APP))
        store.close()
        with closing(sqlite3.connect(home / NAME)) as database, database:
            database.execute(_MANY, (number,))
            database.execute(_TURNS)
    return _opened("list of 10,000 conversations", few, many, _F4, "Conversation 1")


def _opened(what: str, few: Path, many: Path, key: str, text: str) -> Row:
    """Opening by *key* in the home *many*, against the same in the home *few*."""
    floor, ours = _Spent(), _Spent()
    with _App(keyswitch(), few, "F1") as first, _App(keyswitch(), many, "F1") as second:
        for app in (first, second):
            app.rest(2.0)
        for _ in range(_PRESSES):
            for app, spent in ((first, floor), (second, ours)):
                app.press(key, text, spent)
                app.press(_ESCAPE, "F1")
    ratio = _quartile(ours.cpu) / _quartile(floor.cpu)
    return Row(what, str(ours), f"{floor}: with few", f"<= {BAR} x", ratio <= BAR, ratio)


def _home(folder: Path, name: str, *, accounts: int = 1, models: int = 0) -> Path:
    (folder / name).mkdir()
    home = signed_in_home(folder / name, accounts=accounts)
    return with_models(home, models - _BUILT_IN) if models > _BUILT_IN else home


def main() -> None:
    """Print these rows alone."""
    print(HEADING, flush=True)  # noqa: T201 - a report
    with tempfile.TemporaryDirectory() as folder:
        for row in picker(Path(folder)):
            print(row, flush=True)  # noqa: T201 - a report


if __name__ == "__main__":
    main()
