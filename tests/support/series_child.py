"""What a process runs that carries out one `keyswitch` command after the other, and says how each ended."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import IO, Final

import keyswitch

_READY: Final = (
    "adapters.chat.anthropic_messages",
    "adapters.chat.router",
    "adapters.diagnosis.hosts",
    "adapters.session_store.sealing",
    *(f"entrypoints.cli.commands.{name}" for name in ("ask", "doctor", "logout", "refresh", "status", "use")),
    "entrypoints.container",
    "httpx2",
)
"""Imported before the first command, so that a limit on a command is none on imports."""

NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that nobody runs: whatever a broken config makes of the addresses, nothing leaves the machine."""


def run(orders: Connection, disturb: Callable[[], None] | None = None) -> None:
    """The target of the process: gets home and arguments, gives code, output, errors and seconds, until None comes."""
    os.environ["HTTPS_PROXY"] = NOWHERE
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for module in _READY:
        importlib.import_module(module)
    if disturb is not None:
        disturb()
    orders.send("ready")
    while (order := orders.recv()) is not None:
        home, arguments = order
        os.environ["CODE_HOME"] = home
        with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
            for file, descriptor in ((out, 1), (err, 2)):
                os.dup2(file.fileno(), descriptor)
            sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115 - the process's own streams
            began = time.monotonic()
            code = keyswitch.main(list(arguments))
            seconds = time.monotonic() - began
            sys.stdout.flush()
            sys.stderr.flush()
            orders.send((int(code), _all_of(out), _all_of(err), seconds))


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
