"""A terminal that shows line after line: what is typed, what is printed, and what is waited for."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from domain.text.secret import Secret
from domain.text.untrusted import Shown, untrusted
from entrypoints.chat.terminal_clipboard import as_base64
from entrypoints.cli.output import let_go
from entrypoints.plain.side_loop import SideLoop
from entrypoints.signals import PoliteEnd
from entrypoints.unseen_input import Typed, unseen

T = TypeVar("T")


class LineTerminal:
    """What is typed, and what is waited for; signals end either."""

    def __init__(self, end: PoliteEnd, loop: SideLoop) -> None:
        self._end = end
        self._loop = loop

    def ask(self, prompt: str) -> str:
        """The next line. Raises EOFError at the end of input, and as `PoliteEnd.interrupting` does."""
        with self._end.interrupting():
            if os.name == "posix" and sys.stdin.isatty():
                write(untrusted(prompt))
                self._end.until_readable(sys.stdin.fileno())
                prompt = ""
            with _gone_is_an_end():
                return input(untrusted(prompt)).strip()

    def ask_hidden(self, prompt: str) -> Secret:
        """The next line, which does not show. Raises as `ask`."""
        from getpass import getpass

        with self._end.interrupting(), _gone_is_an_end():
            return Secret(getpass(untrusted(prompt)))

    def ask_unseen(self, prompt: str) -> Secret:
        """What is typed or pasted next, with all its lines, none of which shows. Raises as `ask`."""
        descriptor = sys.stdin.fileno() if sys.stdin.isatty() else None
        with unseen(descriptor) as hidden:
            if not hidden or descriptor is None:
                return self.ask_hidden(prompt) if sys.stdin.isatty() else Secret(self.ask(prompt))
            typed = Typed(descriptor)
            with self._end.interrupting():
                write(untrusted(prompt))
                while not typed.ended:
                    self._end.until_readable(descriptor)
                    if text := typed.read():
                        write(untrusted("\n"))
                        return Secret(text)
        raise EOFError

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of *work*, which a signal cancels. Raises as `PoliteEnd.interrupting` does."""
        with self._end.interrupting():
            return self._loop.run(work)

    def finish(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of *work*, which no signal cancels."""
        return self._loop.run(work)

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let *work* go on by itself."""
        self._loop.begin(work)

    def forgive(self) -> None:
        """Ctrl+C has stopped what it was to stop."""
        self._end.forgive()


def say_lines(*lines: str) -> None:
    """Print *lines*; they may be foreign text."""
    write(untrusted("".join(f"{line}\n" for line in lines)))


def write(text: Shown) -> None:
    """Print *text* at once. Where the terminal is gone, the program is told to end, as it is by `kill`."""
    with _gone_is_told():
        sys.stdout.write(text)
        sys.stdout.flush()


def let_terminal_copy(text: Shown) -> None:
    """Have the terminal copy *text*, which it does not print."""
    with _gone_is_told():
        sys.stdout.write(f"\x1b]52;c;{untrusted(as_base64(text))}\a")
        sys.stdout.flush()


@contextmanager
def _gone_is_told() -> Iterator[None]:
    """A terminal that takes nothing any more ends the program."""
    try:
        yield
    except OSError:
        let_go(sys.stdout)
        signal.raise_signal(signal.SIGTERM)


@contextmanager
def _gone_is_an_end() -> Iterator[None]:
    """A terminal that is gone has no more lines."""
    try:
        yield
    except OSError:
        raise EOFError from None
