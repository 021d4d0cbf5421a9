"""What it means when the line to a provider fails, rather than the provider."""

from __future__ import annotations

import ssl

import httpx2

from adapters.chat.bounds import Bounds
from adapters.chat.failures import Failure
from adapters.chat.problem import readable
from adapters.http.options import CONNECT_SECONDS
from domain.errors import AnswerUnreadable, BrokenStream, Offline, Overloaded
from domain.provider import Provider


def while_opening(error: httpx2.HTTPError, provider: Provider, bounds: Bounds) -> Failure:
    """The failure before the head of an answer had come.

    What never reached the provider is worth another attempt. A request that may be under way is not sent twice,
    unless the connection was closed on it, as happens to one that was kept open for too long.
    """
    match error:
        case httpx2.ConnectTimeout() | httpx2.ConnectError() | httpx2.ProxyError():
            return _unreached(error, provider)
        case httpx2.TimeoutException():
            return Failure(Overloaded(provider, f"no answer within {bounds.silence:g} s"))
        case httpx2.NetworkError() | httpx2.RemoteProtocolError():
            return Failure(Offline(provider, "the connection was closed before an answer came"), again=True)
        case _:
            return Failure(AnswerUnreadable(provider, type(error).__name__))


def _unreached(error: httpx2.HTTPError, provider: Provider) -> Failure:
    certificate = _certificate_error(error)
    if certificate is not None:
        return Failure(Offline(provider, f"its certificate is not trusted ({readable(certificate.verify_message)})"))
    if isinstance(error, httpx2.ProxyError):
        return Failure(Offline(provider, f"the proxy says {readable(str(error))}"))
    if isinstance(error, httpx2.ConnectTimeout):
        return Failure(Offline(provider, f"no connection within {CONNECT_SECONDS:g} s"), again=True)
    return Failure(Offline(provider, readable(str(error)) or "no connection"), again=True)


def while_reading(error: TimeoutError | httpx2.HTTPError, provider: Provider, bounds: Bounds) -> Failure:
    """The failure in the middle of an answer."""
    match error:
        case TimeoutError():
            return Failure(BrokenStream(provider, f"it was not complete after {bounds.duration:g} s"))
        case httpx2.ReadTimeout():
            return Failure(BrokenStream(provider, f"nothing came for {bounds.silence:g} s"))
        case httpx2.SSEError() | httpx2.DecodingError():
            return Failure(AnswerUnreadable(provider, readable(str(error))))
        case _:
            return Failure(BrokenStream(provider, "the connection was cut"))


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error
