"""Why no connection came about, in words that name what decided it: a host, a proxy, a variable, the clock."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

import httpx2

from adapters.http.options import ProxySetting, proxy_for
from adapters.http.origin import Origin
from adapters.http.tls import trust_variables
from domain.errors import VariableUnusable
from domain.text.untrusted import untrusted_line

_BY_THE_CLOCK: Final = frozenset({9, 10})
"""OpenSSL's `X509_V_ERR_CERT_NOT_YET_VALID` and `X509_V_ERR_CERT_HAS_EXPIRED`."""

_LONGEST_QUOTE: Final = 200


class Cause(Enum):
    """What one would have to mend."""

    CERTIFICATE = auto()
    CLOCK = auto()
    """A certificate is not valid at this machine's time."""
    PROXY = auto()
    NAME = auto()
    REFUSED = auto()
    TIME = auto()
    OTHER = auto()


def cause_of(error: BaseException, host: str, *, port: int = 443) -> Cause:
    """What is at fault; where a proxy lies between, that is looked at first."""
    causes = list(_causes(error))
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return Cause.CLOCK if getattr(certificate, "verify_code", 0) in _BY_THE_CLOCK else Cause.CERTIFICATE
    if isinstance(error, httpx2.ProxyError) or _proxy(host, port) is not None:
        return Cause.PROXY
    return next((cause for kinds, cause in _KINDS if any(isinstance(one, kinds) for one in causes)), Cause.OTHER)


_KINDS: Final[tuple[tuple[tuple[type[BaseException], ...], Cause], ...]] = (
    ((socket.gaierror,), Cause.NAME),
    ((ConnectionRefusedError,), Cause.REFUSED),
    ((TimeoutError, httpx2.TimeoutException), Cause.TIME),
)


def never_sent(error: BaseException) -> bool:
    """Whether *error* means that no byte of the request left this machine for its host."""
    return isinstance(
        error,
        httpx2.ConnectError
        | httpx2.ConnectTimeout
        | httpx2.PoolTimeout
        | httpx2.ProxyError
        | httpx2.UnsupportedProtocol,
    )


def is_certificate_error(error: BaseException) -> bool:
    """Whether *error* comes from a certificate that is not trusted."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def why_unreached(error: BaseException, host: str, *, port: int = 443) -> str:
    """The rest of a sentence that says "cannot be reached". It quotes nothing that holds a secret."""
    causes = list(_causes(error))
    proxy = _proxy(host, port)
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return _untrusted(certificate, host) + _through(proxy)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"no secure connection to {host} came about{_through(proxy)}"
    if isinstance(error, httpx2.ProxyError):
        return _refused_by(proxy, error, host)
    return _of_the_line(causes, f"the proxy of {proxy.shown}" if proxy else host)


def _untrusted(certificate: ssl.SSLCertVerificationError, host: str) -> str:
    said = untrusted_line(getattr(certificate, "verify_message", ""))[:_LONGEST_QUOTE]
    words = f"this machine does not trust the certificate of {host}" + (f" ({said})" if said else "")
    if getattr(certificate, "verify_code", 0) in _BY_THE_CLOCK:
        words += "; check that this machine's clock is right"
    named = trust_variables()
    return f"{words}; what it trusts comes from {' and '.join(named)}" if named else words


def _through(proxy: ProxySetting | None) -> str:
    return f"; the connection goes through the proxy of {proxy.shown}" if proxy else ""


def _refused_by(proxy: ProxySetting | None, error: httpx2.ProxyError, host: str) -> str:
    said = untrusted_line(str(error))[:_LONGEST_QUOTE]
    whose = f" of {proxy.shown}" if proxy else ""
    return f"the proxy{whose} would not connect to {host}" + (f" ({said})" if said else "")


def _of_the_line(causes: list[BaseException], host: str) -> str:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"the name of {host} is not known here"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"{host} refused the connection"
    if any(isinstance(cause, TimeoutError | httpx2.TimeoutException) for cause in causes):
        return f"{host} did not answer in time"
    return f"no connection to {host}"


def _proxy(host: str, port: int) -> ProxySetting | None:
    try:
        return proxy_for(Origin("https", host, port))
    except VariableUnusable:
        return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and all that led to it."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
