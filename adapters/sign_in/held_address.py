"""Hold the address of a redirect, so that nobody else on this machine gets what a browser brings there."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from adapters.diagnosis.port_owner import owner_of
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import HeldAddress, PortTaken
from domain.errors import ListenerUnavailable
from domain.provider import Provider
from domain.records import dataclass

_BACKLOG: Final = 1024
"""Connections that may queue: a browser behind a crowd would else have to knock again, a second later."""

_TRIES: Final = 8
"""How often to look for a port that is free on both protocols."""

_NO_IPV6: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


@dataclass(frozen=True, slots=True)
class Held:
    """A `HeldAddress` of the port, with the sockets that hold it."""

    rule: RedirectRule
    port: int
    taken: PortTaken | None
    sockets: list[socket.socket]

    @property
    def redirect_uri(self) -> str:
        """The address that the provider should redirect to, with the port that is bound."""
        return f"http://{_bracketed(self.rule.host)}:{self.port}{self.rule.path}"

    @property
    def origin(self) -> str:
        """The beginning of the short link: the number of the address, because the name `localhost` may be looked up."""
        return f"http://{'127.0.0.1' if self.rule.host == 'localhost' else _bracketed(self.rule.host)}:{self.port}"

    @property
    def names(self) -> frozenset[str]:
        """The values of `Host` by which a browser that was sent here may call us."""
        return frozenset(
            f"{host}:{self.port}" for host in (_bracketed(self.rule.host), "127.0.0.1", "localhost", "[::1]")
        )

    def close(self) -> None:
        """Let others have the address again."""
        for bound in self.sockets:
            bound.close()


def hold_address(provider: Provider, rule: RedirectRule, *, listen: bool) -> Held:
    """Hold the first free port of *rule*, else any other: authorization servers have to take a redirect to this machine
    at whatever port it names (RFC 8252, 7.3). The caller closes it.

    Raises:
        ListenerUnavailable: No port could be bound.
    """
    try:
        sockets = bind(rule.host, (*rule.ports, 0), listen=listen)
    except OSError as error:
        reason = f"no port for the redirect can be opened on {rule.host} ({error.strerror})"
        raise ListenerUnavailable(provider, reason) from None
    port = sockets[0].getsockname()[1]
    return Held(rule, port, _taken(rule, port), sockets)


@contextmanager
def hold(provider: Provider, rule: RedirectRule) -> Iterator[HeldAddress]:
    """Hold the address until the context ends, and answer nobody there. Raises as `hold_address`."""
    held = hold_address(provider, rule, listen=False)
    try:
        yield held
    finally:
        held.close()


def _bracketed(host: str) -> str:
    """*host* as an address writes it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _taken(rule: RedirectRule, used: int) -> PortTaken | None:
    """The port that the redirect should have come to, if *used* is another one."""
    wanted = rule.ports[0]
    if wanted in {0, used}:
        return None
    return PortTaken(wanted, owner_of(wanted) or "", used, foreseen=0 in rule.ports or used in rule.ports)


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
    """A bound socket. It listens at once, because on Linux two programs may bind a port that both are ready to share
    and on which nobody listens.
    """
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
            created.listen(_BACKLOG)
        created.setblocking(False)
    except OSError:
        created.close()
        raise
    return created
