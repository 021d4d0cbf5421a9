"""The questions to the hosts, for programs that may never put them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from adapters.diagnosis.configured import Host
from application.ports.clock import Clock
from domain.finding import Area, Finding


class HostsOnDemand:
    """`HostsProbe`, whose HTTP library is loaded when the hosts are asked."""

    area = Area.HOSTS

    def __init__(
        self, *, hosts: Callable[[], Iterable[Host]], http_options: Callable[[str], dict[str, Any]], clock: Clock
    ) -> None:
        self._hosts = hosts
        self._http_options = http_options
        self._clock = clock

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        from adapters.diagnosis.hosts import HostsProbe

        probe = HostsProbe(hosts=self._hosts, http_options=self._http_options, clock=self._clock)
        return await probe()
