"""What the environment says of the way to the network: proxies and trusted authorities."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator

from adapters.diagnosis.configured import Host
from adapters.http.options import proxy_for
from adapters.http.tls import system_trust, trust_variables
from domain.errors import ConfigError, VariableUnusable
from domain.finding import Area, Finding, ok, problem, warning


class WayOutProbe:
    """Reads the variables as every request does."""

    area = Area.PROXY

    def __init__(self, *, hosts: Callable[[], Iterable[Host]]) -> None:
        self._hosts = hosts

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: (*self._proxies(), *_authorities()))

    def _proxies(self) -> Iterator[Finding]:
        try:
            hosts = tuple(self._hosts())
            used = {host.origin: proxy_for(host.origin) for host in hosts}
        except VariableUnusable as error:
            yield problem(Area.PROXY, str(error), f"correct or unset {error.variable}")
            return
        except ConfigError:
            yield warning(Area.PROXY, "not looked at: the config has to be mended first")
            return
        through = {setting.shown for setting in used.values() if setting is not None}
        for shown in sorted(through):
            count = sum(1 for setting in used.values() if setting is not None and setting.shown == shown)
            yield ok(Area.PROXY, f"{shown} is used for {count} of {len(used)} hosts")
        if not through:
            yield ok(Area.PROXY, "none: connections are direct")


def _authorities() -> Iterator[Finding]:
    named = " and ".join(trust_variables())
    try:
        trusted = system_trust().cert_store_stats()["x509_ca"]
    except VariableUnusable as error:
        yield problem(Area.CERTIFICATES, str(error), f"correct or unset {error.variable}")
        return
    if os.environ.get("SSL_CERT_DIR"):  # its authorities are looked up one by one, when they are needed
        yield ok(Area.CERTIFICATES, f"trusted authorities come from {named}")
    elif trusted == 0:
        fix = f"correct or unset {named}" if named else "install your system's authorities: the package ca-certificates"
        yield problem(Area.CERTIFICATES, "no authority is trusted, so no host can be", fix)
    else:
        yield ok(Area.CERTIFICATES, f"{trusted} trusted authorities from {named or 'the system'}")
    if os.environ.get("SSLKEYLOGFILE"):
        yield ok(Area.CERTIFICATES, "SSLKEYLOGFILE is set, and ignored")
