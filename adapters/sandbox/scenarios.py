"""Named misfortunes to rehearse: `keyswitch demo --scenario NAME`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.sandbox import faults
from adapters.sandbox.faults import Fault, FaultPlan
from adapters.sandbox.settings import CHATGPT, CLAUDE, GEMINI, PROVIDERS

if TYPE_CHECKING:
    from adapters.sandbox.server import Sandbox  # only a name here: a list of scenarios need not load a web server

HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One misfortune."""

    description: str
    """One line, for people."""
    arm: Callable[[FaultPlan], None]
    """Puts the faults in place. Sign-ins are made before."""
    prepare: Callable[[Sandbox], None] | None = None
    """What else happens at the providers once people are signed in, e.g. that sessions end there."""

    def begin(self, sandbox: Sandbox) -> None:
        """Let it happen at *sandbox*, whose users are signed in."""
        if self.prepare is not None:
            self.prepare(sandbox)
        self.arm(sandbox.faults)


def _everywhere(kind: str, fault: Fault, *, times: int | None = 1) -> Callable[[FaultPlan], None]:
    def arm(plan: FaultPlan) -> None:
        for provider in PROVIDERS:
            plan.add(provider, kind, fault, times=times)

    return arm


def _nothing(plan: FaultPlan) -> None:
    """No fault: the misfortune lies elsewhere."""


def _expire(sandbox: Sandbox) -> None:
    for provider in PROVIDERS:
        sandbox.expire_access_tokens(provider)


def _end(sandbox: Sandbox) -> None:
    for provider in PROVIDERS:
        for account in sandbox.accounts[provider]:
            sandbox.revoke_session(provider, account.email)


def _outage(plan: FaultPlan) -> None:
    for kind in ("chat", "models", "refresh"):
        _everywhere(kind, faults.refuse("unavailable"), times=None)(plan)


def _limit(plan: FaultPlan) -> None:
    plan.add(CHATGPT, "chat", faults.refuse("plan_limit"), times=None)
    plan.add(CLAUDE, "chat", faults.refuse("rate_limit", retry_after=2 * HOUR), times=None)
    plan.add(GEMINI, "chat", faults.refuse("plan_limit"), times=None)


def _overloaded(plan: FaultPlan) -> None:
    _everywhere("chat", faults.refuse("overloaded"), times=2)(plan)


SCENARIOS: Final[dict[str, Scenario]] = {
    "expired-session": Scenario(
        "every access token has expired; the sign-ins renew themselves", _nothing, prepare=_expire
    ),
    "ended-session": Scenario("every sign-in was ended at the provider; a new one is needed", _nothing, prepare=_end),
    "reused-token": Scenario(
        "renewal is refused because the refresh token was used elsewhere",
        _everywhere("refresh", faults.refuse("refresh_token_reused"), times=None),
        prepare=_expire,
    ),
    "lost-answer": Scenario(
        "a renewal takes effect but its answer never arrives",
        _everywhere("refresh", faults.lost_answer()),
        prepare=_expire,
    ),
    "limit": Scenario("the plan, the rate and the day's quota are used up", _limit),
    "busy": Scenario(
        "the first message meets a short rate limit", _everywhere("chat", faults.refuse("rate_limit", retry_after=1))
    ),
    "overloaded": Scenario("the first two requests find the model overloaded", _overloaded),
    "no-credit": Scenario(
        "the account behind the credential is out of credit", _everywhere("chat", faults.refuse("quota"), times=None)
    ),
    "outage": Scenario("every provider answers 503", _outage),
    "slow": Scenario("every answer starts five seconds late", _everywhere("chat", faults.slow(5), times=None)),
    "hang": Scenario("no answer ever starts; stop it by hand", _everywhere("chat", faults.hang(), times=None)),
    "cut-stream": Scenario("the connection breaks in mid-answer", _everywhere("chat", faults.cut_stream(8))),
    "stream-error": Scenario("the provider fails in mid-answer", _everywhere("chat", faults.stream_error(after=8))),
    "garbage": Scenario("the answer is not what it should be", _everywhere("chat", faults.broken_event(8))),
    "portal": Scenario(
        "a network sign-in page answers in the provider's place", _everywhere("chat", faults.html_page(), times=None)
    ),
    "refusal": Scenario("the model declines to answer", _everywhere("chat", faults.refusal())),
    "blocked": Scenario("the prompt is blocked before the model sees it", _everywhere("chat", faults.blocked_prompt())),
}
