"""A process that has keyswitch loaded, and forks one that runs a command for each request: see `forks`.

`python -m tests.support.fork_server FD`: FD is its end of a socket pair. A request is one JSON line with three open
files for the standard streams and one end of a socket, on which the number of the new process and then its end are
told.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import time
from typing import Any, Final

import keyswitch
from adapters.master_key import in_passphrase

LARGEST: Final = 1 << 20
"""Bytes of a request; an environment and a few arguments."""
STREAMS: Final = 3
CHEAP: Final = {"iterations": 1, "lanes": 1, "memory_kib": 64}
"""What a passphrase is worth here; that it costs more elsewhere, other tests show."""

READY: Final = (
    "adapters.chat.anthropic_messages",
    "adapters.chat.router",
    "adapters.diagnosis.hosts",
    "adapters.oauth.device_flow",
    "adapters.session_store.sealing",
    "adapters.sign_in.attempt",
    "entrypoints.cli.commands.ask",
    "entrypoints.cli.commands.doctor",
    "entrypoints.cli.commands.login",
    "entrypoints.cli.commands.logout",
    "entrypoints.cli.commands.refresh",
    "entrypoints.cli.commands.status",
    "entrypoints.cli.commands.use",
    "entrypoints.container",
    "httpx2",
)
"""What takes long to import."""


def serve(requests: socket.socket) -> list[str] | None:
    """Fork for each request. Returns the arguments of a command in the process that is to run it, None at the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for those that wait
    while True:
        line, files, _, _ = socket.recv_fds(requests, LARGEST, STREAMS + 1)
        if not line:
            return None
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            return _told(json.loads(line), files)
        for file in files:
            os.close(file)


def _told(request: dict[str, Any], files: list[int]) -> list[str]:
    """Fork the command, in which this returns, and tell its number and its end."""
    *streams, channel = files
    child = os.fork()
    if child == 0:
        os.close(channel)
        _become(request, streams)
        return list(request["arguments"])
    for stream in streams:
        os.close(stream)
    with socket.socket(fileno=channel) as told:
        told.sendall(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        told.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Make this process what a new interpreter would be."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    time.tzset()
    random.seed()
    sys.argv = ["keyswitch", *request["arguments"]]
    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    modes = ((0, "r"), (1, "w"), (2, "w"))
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode, encoding="utf-8") for number, mode in modes)  # noqa: PTH123, SIM115 - the process's own streams


def main() -> int:
    """Serve, or run what was asked for."""
    for module in READY:
        importlib.import_module(module)
    in_passphrase._COST = CHEAP  # type: ignore[misc]  # of a test's passphrase nobody takes a guess
    gc.freeze()  # else each command, as it ends, goes through all that was loaded: 0.35 s of a core in place of 0.07
    arguments = serve(socket.socket(fileno=int(sys.argv[1])))
    return 0 if arguments is None else keyswitch.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
