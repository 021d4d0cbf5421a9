"""Ports on loopback, bound once and kept: whoever chooses a port, closes it and binds it again can lose it between."""

from __future__ import annotations

import errno
import socket
import sys
from typing import Final

BACKLOG: Final = 1024
"""Connections that may queue: a browser behind a crowd would else have to knock again, a second later."""

_TRIES: Final = 8
"""For a free port that is free on both protocols."""

_NO_IPV6: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def bind(host: str, ports: tuple[int, ...], *, listen: bool = True) -> list[socket.socket]:
    """Listening sockets for *host* on the first of *ports* that is free; 0 is any.

    `localhost` is bound on 127.0.0.1 and on ::1, or not at all: whoever held the other one would get the code of
    a browser that tries it first. Without *listen* nobody is answered there, and nobody else can listen.

    Raises:
        OSError: None of the ports could be bound.
    """
    problem: OSError = OSError(errno.EADDRINUSE, "no port to try")
    for port in ports:
        for _ in range(_TRIES if port == 0 else 1):
            try:
                return _on_all(_addresses(host), port, listen=listen)
            except OSError as error:
                problem = error
    raise problem


def _addresses(host: str) -> tuple[tuple[socket.AddressFamily, str], ...]:
    if host == "localhost":
        return (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")
    return ((socket.AF_INET6 if ":" in host else socket.AF_INET, host),)


def _on_all(addresses: tuple[tuple[socket.AddressFamily, str], ...], port: int, *, listen: bool) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for family, address in addresses:
            try:
                listening = _bound(family, address, port, listen=listen)
            except OSError as error:
                if bound and error.errno in _NO_IPV6:  # a machine without ::1 has nobody there either
                    continue
                raise
            bound.append(listening)
            port = listening.getsockname()[1]
    except OSError:
        for listening in bound:
            listening.close()
        raise
    return bound


def _bound(family: socket.AddressFamily, address: str, port: int, *, listen: bool) -> socket.socket:
    """Listening at once: on Linux two programs may bind a port that both are ready to share, and nobody listens on."""
    created = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            created.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif listen:
            created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or a fixed port rests after each sign-in
        if family == socket.AF_INET6:
            created.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        created.bind((address, port))
        if listen:
            created.listen(BACKLOG)
        created.setblocking(False)
    except OSError:
        created.close()
        raise
    return created
