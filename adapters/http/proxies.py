"""Which proxy a request goes through, taken from the usual variables and from nowhere else."""

from __future__ import annotations

from typing import Final

from adapters.http.origin import Origin
from domain.errors import ConfigError

_SCHEMES: Final = ("http", "https")
"""SOCKS would need one more library."""


def proxy_for(origin: Origin) -> str | None:
    """The URL of the proxy for *origin* by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, or None.

    Loopback traffic never goes through a proxy: a sign-in on this machine is nobody else's business.

    Raises:
        ConfigError: The variable names something that is no HTTP proxy.
    """
    from urllib.request import getproxies_environment, proxy_bypass

    found = getproxies_environment()
    kind = origin.scheme if found.get(origin.scheme) else "all"
    proxy = found.get(kind)
    if origin.is_loopback or not proxy or proxy_bypass(f"{origin.host}:{origin.port}"):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if proxy.partition("://")[0].lower() not in _SCHEMES:
        raise ConfigError(f"{kind.upper()}_PROXY", "it does not name an http or https proxy")
    return proxy
