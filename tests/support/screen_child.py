"""An app with nothing of keyswitch but its terminal driver, or with Textual's: it notes what it is told.

`python -m tests.support.screen_child DRIVER NOTES`: `ours` or `textual`, and a named pipe for one JSON object a line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import IO

from textual.app import App, ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, Paste, Resize
from textual.widgets import Static

from entrypoints.tui import pastes, screen_writer
from entrypoints.tui.terminal_driver import TerminalDriver

DRIVERS = {"ours": TerminalDriver, "textual": LinuxDriver}


class Child(App[int]):
    """Shows a number that grows with F2, on lines enough for a frame, and goes on by itself with F3."""

    def __init__(self, driver: type[LinuxDriver], notes: IO[str]) -> None:
        super().__init__(driver_class=driver)
        self._notes = notes
        self._number = 0

    def compose(self) -> ComposeResult:
        yield Static(id="numbers", markup=False)

    def on_mount(self) -> None:
        self._show()
        self.call_after_refresh(self._note, ready=True)

    def terminal_gone(self) -> None:
        self._note(gone=True)
        self.exit(return_code=3)

    async def on_event(self, event: Event) -> None:
        if not getattr(event, "is_forwarded", False):
            self._take(event)
        await super().on_event(event)

    def _take(self, event: Event) -> None:
        match event:
            case Key(key="f2"):
                self._show()
            case Key(key="f3"):
                self.set_interval(0.01, self._show)
            case Key(key="f4"):
                self.exit(0)
            case Key():
                self._note(key=event.key)
            case Paste():
                self._note(paste=event.text)
            case Resize():
                self._note(size=list(event.size))
            case _:
                pass

    def _show(self) -> None:
        self._number += 1
        self.query_one("#numbers", Static).update("\n".join(f"number {self._number} " * 8 for _ in range(25)))
        if self._number % 50 == 0:
            self._note(number=self._number)

    def _note(self, **what: object) -> None:
        self._notes.write(f"{json.dumps(what)}\n")
        self._notes.flush()


def main() -> int:
    os.environ.setdefault("TERM", "xterm-256color")
    time.tzset()
    pastes.SILENCE = 0.3  # type: ignore[misc] # a test waits for it
    screen_writer.MOST_WAITING = 1 << 14  # type: ignore[misc] # a test fills it
    with open(sys.argv[2], "w", encoding="utf-8") as notes:  # noqa: PTH123 - a pipe
        app = Child(DRIVERS[sys.argv[1]], notes)
        app.run()
    return app.return_code if app.return_code is not None else 70


if __name__ == "__main__":
    sys.exit(main())
