"""What a process of the fault laboratory runs: one `keyswitch` command, in a single thread, once it is told to.

The laboratory forks it from a server that has imported everything already, so that a run costs a tenth of a second.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import keyswitch

_READY: Final = (
    "adapters.session_store.sealing",
    "adapters.sign_in.attempt",
    "entrypoints.cli.commands.login",
    "entrypoints.cli.commands.logout",
    "entrypoints.cli.commands.refresh",
    "entrypoints.cli.commands.use",
    "entrypoints.container",
    "httpx2",
)
for module in _READY:
    importlib.import_module(module)  # the server of the forks does it, once


@dataclass(frozen=True)
class Channels:
    """A process's ends of its pipes."""

    gate: Connection
    """Says "ready", then waits for a word before anything happens."""
    out: Connection
    err: Connection


def run(home: str, arguments: list[str], channels: Channels, disturb: Callable[[], None] | None) -> None:
    """The target of the process. *disturb* changes the program first, for positive controls."""
    os.environ["CODE_HOME"] = home
    for connection, number in ((channels.out, 1), (channels.err, 2)):
        os.dup2(connection.fileno(), number)
        connection.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in ((0, "r"), (1, "w"), (2, "w")))  # noqa: PTH123, SIM115 - the process's own streams
    asyncio.BaseEventLoop.run_in_executor = _at_once  # type: ignore[assignment,method-assign]
    if disturb is not None:
        disturb()
    channels.gate.send("ready")
    channels.gate.recv()
    code = keyswitch.main(arguments)
    sys.stdout.flush()
    sys.exit(code)


def _at_once(
    loop: asyncio.BaseEventLoop, executor: Executor | None, call: Callable[..., Any], *arguments: Any
) -> asyncio.Future[Any]:
    """Run *call* here instead of in a worker thread: the order of system calls is then the same in every run.

    strace counts the calls of each thread on its own, and the program awaits each worker anyway. *call* may run an
    event loop of its own, as it could in a thread.
    """
    future = loop.create_future()
    asyncio._set_running_loop(None)
    try:
        future.set_result(call(*arguments))
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the future's
        future.set_exception(error)
    finally:
        asyncio._set_running_loop(loop)
    return future
