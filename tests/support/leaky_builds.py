"""keyswitch as it must not be: builds that write secrets down, one for each place that a scan looks at.

A scan that does not find them there is void.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.canaries import ENCODINGS

Values = Mapping[str, str]


def all_forms(values: Values) -> bytes:
    """Every secret in every encoding."""
    return b"\n".join(encode(value) for value in list(values) for encode in ENCODINGS.values())


def words(values: Values) -> list[str]:
    """The same for arguments and variables, which hold no zero bytes."""
    forms = all_forms(values).replace(b"\0", b"").decode("utf-8", "replace").split("\n")
    return ["".join(forms[start : start + 500]) for start in range(0, len(forms), 500)]


def on_standard_output(values: Values) -> None:
    atexit.register(lambda: os.write(1, all_forms(values)))


def on_standard_error(values: Values) -> None:
    atexit.register(lambda: os.write(2, all_forms(values)))


def in_the_event_log(values: Values) -> None:
    _at_the_end_of("events.jsonl", values)


def in_another_file(values: Values) -> None:
    _at_the_end_of("tokens.json", values)


def in_a_log(values: Values) -> None:
    import logging

    def write() -> None:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.FileHandler):
                with Path(handler.baseFilename).open("ab") as file:
                    file.write(all_forms(values))

    atexit.register(write)


def in_the_conversations(values: Values) -> None:
    def write() -> None:
        with sqlite3.connect(Path(os.environ["CODE_HOME"]) / "conversations.db") as database:
            database.execute("CREATE TABLE IF NOT EXISTS leak (value BLOB)")
            database.execute("INSERT INTO leak VALUES (?)", (all_forms(values),))
        database.close()

    atexit.register(write)


def in_the_arguments_of_a_child(values: Values) -> None:
    """Long enough to be seen in the list of processes."""

    def start() -> None:
        for word in words(values):
            subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", word], check=True)

    atexit.register(start)


def in_the_variables_of_a_child(values: Values) -> None:
    def start() -> None:
        for word in words(values):
            variables = {**os.environ, "LEAK": word}
            subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)"], env=variables, check=True)

    atexit.register(start)


def in_crash_reports(values: Values) -> None:
    """The text of the error, as most programs show it."""
    from entrypoints import crash_report

    def talkative(error: BaseException) -> str:
        return f"a bug: {error!s} {error!r}"

    crash_report.headline = talkative
    for module in list(sys.modules.values()):
        if getattr(module, "headline", None) is not None and module.__name__.startswith("entrypoints"):
            module.headline = talkative  # type: ignore[attr-defined]


def in_textuals_own_crash_screen(values: Values) -> None:
    from entrypoints.tui.app import KeyswitchApp

    del KeyswitchApp._handle_exception


def in_the_browsers_variables(values: Values) -> None:
    import adapters.system.browser

    adapters.system.browser.__dict__["child_environment"] = dict


def in_textuals_log(values: Values) -> None:
    from adapters.system import hardening

    hardening.__dict__["leaks"] = lambda _: False


def in_a_core_dump(values: Values) -> None:
    from adapters.system import hardening
    from entrypoints.cli import endings

    hardening.forbid_debuggers = lambda: None
    endings._leave_no_core_dump = lambda: None


def on_the_screen(values: Values) -> None:
    from entrypoints.tui.app import KeyswitchApp

    usual = KeyswitchApp._go_live

    async def leaky(app: KeyswitchApp) -> None:
        await usual(app)

        def show() -> None:
            app.notify("\n".join(list(values)[-3:]), markup=False, timeout=60)

        app.set_interval(0.3, show)

    KeyswitchApp._go_live = leaky  # type: ignore[method-assign,assignment]


@dataclass(frozen=True)
class Leak:
    """One way to be wrong, and where that shows."""

    spring: Callable[[Values], None]
    channel: str
    """What the name of the channel has in it."""
    flow: str = "renew"
    error: str = ""
    """The bug that it needs to show, as in `leak_child.ERRORS`."""
    every_encoding: bool = True
    impossible: frozenset[str] = frozenset()
    """Encodings that cannot be written there."""


_WIDE: Final = frozenset({"UTF-16", "UTF-16, big end first", "UTF-32"})
"""Arguments and variables hold no zero bytes."""

_SCREEN: Final = "chat with claude on a screen"

BUILDS: Final[Mapping[str, Leak]] = {
    "standard output": Leak(on_standard_output, "standard output"),
    "standard error": Leak(on_standard_error, "standard error"),
    "the event log": Leak(in_the_event_log, "home/events.jsonl"),
    "another file": Leak(in_another_file, "home/tokens.json"),
    "a log": Leak(in_a_log, "debug.log"),
    "the conversations": Leak(in_the_conversations, "home/conversations.db"),
    "arguments of a child": Leak(in_the_arguments_of_a_child, "arguments of a process", impossible=_WIDE),
    "variables of a child": Leak(in_the_variables_of_a_child, "variables of a child", impossible=_WIDE),
    "a talkative crash report": Leak(in_crash_reports, "standard error", error="value", every_encoding=False),
    "a core dump": Leak(in_a_core_dump, "core", error="abort", every_encoding=False),
    "an unfiltered browser": Leak(
        in_the_browsers_variables,
        "seen-by-the-browser",
        flow="sign in to claude by the browser",
        every_encoding=False,
    ),
    "the terminal": Leak(on_standard_output, "what was written to the terminal", flow=_SCREEN),
    "the screen": Leak(on_the_screen, "what was seen on the screen", flow=_SCREEN, every_encoding=False),
    "Textual's crash screen": Leak(
        in_textuals_own_crash_screen,
        "what was written to the terminal",
        flow=_SCREEN,
        error="value",
        every_encoding=False,
    ),
    "Textual's log": Leak(in_textuals_log, "textual.log", flow=_SCREEN, every_encoding=False),
}
"""One for each place that a scan looks at."""


def build(names: list[str], values: Values) -> None:
    """Break the program in the ways of *names*; *values* fills up while it runs."""
    for name in names:
        BUILDS[name].spring(values)


def _at_the_end_of(name: str, values: Values) -> None:
    def write() -> None:
        with (Path(os.environ["CODE_HOME"]) / name).open("ab") as file:
            file.write(all_forms(values))

    atexit.register(write)
