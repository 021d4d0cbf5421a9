"""The address of a redirect, held so that nobody else on this machine gets what a browser brings there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.diagnosis.port_owner import owner_of
from adapters.sign_in.sockets import bind
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import HeldAddress, PortTaken
from domain.errors import ListenerUnavailable
from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class Held:
    """What the port calls a held address, and the sockets that hold it."""

    redirect_uri: str
    taken: PortTaken | None
    port: int
    sockets: list[socket.socket] = field(repr=False)


def hold_address(provider: Provider, rule: RedirectRule, *, listen: bool) -> Held:
    """Hold the first free port of *rule*, else any other: authorization servers have to take a redirect to this machine
    at whatever port it names (RFC 8252, 7.3). The caller closes the sockets.

    Raises:
        ListenerUnavailable: No port could be bound.
    """
    try:
        sockets = bind(rule.host, (*rule.ports, 0), listen=listen)
    except OSError as error:
        reason = f"no port for the redirect can be opened on {rule.host} ({error.strerror})"
        raise ListenerUnavailable(provider, reason) from None
    port = sockets[0].getsockname()[1]
    return Held(f"http://{bracketed(rule.host)}:{port}{rule.path}", _taken(rule, port), port, sockets)


@contextmanager
def hold(provider: Provider, rule: RedirectRule) -> Iterator[HeldAddress]:
    """Hold it until the context ends, and answer nobody. Raises as `hold_address`."""
    held = hold_address(provider, rule, listen=False)
    try:
        yield held
    finally:
        for bound in held.sockets:
            bound.close()


def bracketed(host: str) -> str:
    """*host* as addresses write it."""
    return f"[{host}]" if ":" in host else host


def _taken(rule: RedirectRule, used: int) -> PortTaken | None:
    """What was wanted in the place of *used*."""
    wanted = rule.ports[0]
    if wanted in {0, used}:
        return None
    return PortTaken(wanted, owner_of(wanted) or "", used, foreseen=0 in rule.ports or used in rule.ports)
