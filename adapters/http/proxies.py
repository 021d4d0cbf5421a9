"""Which proxy a request goes through, taken from the usual variables and from nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from adapters.http.origin import Origin
from domain.errors import VariableUnusable

_SCHEMES: Final = ("http", "https")
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
    if url.scheme not in _SCHEMES or not url.host:
        raise VariableUnusable(setting.variable, "it does not name an http or https proxy")
    return setting
