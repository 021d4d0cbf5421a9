"""How every HTTP client of keyswitch is set up, and which proxy it goes through."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from adapters.http.origin import Origin
from adapters.http.tls import no_trust, system_trust
from domain.errors import VariableUnusable
from domain.records import dataclass, field
from domain.version import VERSION

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    from httpx2 import AsyncBaseTransport, Proxy

CONNECT_SECONDS: Final = 10.0
"""Enough for name, route and handshake on a poor line; a person waits for it."""

READ_SECONDS: Final = 30.0
"""The longest silence of a token endpoint; streams bring their own."""

USER_AGENT: Final = f"keyswitch/{VERSION}"
"""Its own name (RFC 9110, 10.1.5), never that of a vendor's program."""

LARGEST_ANSWER: Final = 1024 * 1024
"""Bytes of an unpacked body; streams bring their own."""

MOST_CONNECTIONS: Final = 100
"""To one origin at once; whoever comes later waits for one of them."""

_KEPT_OPEN, _KEPT_SECONDS = 20, 5.0
"""How many connections wait for a next request, and for how long."""

_PROXY_SCHEMES: Final = ("http", "https")
"""SOCKS would need one more library."""


@dataclass(frozen=True, slots=True)
class ProxySetting:
    """A proxy, and the variable that asks for it."""

    variable: str
    url: str = field(repr=False)
    """It may hold a name and a password."""

    @property
    def shown(self) -> str:
        """The variable and the address without name and password: `HTTPS_PROXY (http://proxy.example:3128)`."""
        scheme, _, rest = self.url.partition("://")
        host = rest.rpartition("@")[2].partition("/")[0]
        return f"{self.variable} ({scheme}://{host})"


def client_options(
    url: str,
    *,
    read_seconds: float = READ_SECONDS,
    largest: int = LARGEST_ANSWER,
    unpack: bool = True,
    connections: int = MOST_CONNECTIONS,
    network: AsyncBaseTransport | None = None,
) -> dict[str, Any]:
    """Keyword arguments of an `httpx2.AsyncClient` that talks to the origin of *url* only.

    Nothing is taken from the environment but proxies and trusted authorities: no netrc, no key log.
    Redirects are not followed, because a credential may not go where an answer points, and no cookie
    is kept. Without *unpack*, whoever reads an answer unpacks it. *connections* is how many may be open at once.
    *network* stands in for the world in tests.

    Raises:
        ValueError: *url* is no absolute http or https URL.
        VariableUnusable: A variable for proxies or certificates names something unusable.
    """
    from httpx2 import Timeout

    from adapters.http.bound_transport import BoundTransport

    origin = Origin.of(url)
    return {
        "follow_redirects": False,
        "trust_env": False,
        "transport": BoundTransport(
            network or _network(origin, connections), origin=origin, largest=largest, unpack=unpack
        ),
        "timeout": Timeout(connect=CONNECT_SECONDS, read=read_seconds, write=READ_SECONDS, pool=CONNECT_SECONDS),
        "headers": {"User-Agent": USER_AGENT},
        "cookies": _no_cookies(),
    }


def token_options(url: str) -> dict[str, Any]:
    """`client_options` for what authorization servers answer: a packing that is broken must not lose a token."""
    return client_options(url, unpack=False)


def network_behind(path: str) -> AsyncBaseTransport:
    """The way to whoever listens at the Unix socket *path*, in plain HTTP."""
    from httpx2 import AsyncHTTPTransport

    # A context with the authorities in it would be made for a socket as well, and take 43 ms.
    return AsyncHTTPTransport(uds=path, verify=no_trust(), trust_env=False, retries=0)


def _network(origin: Origin, connections: int) -> AsyncBaseTransport:
    from httpx2 import AsyncHTTPTransport, Limits

    trust = system_trust() if origin.scheme == "https" else no_trust()
    limits = Limits(max_connections=connections, max_keepalive_connections=_KEPT_OPEN, keepalive_expiry=_KEPT_SECONDS)
    return AsyncHTTPTransport(verify=trust, trust_env=False, proxy=_proxy(origin), retries=0, limits=limits)


def _proxy(origin: Origin) -> Proxy | None:
    from httpx2 import Proxy

    found = proxy_for(origin)
    if found is None:
        return None
    return Proxy(found.url, ssl_context=system_trust() if found.url.lower().startswith("https:") else None)


def _no_cookies() -> CookieJar:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def proxy_for(origin: Origin) -> ProxySetting | None:
    """The proxy for *origin* by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, or None.

    Loopback traffic never goes through a proxy: a sign-in on this machine is nobody else's business.

    Raises:
        VariableUnusable: The variable names something that is no HTTP proxy.
    """
    from urllib.request import getproxies_environment, proxy_bypass

    found = getproxies_environment()
    kind = origin.scheme if found.get(origin.scheme) else "all"
    url = found.get(kind)
    if origin.is_loopback or not url or proxy_bypass(f"{origin.host}:{origin.port}"):
        return None
    return _checked(ProxySetting(_variable(kind), url if "://" in url else f"http://{url}"))


def _variable(kind: str) -> str:
    """The name as it is set; of two, `getproxies_environment` takes the one in lower case."""
    name = f"{kind}_proxy"
    return name if os.environ.get(name) else name.upper()


def _checked(setting: ProxySetting) -> ProxySetting:
    from httpx2 import URL, InvalidURL

    try:
        url = URL(setting.url)
    except InvalidURL:
        url = URL()
    if url.scheme not in _PROXY_SCHEMES or not url.host:
        raise VariableUnusable(setting.variable, "it does not name an http or https proxy")
    return setting
