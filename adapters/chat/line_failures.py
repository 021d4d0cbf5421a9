"""What it means when the line to a provider fails, rather than the provider."""

from __future__ import annotations

import httpx2

from adapters.chat.error_body import LONGEST_MESSAGE
from adapters.chat.failures import Failure
from adapters.chat.limits import Bounds
from adapters.forwarded.relay_transport import RelayFailed
from adapters.http.bound_transport import AnswerTooLarge
from adapters.http.origin import Origin
from adapters.http.unreached import is_certificate_error, never_sent, why_unreached
from domain.errors import AnswerUnreadable, BrokenStream, Offline, Overloaded
from domain.provider import Provider
from domain.text.foreign_text import quotable


def while_opening(
    error: TimeoutError | httpx2.HTTPError, provider: Provider, origin: Origin, bounds: Bounds
) -> Failure:
    """The failure before the head of an answer had come.

    What never reached the provider is worth another attempt. A request that may be under way is not sent twice,
    unless the connection was closed on it, as happens to one that was kept open for too long. What a laptop between
    here and there says, or does not say, is not asked about again by itself.
    """
    if isinstance(error, RelayFailed):
        return Failure(error.meaning)
    if never_sent(error):
        words = why_unreached(error, origin.host, port=origin.port)
        return Failure(Offline(provider, words), again=not _is_settled(error))
    match error:
        case TimeoutError():
            return Failure(Overloaded(provider, f"no answer within {bounds.opening:g} s"))
        case httpx2.TimeoutException():
            return Failure(Overloaded(provider, f"no answer within {bounds.silence:g} s"))
        case httpx2.NetworkError() | httpx2.RemoteProtocolError():
            return Failure(Offline(provider, "the connection was closed before an answer came"), again=True)
        case _:
            return Failure(AnswerUnreadable(provider, type(error).__name__))


def _is_settled(error: TimeoutError | httpx2.HTTPError) -> bool:
    """Whether a proxy or a certificate says no, and will say so again."""
    return isinstance(error, httpx2.ProxyError) or is_certificate_error(error)


def while_reading(error: TimeoutError | httpx2.HTTPError, provider: Provider, bounds: Bounds) -> Failure:
    """The failure in the middle of an answer."""
    match error:
        case TimeoutError():
            return Failure(BrokenStream(provider, f"it was not complete after {bounds.duration:g} s"))
        case httpx2.ReadTimeout():
            return Failure(BrokenStream(provider, f"nothing came for {bounds.silence:g} s"))
        case AnswerTooLarge():
            return Failure(AnswerUnreadable(provider, f"more than {bounds.size} bytes"))
        case httpx2.SSEError() | httpx2.DecodingError():
            return Failure(AnswerUnreadable(provider, quotable(str(error), longest=LONGEST_MESSAGE)))
        case _:
            return Failure(BrokenStream(provider, "the connection was cut"))
