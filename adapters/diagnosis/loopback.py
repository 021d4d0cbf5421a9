"""Whether a browser on this machine can call back: loopback itself, and the ports of the redirects."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

from adapters.diagnosis.port_owner import owner_of
from adapters.sign_in.held_address import bind
from application.ports.oauth_client import RedirectRule
from domain.errors import ConfigError
from domain.finding import Area, Finding, ok, problem, warning
from domain.provider import Provider

_SECONDS = 2.0

Rules = Callable[[], Iterable[tuple[Provider, RedirectRule]]]


class LoopbackProbe:
    """Opens a port for a moment, connects to it, and closes it again."""

    area = Area.LOOPBACK

    def __init__(self, *, rules: Rules) -> None:
        self._rules = rules

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        yield _four()
        yield _six()
        try:
            rules = tuple(self._rules())
        except ConfigError:
            yield warning(Area.PORTS, "not looked at: the config has to be mended first")
            return
        for provider, rule in rules:
            yield _port(provider, rule)


def _four() -> Finding:
    trouble = _echoed(socket.AF_INET, "127.0.0.1")
    if trouble is None:
        return ok(Area.LOOPBACK, "127.0.0.1 can be reached")
    fix = "check the firewall's rules for the interface lo; until then, paste the address that the browser ends on"
    return problem(Area.LOOPBACK, f"127.0.0.1 cannot be reached ({trouble})", fix)


def _six() -> Finding:
    trouble = _echoed(socket.AF_INET6, "::1")
    return ok(Area.LOOPBACK, "::1 can be reached" if trouble is None else f"no IPv6 ({trouble}); IPv4 is enough")


def _echoed(family: socket.AddressFamily, address: str) -> str | None:
    """What went wrong with a connection to ourselves; None if nothing did."""
    try:
        with ExitStack() as stack:
            listening = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listening.settimeout(_SECONDS)
            listening.bind((address, 0))
            listening.listen(1)
            calling = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            calling.settimeout(_SECONDS)
            calling.connect(listening.getsockname()[:2])
            stack.enter_context(listening.accept()[0])
    except OSError as error:
        return error.strerror or "it does not answer"
    return None


def _port(provider: Provider, rule: RedirectRule) -> Finding:
    """On any free port nothing can be in the way but a missing loopback."""
    fixed = [port for port in rule.ports if port]
    for port in fixed:
        try:
            for listening in bind(rule.host, (port,)):
                listening.close()
        except OSError as error:
            if port != fixed[-1]:
                continue
            return _taken(provider, rule, port, error)
        return ok(Area.PORTS, f"port {port} is free for the sign-in to {provider.label}")
    return ok(Area.PORTS, f"the sign-in to {provider.label} takes any free port")


def _taken(provider: Provider, rule: RedirectRule, port: int, error: OSError) -> Finding:
    owner = owner_of(port)
    by = f"taken by {owner}" if owner else f"not to be had ({error.strerror})"
    what = f"port {port} for the sign-in to {provider.label} is {by}"
    if 0 in rule.ports:
        return warning(Area.PORTS, f"{what}; another one will be used")
    fix = f"end that program, or keyswitch config set providers.{provider}.redirect_ports with another port"
    return problem(Area.PORTS, f"{what}; another one will be used, which {provider.label} may refuse", fix)
