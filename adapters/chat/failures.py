"""What a vendor's error means for the person, as data, and the error that says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from adapters.chat.allowances import allowances
from adapters.chat.error_body import LONGEST_MESSAGE, Problem
from adapters.chat.limit_reset import named_reset
from adapters.http.retry_after import retry_after
from application.ports.clock import Clock
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    BrokenStream,
    KeyswitchError,
    LimitReached,
    Overloaded,
    Refused,
)
from domain.provider import Provider
from domain.provider_facts.lasting import NO_WAIT, Lasting, lasting_refusal, status_sign
from domain.records import dataclass
from domain.text.foreign_text import quotable
from domain.text.secret import Secret


class FailureKind(Enum):
    """What one can do about a problem."""

    REJECTED = auto()
    """Sign in again, or look at the key."""
    LIMIT = auto()
    """A limit that passes: try again after a while."""
    BUSY = auto()
    """Nobody's fault: try again."""
    REFUSED = auto()
    """This request will not be answered."""
    NO_MODEL = auto()
    """The model is not there for this credential."""
    TOO_LONG = auto()
    """The conversation is more than the model takes in."""


_OPENAI: Final = {
    "invalid_api_key": FailureKind.REJECTED,
    "token_expired": FailureKind.REJECTED,
    "subscription_sharing_invalid_user": FailureKind.REJECTED,
    "rate_limit_exceeded": FailureKind.LIMIT,
    "slow_down": FailureKind.LIMIT,
    "subscription_sharing_usage_unavailable": FailureKind.BUSY,
    "subscription_sharing_user_unavailable": FailureKind.BUSY,
    "server_error": FailureKind.BUSY,
    "server_is_overloaded": FailureKind.BUSY,
    "model_not_found": FailureKind.NO_MODEL,
    "context_length_exceeded": FailureKind.TOO_LONG,
    "invalid_prompt": FailureKind.REFUSED,
    "cyber_policy": FailureKind.REFUSED,
    "subscription_sharing_unsupported_capability": FailureKind.REFUSED,
    "subscription_sharing_route_not_supported": FailureKind.REFUSED,
    "chatpass_v2_scope_not_authorized": FailureKind.REFUSED,
    "chatpass_v2_invalid_authorization_context": FailureKind.REFUSED,
    "invalid_request_error": FailureKind.REFUSED,
}
_ANTHROPIC: Final = {
    "authentication_error": FailureKind.REJECTED,
    "rate_limit_error": FailureKind.LIMIT,
    "api_error": FailureKind.BUSY,
    "timeout_error": FailureKind.BUSY,
    "overloaded_error": FailureKind.BUSY,
    "conflict_error": FailureKind.BUSY,
    "not_found_error": FailureKind.NO_MODEL,
    "permission_error": FailureKind.REFUSED,
    "request_too_large": FailureKind.TOO_LONG,
    "invalid_request_error": FailureKind.REFUSED,
}
_GEMINI: Final = {
    "UNAUTHENTICATED": FailureKind.REJECTED,
    "RESOURCE_EXHAUSTED": FailureKind.LIMIT,
    "INTERNAL": FailureKind.BUSY,
    "UNAVAILABLE": FailureKind.BUSY,
    "DEADLINE_EXCEEDED": FailureKind.BUSY,
    "ABORTED": FailureKind.BUSY,
    "NOT_FOUND": FailureKind.NO_MODEL,
    "PERMISSION_DENIED": FailureKind.REFUSED,
    "INVALID_ARGUMENT": FailureKind.REFUSED,
    "FAILED_PRECONDITION": FailureKind.REFUSED,
    "prompt_blocked": FailureKind.REFUSED,
}
VERDICTS: Final[Mapping[Provider, Mapping[str, FailureKind]]] = {
    Provider.CHATGPT: _OPENAI,
    Provider.CLAUDE: _ANTHROPIC,
    Provider.GEMINI: _GEMINI,
}
"""By the vendors' own codes, as their API references list them. Those that no repetition helps have a table of their
own: `domain/provider_facts/lasting.py`.
"""

_STATUSES: Final = {
    401: FailureKind.REJECTED,
    403: FailureKind.REFUSED,
    408: FailureKind.BUSY,
    409: FailureKind.BUSY,
    413: FailureKind.TOO_LONG,
    429: FailureKind.LIMIT,
}
"""Where no code is known. Besides, 5xx is `BUSY`."""

_CLIENT_ERRORS: Final = 400
_SERVER_ERRORS: Final = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed, and what may help."""

    error: KeyswitchError
    again: bool = False
    """Whether another attempt may help."""
    wait: float | None = None
    """Seconds to wait before it, where the provider says."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An answer with an error status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    problem: Problem | None
    """None where the body is not the vendor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Turns what went wrong with one request into what the port promises."""

    provider: Provider
    model: str
    """The id that went on the wire."""
    secret: Secret
    """Kept out of every message: a server may echo it."""
    clock: Clock

    def answered(self, answer: ErrorAnswer) -> Failure:
        """The failure that an HTTP answer other than 2xx means, with what it tells of limits."""
        failure = self._judged(answer)
        if isinstance(failure.error, LimitReached):
            failure.error.allowances = allowances(answer.headers, self.clock.now())
        return failure

    def _judged(self, answer: ErrorAnswer) -> Failure:
        status, problem = answer.status, answer.problem or Problem(())
        if (lasting := self._lasting(problem, status, answer.headers)) is not None:
            return Failure(self._for_good(lasting, problem, fallback=f"HTTP {status}"))
        verdict = self._verdict(problem, status) or _by_status(status, explained=answer.problem is not None)
        if verdict is None:
            return Failure(AnswerUnreadable(self.provider, _without_explanation(status)))
        return self._failure(verdict, problem, answer.headers, fallback=f"HTTP {status}")

    def reported(self, problem: Problem, *, begun: bool) -> Failure:
        """The failure that an error means which came where an answer was to come, after some of it if *begun*."""
        if (lasting := self._lasting(problem, problem.status, None)) is not None:
            return Failure(self._for_good(lasting, problem, fallback=""))
        verdict = self._verdict(problem, problem.status) or _by_status(problem.status, explained=False)
        if verdict is None and (begun or not self._shown(problem)):
            return Failure(BrokenStream(self.provider, self._shown(problem)))
        return self._failure(verdict or FailureKind.REFUSED, problem, {}, fallback="")

    def _verdict(self, problem: Problem, status: int | None) -> FailureKind | None:
        """What is known of *problem*."""
        table = VERDICTS[self.provider]
        if status == HTTPStatus.UNAUTHORIZED:
            return FailureKind.REJECTED
        return next((table[kind] for kind in problem.kinds if kind in table), None)

    def _lasting(self, problem: Problem, status: int | None, headers: Mapping[str, str] | None) -> Lasting | None:
        """The row of *problem* among those that no repetition helps, whatever else is said beside it; None of others.

        *headers* are None in a stream, where there are none to miss.
        """
        signs = [*problem.kinds, *problem.quotas, status_sign(status)]
        if status == HTTPStatus.TOO_MANY_REQUESTS and headers is not None and self._ends(problem, headers) is None:
            signs.append(NO_WAIT)
        row = lasting_refusal(self.provider, signs, self.secret.begins)
        about_the_key = row is not None and row.code == "key_not_taken"
        return None if status == HTTPStatus.UNAUTHORIZED and not about_the_key else row

    def _ends(self, problem: Problem, headers: Mapping[str, str]) -> datetime | float | None:
        """When a limit ends, or in how many seconds, as far as the answer says."""
        now = self.clock.now()
        wait = retry_after(headers, now)
        wait = problem.wait if wait is None else wait
        return named_reset(headers, now) if wait is None else wait

    def _for_good(self, row: Lasting, problem: Problem, *, fallback: str) -> KeyswitchError:
        """The error that *row* means. Its words say what the vendor's own would mislead about."""
        said = self._shown(problem) or fallback
        told = f"{row.what} ({said})" if said else row.what
        match row.code:
            case "limit_reached":
                return self._limit_reached(said, problem.resets_at, manage_url=row.page or None)
            case "key_not_taken":
                kinds = quotable(", ".join(problem.kinds), hiding=(self.secret,), longest=LONGEST_MESSAGE)
                detail = f"{row.what} ({kinds})" if kinds else row.what
                return AuthRejected(self.provider, detail, code=row.code, advice=row.advice)
            case "plan_not_taken":
                return Refused(self.provider, told, code=row.code, advice=row.advice)
            case code:
                return LimitReached(self.provider, told, code=code, advice=row.advice)

    def _failure(self, verdict: FailureKind, problem: Problem, headers: Mapping[str, str], *, fallback: str) -> Failure:
        detail = self._shown(problem) or fallback
        wait = retry_after(headers, self.clock.now())
        wait = problem.wait if wait is None else wait
        may_retry = headers.get("x-should-retry", "").strip().lower() != "false"
        match verdict:
            case FailureKind.REJECTED:
                return Failure(AuthRejected(self.provider, self._rejection(problem)))
            case FailureKind.BUSY:
                busy = Overloaded(self.provider, detail, retry_after=wait, retry_at=self._after(wait))
                return Failure(busy, may_retry, wait)
            case FailureKind.LIMIT:
                return self._limit(headers, detail=detail, wait=wait, may_retry=may_retry)
            case FailureKind.NO_MODEL | FailureKind.TOO_LONG | FailureKind.REFUSED:
                return Failure(Refused(self.provider, self._reason(verdict, detail or "it does not say why")))

    def _limit(self, headers: Mapping[str, str], *, detail: str, wait: float | None, may_retry: bool) -> Failure:
        # Anthropic's monthly cap is told from a rate limit by its missing `retry-after` alone.
        again = may_retry and (wait is not None or self.provider is not Provider.CLAUDE)
        resets_at = self._after(wait) or named_reset(headers, self.clock.now())
        return Failure(self._limit_reached(detail, resets_at), again, wait)

    def _limit_reached(self, detail: str, resets_at: datetime | None, *, manage_url: str | None = None) -> LimitReached:
        left = max(resets_at - self.clock.now(), timedelta(0)) if resets_at else None
        return LimitReached(self.provider, detail, resets_at=resets_at, resets_in=left, manage_url=manage_url)

    def _after(self, wait: float | None) -> datetime | None:
        return None if wait is None else self.clock.now() + timedelta(seconds=wait)

    def _reason(self, verdict: FailureKind, detail: str) -> str:
        match verdict:
            case FailureKind.NO_MODEL:
                return f"{self.model} is not served here ({detail})"
            case FailureKind.TOO_LONG:
                return f"the conversation is too long for {self.model}; a new one is not ({detail})"
            case _:
                return detail

    def _rejection(self, problem: Problem) -> str:
        """The vendor's codes and words; without the words where they may repeat a part of the key."""
        kinds = quotable(", ".join(problem.kinds), hiding=(self.secret,), longest=LONGEST_MESSAGE)
        words = quotable(problem.message, longest=LONGEST_MESSAGE).rstrip(".")
        if not words or self.secret.hinted_in(words):
            return kinds
        return f"{kinds} ({words})" if kinds else words

    def _shown(self, problem: Problem) -> str:
        return quotable(problem.message or ", ".join(problem.kinds), hiding=(self.secret,), longest=LONGEST_MESSAGE)


def _by_status(status: int | None, *, explained: bool) -> FailureKind | None:
    if status is None:
        return None
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= _SERVER_ERRORS:
        return FailureKind.BUSY
    # Any other 4xx counts as the vendor's answer only if it comes with the vendor's own words.
    return FailureKind.REFUSED if status >= _CLIENT_ERRORS and explained else None


def _without_explanation(status: int) -> str:
    if status < _CLIENT_ERRORS:
        return f"a redirect (HTTP {status}), which is not followed with a credential"
    return f"HTTP {status} without an explanation"
