"""What a failed request means for a session: the one place that tells "later" from "never again"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

import httpx2

from adapters.http.bound_transport import AnswerTooLarge
from adapters.http.retry_after import retry_after
from adapters.http.unreached import never_sent, why_unreached
from adapters.json.strict_json import NotJson, json_object
from adapters.oauth.callback import CLIENT_REFUSED, error_code
from adapters.oauth.token_answers import tokenless
from domain.errors import (
    AnswerUnreadable,
    ClientRefused,
    KeyswitchError,
    Offline,
    Overloaded,
    Refused,
    SessionEnded,
    SignInDeclined,
    SignInRefused,
)
from domain.provider import Provider
from domain.records import dataclass
from domain.text.foreign_text import quotable, without
from domain.text.secret import Secret

if TYPE_CHECKING:
    from datetime import datetime

_LONGEST_WAIT: Final = 3600.0
"""Seconds; a server that asks for more is asked again after an hour."""


class Meaning(Enum):
    """What an answer other than a good one says."""

    ENDED = auto()
    """The grant is gone for good."""
    SPENT = auto()
    """The refresh token was used before: by another process, or by a request whose answer was lost."""
    MISCONFIGURED = auto()
    """The client or the request is at fault, not the grant."""
    LATER = auto()
    """Not processed."""
    INTERCEPTED = auto()
    """Something between here and the provider answered."""
    AMBIGUOUS = auto()
    """It may have been processed."""
    UNKNOWN = auto()
    """It was refused for a reason that is not known; nothing was issued."""


_ENDED: Final = frozenset(
    {
        "invalid_grant", "invalid_refresh_token", "token_expired", "refresh_token_expired",
        "refresh_token_invalidated", "invalid_rapt", "admin_policy_enforced", "interaction_required",
    }
)  # fmt: skip
"""RFC 6749, 5.2, and the codes of OpenAI and Google that say the same."""

_SPENT: Final = frozenset({"refresh_token_reused"})

_MISCONFIGURED: Final = frozenset(
    {
        "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request",
        "invalid_target", "disabled_client", "deleted_client", "oauth_request_parse_error",
    }
)  # fmt: skip

_LATER: Final = frozenset({"slow_down", "temporarily_unavailable", "server_error", "internal_failure"})

_REFUSING: Final = frozenset({400, 401, 403})
_WRONG_REQUEST: Final = frozenset({405, 413, 415, 431})
_NOT_NOW: Final = frozenset({409, 421, 425, 429, 503, 507, 529})
_MIDDLE: Final = frozenset({407, 511})
"""Proxy authentication, and network authentication (RFC 6585, 6): never the provider's own."""
_MIDDLE_WITH_PAGE: Final = frozenset({200, 403, 451})
"""Captive portals answer with a page and a good status."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What an answer means that is not a good one."""

    provider: Provider
    verdict: Meaning
    status: int
    code: str
    """Empty where the answer names none."""
    detail: str
    retry_after: float | None
    whole: bool = False
    """Whether it is a good answer that came whole, and only holds no token."""

    @property
    def words(self) -> str:
        """Code, or status, and what the server says about it."""
        return ": ".join(filter(None, (self.code or f"HTTP {self.status}", self.detail.rstrip("."))))


def judge(
    provider: Provider, answer: httpx2.Response, *, rotates: bool, now: datetime, hiding: Iterable[Secret] = ()
) -> Failure:
    """What *answer* of a token endpoint means. *rotates*: whether a processed renewal spends the refresh token.

    *now* is aware, in UTC; *hiding* are the secrets of the request, which a server may quote back.
    """
    known = tuple(hiding)
    good = tokenless(answer) if answer.is_success else None
    codes, detail = _said(good.error if good else _strictly(answer))
    # An error under the status of a good answer is what it would be under its own (RFC 6749, 5.2).
    judged = httpx2.Response(httpx2.codes.BAD_REQUEST, headers=answer.headers) if good and good.error else answer
    verdict = _verdict(judged, codes, rotates=rotates)
    return Failure(
        provider=provider,
        verdict=verdict,
        status=answer.status_code,
        code=next((code for code in codes if without(known, code) == code), ""),
        detail=quotable(detail, hiding=known),
        retry_after=retry_after(answer.headers, now, longest=_LONGEST_WAIT),
        whole=good is not None and good.whole,
    )


def renewal_error(failure: Failure) -> KeyswitchError:
    """*failure* as the renewal of a session raises it."""
    provider = failure.provider
    match failure.verdict:
        case Meaning.ENDED:
            return SessionEnded(provider, failure.words)
        case Meaning.SPENT:
            reason = f"{failure.code}: another process or an interrupted renewal used it"
            return SessionEnded(provider, reason, spent=True)
        case Meaning.MISCONFIGURED:
            return ClientRefused(provider, f"{failure.words}. The session is kept")
        case Meaning.UNKNOWN:
            return Refused(provider, f"{failure.words}. The session is kept")
        case _:
            return _passing_error(failure)


def exchange_error(failure: Failure, *, client_id: str = "") -> KeyswitchError:
    """*failure* as the exchange of a code by *client_id* raises it."""
    provider = failure.provider
    match failure.verdict:
        case _ if failure.code == "access_denied":
            return SignInDeclined(provider, "it was declined (access_denied)")
        case Meaning.ENDED | Meaning.SPENT:
            reason = f"the code was not accepted ({failure.words})"
            return SignInRefused(provider, reason, client_id=client_id)
        case Meaning.MISCONFIGURED if client_id and failure.code in CLIENT_REFUSED:
            reason = f"the provider refused the client ({failure.words})"
            return SignInRefused(provider, reason, client_id=client_id, client_unknown=True)
        case Meaning.MISCONFIGURED | Meaning.UNKNOWN:
            reason = f"the provider refused the request ({failure.words})"
            return SignInRefused(provider, reason, client_id=client_id)
        case _:
            return _passing_error(failure)


def _passing_error(failure: Failure) -> KeyswitchError:
    provider = failure.provider
    match failure.verdict:
        case Meaning.LATER:
            return Overloaded(provider, failure.words, retry_after=failure.retry_after)
        case Meaning.INTERCEPTED:
            where = "a proxy or the sign-in page of a network"
            return Offline(provider, f"{where} answered in its place (HTTP {failure.status})")
        case _:
            problem = f"its answer holds no token ({failure.words})" if failure.whole else failure.words
            return AnswerUnreadable(provider, problem, whole=failure.whole)


def transport_error(provider: Provider, host: str, error: httpx2.RequestError) -> KeyswitchError:
    """A request without a whole answer: never sent (`Offline`), or perhaps processed (`AnswerUnreadable`)."""
    if isinstance(error, AnswerTooLarge):
        return AnswerUnreadable(provider, f"{host} sent more than any token answer holds")
    if never_sent(error):
        return Offline(provider, why_unreached(error, host))
    if isinstance(error, httpx2.TimeoutException):
        return AnswerUnreadable(provider, f"{host} took the request and did not answer in time")
    return AnswerUnreadable(provider, f"the connection to {host} broke before the answer was complete")


def _verdict(answer: httpx2.Response, codes: tuple[str, ...], *, rotates: bool) -> Meaning:
    named = _named(codes) if answer.status_code in _REFUSING else None
    if named is not None:
        return named
    if is_from_the_middle(answer):
        return Meaning.INTERCEPTED
    return _by_status(answer, codes, rotates=rotates)


def is_from_the_middle(answer: httpx2.Response) -> bool:
    """Whether somebody else answered: no token endpoint redirects or sends a page; portals and proxies do."""
    is_page = "html" in answer.headers.get("content-type", "").lower()
    status = answer.status_code
    return httpx2.codes.is_redirect(status) or status in _MIDDLE or (is_page and status in _MIDDLE_WITH_PAGE)


def _by_status(answer: httpx2.Response, codes: tuple[str, ...], *, rotates: bool) -> Meaning:
    status = answer.status_code
    if status in _NOT_NOW or (answer.is_client_error and _LATER & set(codes)):
        return Meaning.LATER
    if status in _WRONG_REQUEST:
        return Meaning.MISCONFIGURED
    if answer.is_server_error and (not rotates or "retry-after" in answer.headers):
        return Meaning.LATER
    if answer.is_client_error and status != httpx2.codes.REQUEST_TIMEOUT:
        return Meaning.UNKNOWN
    return Meaning.AMBIGUOUS


def _named(codes: tuple[str, ...]) -> Meaning | None:
    said = set(codes)
    if said & _SPENT:
        return Meaning.SPENT
    if said & _ENDED:
        return Meaning.ENDED
    return Meaning.MISCONFIGURED if said & _MISCONFIGURED else None


def _strictly(answer: httpx2.Response) -> dict[str, Any]:
    try:
        return json_object(answer.content)
    except NotJson:
        return {}


def _said(top: Mapping[str, Any]) -> tuple[tuple[str, ...], object]:
    """Codes and description of an error answer with the members *top*, wherever the vendor puts them."""
    inner = top.get("error")
    nested: dict[str, Any] = inner if isinstance(inner, dict) else {}
    found = (inner, nested.get("code"), top.get("code"), top.get("error_subtype"), nested.get("type"))
    codes = tuple(dict.fromkeys(filter(None, map(error_code, found))))
    texts = (top.get("error_description"), nested.get("message"), top.get("message"), top.get("detail"))
    return codes, next((text for text in texts if isinstance(text, str) and text), "")
