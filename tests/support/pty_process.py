"""A program in a terminal of its own, that a test may stop reading, hang up, and look at."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import pyte

LONGEST: Final = 30.0
"""Seconds to wait for anything."""

ROWS: Final = 30
COLUMNS: Final = 100


class PtyProcess:
    """*command* as the leader of a session, with the terminal at its streams. Signals in *ignored* it finds ignored."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        ignored: Iterable[int] = (),
        errors_to: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.modes = termios.tcgetattr(self._slave)
        """Those that the program finds."""

        def begin() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)

        errors = os.open(errors_to, os.O_WRONLY | os.O_CREAT, 0o600) if errors_to else self._slave
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=self._slave, stdout=self._slave, stderr=errors,
            start_new_session=True, preexec_fn=begin,  # noqa: PLW1509 - two calls that take no lock
        )  # fmt: skip
        if errors_to:
            os.close(errors)
        self.pid = self._process.pid
        self.output = b""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._reads = threading.Event()
        self._reads.set()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._over = True
        self._reads.set()
        self._reader.join()
        for descriptor in (self._master, self._slave):
            with suppress(OSError):
                os.close(descriptor)

    @property
    def modes_now(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    @property
    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def type(self, text: str | bytes) -> None:
        os.write(self._master, text.encode() if isinstance(text, str) else text)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def stopped(self) -> None:
        """Wait until it is stopped by a signal."""
        os.waitid(os.P_PID, self.pid, os.WSTOPPED)

    def resized(self, rows: int, columns: int) -> None:
        """Say another size, and the signal that says so."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def look_away(self) -> None:
        """Read nothing any more."""
        self._reads.clear()

    def look_again(self) -> None:
        self._reads.set()

    def hang_up(self) -> None:
        """The terminal is closed."""
        self._over = True
        self._reads.set()
        self._reader.join()
        os.close(self._slave)
        os.close(self._master)

    def until(self, recognised: Callable[[str], bool] | str) -> None:
        """Wait for a text on the screen, or something that a test recognises there."""
        seen = recognised if callable(recognised) else lambda screen: recognised in screen
        with self._changed:
            found = self._changed.wait_for(lambda: seen(self._shown()), LONGEST)
        assert found, f"never seen: {recognised!r}, but:\n{self._shown()}"

    def until_modes(self, recognised: Callable[[list[Any]], bool]) -> None:
        """Wait for the modes of the terminal, of which nobody is told."""
        deadline = time.monotonic() + LONGEST
        while not recognised(self.modes_now):
            assert time.monotonic() < deadline, "the terminal never got its modes"
            signal.sigtimedwait((), 0.01)

    def ended(self) -> int:
        """Wait for its end: the exit code, or minus the signal."""
        return self._process.wait(LONGEST)

    def _shown(self) -> str:
        return "\n".join(self._screen.display)

    def _read(self) -> None:
        while not self._over:
            self._reads.wait()
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            with self._changed:
                self.output += data
                self._stream.feed(data)
                self._changed.notify_all()


def is_raw(modes: list[Any]) -> bool:
    """Whether each key arrives by itself."""
    return not modes[3] & termios.ICANON
