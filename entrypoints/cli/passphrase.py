"""The passphrase of the master key, from a person at a terminal or from a descriptor that a script opened.

Never from an argument or a variable: other users of the machine, and every child process, could read those.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from application.use_cases.move_key import refuse_weak
from domain.errors import PassphraseNeeded, UsageError
from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from entrypoints.cli.output import may_ask

_LONGEST: Final = 4096
"""Bytes."""

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _Source:
    """Where this run of the program gets passphrases from."""

    descriptor: int | None = None
    """As `--passphrase-fd` says; each passphrase is a line."""
    given: Secret | None = None
    """One that was given for the first thing that needed it, until the second: nobody is asked twice for the same."""


_source: Final = _Source()


def passphrase_option(command: Decorated) -> Decorated:
    """`--passphrase-fd`, for every command that opens the store."""

    def remember(_: click.Context, __: click.Parameter, value: int | None) -> None:
        _source.descriptor = value

    return click.option(
        "--passphrase-fd",
        type=click.IntRange(min=0),
        metavar="N",
        expose_value=False,
        callback=remember,
        help="Read the passphrase of the master key, if it has one, from descriptor N: one line.",
    )(command)


def store_path(home: Path) -> str:
    """How a sentence names the store of *home*."""
    return str(home / "auth.json")


def current_passphrase(store: str) -> Secret:
    """The one that the master key of *store* is sealed with.

    Raises:
        PassphraseNeeded: Nobody is there to give it.
        UsageError: The descriptor cannot be read.
    """
    if (given := take_given()) is not None:
        return given
    if _source.descriptor is not None:
        return _line(_source.descriptor)
    return Secret(_asked(store, "Passphrase (hidden)", "its master key is sealed with a passphrase"))


def new_passphrase(store: str) -> Secret:
    """One to seal the master key of *store* with from now on, typed twice.

    Raises:
        PassphraseNeeded: Nobody is there to give it.
        UsageError: It is too short, the two differ, or the descriptor cannot be read.
    """
    if _source.descriptor is not None:
        return _line(_source.descriptor)
    why = "a new passphrase is needed to seal its master key with"
    passphrase = Secret(_asked(store, "New passphrase (hidden)", why))
    refuse_weak(passphrase)
    if Secret(_asked(store, "The same once more (hidden)", why)) != passphrase:
        raise UsageError("The two passphrases differ. Nothing was changed.")
    return passphrase


def give_again(passphrase: Secret) -> Secret:
    """Keep *passphrase* for the next that asks for the current one in this run."""
    _source.given = passphrase
    return passphrase


def take_given() -> Secret | None:
    """What `give_again` kept, once."""
    given, _source.given = _source.given, None
    return given


def _asked(store: str, question: str, why: str) -> str:
    needed = PassphraseNeeded(store, f"{why}; give it at a terminal, or by --passphrase-fd N")
    if not may_ask():
        raise needed
    try:
        with _interruptible():
            return str(click.prompt(untrusted_line(question), hide_input=True, err=True))
    except click.Abort as aborted:
        if isinstance(aborted.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise needed from None  # the input ended


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl+C end a question: an event loop would only note it, and the question would go on waiting."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _line(descriptor: int) -> Secret:
    """The next line, byte by byte: what follows it is for others, if this is standard input."""
    line = bytearray()
    try:
        while len(line) < _LONGEST and (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            line += byte
    except OSError as error:
        raise UsageError(f"--passphrase-fd {descriptor} cannot be read ({error.strerror}).") from None
    try:
        return Secret(line.removesuffix(b"\r").decode())
    except UnicodeDecodeError:
        raise UsageError(f"What --passphrase-fd {descriptor} gives is no UTF-8.") from None
