"""A terminal with keyswitch in it, for the hunt for secrets: what was written to it, and what could be seen on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pexpect
import pyte

from tests.support.leak_hunt import Run

SIZE: Final = (30, 100)
"""Rows and columns."""


MODES: Final = {
    b"1049": "the other screen",
    b"1000": "reports of the mouse",
    b"1003": "reports of every move of the mouse",
    b"1004": "reports of the focus",
    b"2004": "bracketed paste",
}
"""Private modes that Textual sets (xterm control sequences, DECSET)."""


def left_behind(raw: bytes) -> str:
    """The modes that were set and not reset, and the cursor if it was hidden and not shown."""
    left = [name for mode, name in MODES.items() if raw.rfind(b"\x1b[?%sh" % mode) > raw.rfind(b"\x1b[?%sl" % mode)]
    hidden = raw.rfind(b"\x1b[?25l") > raw.rfind(b"\x1b[?25h")
    return ", ".join([*left, *(["a hidden cursor"] if hidden else [])])


class Terminal:
    """What a person sees, and the keyboard."""

    def __init__(self, process: pexpect.spawn, run: Run) -> None:
        self.raw = b""
        self.seen: dict[str, None] = {}
        """Every screen that was there when somebody looked, in order."""
        self.missed: list[str] = []
        """What was waited for in vain."""
        self._process = process
        self._screen = pyte.Screen(SIZE[1], SIZE[0])
        self._stream = pyte.ByteStream(self._screen)
        self._patience = run.patience
        self._end = time.monotonic() + run.longest

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def wait_for(self, words: str) -> bool:
        """Whether *words* came onto the screen; False where the program ended or took too long."""
        return self._wait(words, there=True)

    def wait_without(self, words: str) -> bool:
        """The same for words that go."""
        return self._wait(words, there=False)

    def _wait(self, words: str, *, there: bool) -> bool:
        end = min(time.monotonic() + self._patience, self._end)
        while (words in self.text) is not there:
            if time.monotonic() > end or not self._read(end - time.monotonic()):
                self.missed.append(words if there else f"no {words}")
                return False
        return True

    def type(self, text: str) -> None:
        """Press the keys, one after the other."""
        if self._process.isalive():
            self._process.send(text)

    def paste(self, text: str) -> None:
        """As terminals do it (bracketed paste)."""
        self.type(f"\x1b[200~{text}\x1b[201~")

    def to_the_end(self) -> None:
        """Read what is still to come, and leave by force where nothing else helps."""
        for keys in ("", "\x1b\x03\x03", "\x03\x03"):
            self.type(keys)
            end = time.monotonic() + self._patience / 2
            while time.monotonic() < (self._end if self._is_leaving else end):
                if not self._read(0.1):
                    return

    @property
    def _is_leaving(self) -> bool:
        """Whether the app has given its screen back: a Ctrl+C would cut off what it says last."""
        return self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h")

    def _read(self, seconds: float) -> bool:
        """More of what the program writes; False once it is over."""
        try:
            block = self._process.read_nonblocking(65536, timeout=max(seconds, 0.01))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += block
        self._stream.feed(block)
        self.seen[self.text] = None
        return True


@contextmanager
def on_screen(run: Run, *arguments: str) -> Iterator[Terminal]:
    """The command in a terminal, until it ends."""
    program, *rest = run.command(*arguments)
    process = pexpect.spawn(
        program,
        rest,
        cwd=str(run.folder / "cwd"),
        env=run.environment(),
        dimensions=SIZE,
        timeout=run.longest,
        echo=False,
    )
    terminal = Terminal(process, run)
    with run.watching(process.pid):
        try:
            yield terminal
            terminal.to_the_end()
        finally:
            process.close(force=True)
    run.code = process.exitstatus if process.exitstatus is not None else -(process.signalstatus or 0)
    run.left_behind = left_behind(terminal.raw)
    run.missed = tuple(terminal.missed)
    run.channels["what was written to the terminal"] = terminal.raw
    run.channels["what was seen on the screen"] = "\n\n".join(terminal.seen).encode()
