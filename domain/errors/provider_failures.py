"""Errors of a provider that answered with something other than an answer, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from domain.errors.base import KeyswitchError
from domain.text.durations import duration_words

if TYPE_CHECKING:  # every command starts with this module
    from datetime import datetime, timedelta

    from domain.provider import Provider
    from domain.usage.allowance import Allowance


class AuthRejected(KeyswitchError):
    """A request was refused as unauthenticated even with a fresh token or the stored key."""

    code = "auth_rejected"

    def __init__(
        self, provider: Provider, detail: str = "", *, code: Literal["", "key_not_taken"] = "", advice: str = ""
    ) -> None:
        self.provider = provider
        self.advice = advice
        """What to have in its place, and where; "" where signing in anew may do."""
        super().__init__(f"{provider.label} did not accept the credential{_tail(detail)}. It is kept.", code=code)


class ProviderError(KeyswitchError):
    """A provider answered with something other than an answer, or not at all."""

    code = "provider"

    def __init__(self, provider: Provider, sentence: str, *, code: str = "") -> None:
        self.provider = provider
        super().__init__(sentence, code=code)


class Offline(ProviderError):
    """The provider could not be reached."""

    code = "offline"

    def __init__(self, provider: Provider, detail: str, *, laptop: bool = False) -> None:
        self.laptop = laptop
        """Whether it is the laptop, on the way to the provider, that does not answer."""
        super().__init__(provider, f"{provider.label} cannot be reached: {detail}")


class Overloaded(ProviderError):
    """The provider is up and says: later."""

    code = "overloaded"

    def __init__(
        self,
        provider: Provider,
        detail: str = "",
        *,
        retry_after: float | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        self.retry_after = retry_after
        """Seconds that the provider asks to wait, where it says."""
        self.retry_at = retry_at
        """Aware, in UTC: when that is over, where it was reckoned."""
        super().__init__(provider, f"{provider.label} has trouble answering right now{_tail(detail)}")


class LimitReached(ProviderError):
    """A rate, plan or spending limit is used up."""

    code = "limit_reached"

    def __init__(
        self,
        provider: Provider,
        detail: str = "",
        *,
        resets_at: datetime | None = None,
        resets_in: timedelta | None = None,
        manage_url: str | None = None,
        code: Literal["", "credit_used_up", "spend_limit", "member_limit"] = "",
        advice: str = "",
    ) -> None:
        self.resets_at = resets_at
        """Aware, in UTC; None where the provider does not say: no time is invented."""
        self.resets_in = resets_in
        """How far off that was when the provider answered, where it was reckoned."""
        self.manage_url = manage_url
        self.advice = advice
        """Who can lift it, and where; "" where it passes by itself."""
        self.allowances: tuple[Allowance, ...] = ()
        """What the provider told of its limits beside the refusal."""
        super().__init__(provider, f"The {provider.label} limit is reached{_tail(detail)}", code=code)


class Refused(ProviderError):
    """The provider will not answer this request: policy, filter, permission, unknown model."""

    code = "refused"

    def __init__(
        self, provider: Provider, detail: str, *, code: Literal["", "plan_not_taken"] = "", advice: str = ""
    ) -> None:
        self.advice = advice
        """What works instead, where that is known."""
        super().__init__(provider, f"{provider.label} refused the request: {detail}", code=code)


class ClientRefused(Refused):
    """The provider refuses the program or how it asks, whoever signed in: a matter of configuration."""

    code = "client_refused"


class RenewalPaused(ProviderError):
    """A session that must be renewed before its next use has just failed to be; it is kept."""

    code = "renewal_paused"

    def __init__(self, provider: Provider, reason: str, *, seconds: float) -> None:
        self.seconds = seconds
        """Until the next try."""
        sentence = f"Renewing the {provider.label} session failed ({reason}). It is kept; next try in"
        sentence = f"{sentence} {duration_words(seconds)}"
        super().__init__(provider, sentence)


class BrokenStream(ProviderError):
    """The answer ended before its end; what came is kept."""

    code = "broken_stream"

    def __init__(self, provider: Provider, detail: str = "") -> None:
        super().__init__(provider, f"The answer from {provider.label} broke off{_tail(detail)}")


class AnswerUnreadable(ProviderError):
    """The provider answered with something that is no answer of its protocol."""

    code = "answer_unreadable"

    def __init__(self, provider: Provider, detail: str, *, whole: bool = False) -> None:
        self.whole = whole
        """Whether it came whole: nothing of it was lost on the way."""
        super().__init__(provider, f"{provider.label} answered with something keyswitch cannot read: {detail}")


def _tail(detail: str) -> str:
    return f": {detail}" if detail else ""
