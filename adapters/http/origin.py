"""Where a URL leads: what a credential is bound to."""

from __future__ import annotations

from typing import Final

from domain.records import dataclass

_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port (RFC 6454, 4). Two are the same origin if all three are equal."""

    scheme: str
    host: str
    """In lower case; an international name in its ASCII form, an IPv6 address without brackets."""
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of *url*.

        Raises:
            ValueError: *url* is no absolute http or https URL, or holds a user name.
        """
        from httpx2 import URL, InvalidURL

        try:
            parsed = URL(url)
        except InvalidURL as error:
            raise ValueError(f"{url!r} is not a URL") from error
        if parsed.scheme not in _PORTS or not parsed.host:
            raise ValueError(f"{url!r} is no absolute http or https URL")
        if parsed.userinfo:
            raise ValueError("a URL with a user name in it is not used")
        host = parsed.raw_host.decode("ascii").strip("[]").lower()
        return cls(parsed.scheme, host, parsed.port or _PORTS[parsed.scheme])

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, told from the host alone.

        Names below `localhost` do not count, although RFC 6761, 6.3 would keep them here: glibc asks the network.
        """
        from ipaddress import ip_address

        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_private(self) -> bool:
        """Whether what is sent there cannot be read on the way: https, or this machine."""
        return self.scheme == "https" or self.is_loopback

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" if self.port == _PORTS[self.scheme] else f"{self.scheme}://{host}:{self.port}"
