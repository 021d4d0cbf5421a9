"""Real terminals side by side, in a tmux server of their own."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LONGEST: Final = 30.0
"""Seconds to wait for something to appear."""

COMMAND_SECONDS: Final = 10.0

_SIZE: Final = frozenset({"COLUMNS", "LINES"})
"""Programs believe these more than their terminal."""


class Terminals:
    """Terminals with a program in each: sessions of one tmux server.

    Whoever waits is woken by the output itself, of which tmux pipes a copy here: nothing is slept through.
    """

    def __init__(self, tmux: str, *, size: tuple[int, int], folder: Path) -> None:
        """*folder* is for sockets and pipes."""
        self._folder = folder
        self._tmux = [tmux, "-u", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._size = size
        self._changed = threading.Condition()

    def open(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Run *command* in a terminal called *name*."""
        own = {variable: value for variable, value in environment.items() if variable not in _SIZE}
        given = [word for variable, value in own.items() for word in ("-e", f"{variable}={value}")]
        size = ["-x", str(self._size[0]), "-y", str(self._size[1])]
        self._run("new-session", "-d", "-s", name, *size, *given, "--", *command)
        pipe = self._folder / f"{name}.out"
        os.mkfifo(pipe, 0o600)
        self._run("pipe-pane", "-t", f"={name}:", f"exec cat > '{pipe}'")
        threading.Thread(target=self._listen, args=(pipe,), daemon=True).start()

    def screen(self, name: str) -> str:
        """What a person sees in *name*."""
        return self._run("capture-pane", "-p", "-t", f"={name}:")

    def type(self, name: str, text: str) -> None:
        """Type *text* and press Enter."""
        self._run("send-keys", "-t", f"={name}:", "-l", text)
        self.press(name, "Enter")

    def press(self, name: str, *keys: str) -> None:
        """Press *keys*, by tmux's names."""
        self._run("send-keys", "-t", f"={name}:", *keys)

    def until(self, name: str, shows: Callable[[str], bool] | str) -> float:
        """Wait until *name* shows a text, or something that a test recognises; returns when, in unix seconds."""
        recognised = shows if callable(shows) else lambda screen: shows in " ".join(screen.split())
        deadline = time.monotonic() + LONGEST
        with self._changed:
            while not recognised(screen := self.screen(name)):
                left = deadline - time.monotonic()
                assert left > 0, f"{name} never showed {shows!r}, but:\n{screen}"
                self._changed.wait(min(left, 1.0))
        return time.time()

    @contextmanager
    def running(self) -> Iterator[Terminals]:
        """The tmux server, for as long as the context lasts."""
        try:
            yield self
        finally:
            subprocess.run([*self._tmux, "kill-server"], check=False, timeout=COMMAND_SECONDS, capture_output=True)

    def _listen(self, pipe: Path) -> None:
        with pipe.open("rb", buffering=0) as output:
            while output.read(65536):
                with self._changed:
                    self._changed.notify_all()

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words],
            check=False,
            capture_output=True,
            encoding="utf-8",
            timeout=COMMAND_SECONDS,
            env={variable: value for variable, value in os.environ.items() if variable not in _SIZE},
        )
        assert done.returncode == 0, f"tmux {words[0]}: {done.stderr}"
        return done.stdout
