"""Named misfortunes to rehearse: `keyswitch demo --scenario NAME`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from adapters.sandbox import faults
from adapters.sandbox.faults import Fault, FaultPlan, changed_list
from adapters.sandbox.settings import CHATGPT, CLAUDE, GEMINI, PROVIDERS

if TYPE_CHECKING:
    from adapters.sandbox.server import Sandbox  # only a name here: a list of scenarios need not load a web server

HOUR: Final = 3600.0
_PLAN_SCOPE: Final = "chatgpt.tokens.use.direct"
_CLOUD_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_WORDS: Final = 24
"""Stream events before an answer is disturbed: enough that some of its words are on the screen."""

Act = Literal["ask", "sign_in", "sign_out"]


@dataclass(frozen=True, slots=True)
class Consent:
    """How a person answers the consent page."""

    account: str = "ana@example.test"
    decline: bool = False
    unticked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One misfortune, and what a person has to do to meet it."""

    description: str
    """One line, for people."""
    arm: Callable[[FaultPlan], None]
    """Puts the faults in place. Everybody is signed in before."""
    prepare: Callable[[Sandbox], None] | None = None
    """What else happens at the providers once people are signed in, e.g. that sessions end there."""
    acts: tuple[Act, ...] = ("ask",)
    """What is done then, in order, at each of `providers`."""
    providers: tuple[str, ...] = PROVIDERS
    consent: Consent = Consent()

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


def _always(kind: str, fault: Fault) -> Callable[[FaultPlan], None]:
    return _everywhere(kind, fault, times=None)


def _nothing(plan: FaultPlan) -> None:
    """No fault: the misfortune lies elsewhere."""


def _expire(sandbox: Sandbox) -> None:
    for provider in PROVIDERS:
        sandbox.expire_access_tokens(provider)


def _end(sandbox: Sandbox) -> None:
    for provider in PROVIDERS:
        for account in sandbox.accounts[provider]:
            sandbox.revoke_session(provider, account.email)


def _leave(sandbox: Sandbox) -> None:
    sandbox.leave()


def _outage(plan: FaultPlan) -> None:
    for kind in ("chat", "models", "refresh"):
        _always(kind, faults.refuse("unavailable"))(plan)


def _limit(plan: FaultPlan) -> None:
    plan.add(CHATGPT, "chat", faults.refuse("plan_limit"), times=None)
    plan.add(CLAUDE, "chat", faults.refuse("rate_limit", retry_after=2 * HOUR), times=None)
    plan.add(GEMINI, "chat", faults.refuse("plan_limit"), times=None)


_RENEWALS: Final = {
    "expired-session": Scenario(
        "every access token has expired; the sign-ins renew themselves", _nothing, prepare=_expire
    ),
    "ended-session": Scenario("every sign-in was ended at the provider; a new one is needed", _nothing, prepare=_end),
    "reused-token": Scenario(
        "renewal is refused because the refresh token was used elsewhere",
        _always("refresh", faults.refuse("refresh_token_reused")),
        prepare=_expire,
    ),
    "admin-policy": Scenario(
        "an administrator asks for a new sign-in", _always("refresh", faults.refuse("admin_policy")), prepare=_expire
    ),
    "lost-answer": Scenario(
        "a renewal takes effect but its answer never arrives",
        _everywhere("refresh", faults.lost_answer()),
        prepare=_expire,
    ),
    "renewal-outage": Scenario(
        "the sign-ins are due, and the providers renew none of them for now",
        _always("refresh", faults.refuse("unavailable", retry_after=60)),
        prepare=_expire,
    ),
    "client-refused": Scenario(
        "the provider no longer knows the program's client; the sign-in itself is not at fault",
        _always("refresh", faults.refuse("invalid_client")),
        prepare=_expire,
    ),
}

_ANSWERS: Final = {
    "limit": Scenario("the plan, the rate and the day's quota are used up", _limit),
    "busy": Scenario(
        "the first message meets a short rate limit", _everywhere("chat", faults.refuse("rate_limit", retry_after=1))
    ),
    "overloaded": Scenario(
        "the first two requests find the model overloaded", _everywhere("chat", faults.refuse("overloaded"), times=2)
    ),
    "no-credit": Scenario(
        "the account behind the credential is out of credit", _always("chat", faults.refuse("quota"))
    ),
    "region": Scenario("the provider does not serve this region", _always("chat", faults.refuse("policy"))),
    "outage": Scenario("every provider answers 503", _outage),
    "broken-server": Scenario("every provider answers 500", _always("chat", faults.refuse("server_error"))),
    "offline": Scenario("no provider can be reached", _nothing, prepare=_leave),
    "slow": Scenario("every answer starts five seconds late", _always("chat", faults.slow(5))),
    "hang": Scenario("no answer ever starts; stop it by hand", _always("chat", faults.hang())),
    "cut-stream": Scenario("the connection breaks in mid-answer", _everywhere("chat", faults.cut_stream(_WORDS))),
    "stream-error": Scenario(
        "the provider fails in mid-answer", _everywhere("chat", faults.stream_error(after=_WORDS))
    ),
    "garbage": Scenario("the answer is not what it should be", _everywhere("chat", faults.broken_event(_WORDS))),
    "portal": Scenario("a network sign-in page answers in the provider's place", _always("chat", faults.html_page())),
    "refusal": Scenario("the model declines to answer", _everywhere("chat", faults.refusal())),
    "blocked": Scenario("the prompt is blocked before the model sees it", _everywhere("chat", faults.blocked_prompt())),
    "cut-short": Scenario("the answer reaches the limit of its length", _everywhere("chat", faults.cut_short())),
}

_SIGN_INS: Final = {
    "declined": Scenario(
        "somebody says no on the consent page", _nothing, acts=("sign_in",), consent=Consent(decline=True)
    ),
    "plan-scope-refused": Scenario(
        "the permission to use the ChatGPT plan is unticked on the consent page",
        _nothing,
        acts=("sign_in", "ask"),
        providers=(CHATGPT,),
        consent=Consent(unticked=(_PLAN_SCOPE,)),
    ),
    "scope-refused": Scenario(
        "a permission that Gemini needs is unticked on the consent page",
        _nothing,
        acts=("sign_in",),
        providers=(GEMINI,),
        consent=Consent(unticked=(_CLOUD_SCOPE,)),
    ),
    "wrong-account": Scenario(
        "somebody signs in who is not the account that was signed in",
        _nothing,
        acts=("sign_in",),
        providers=(CLAUDE, GEMINI),  # ChatGPT's page offers none but the owner of the registered client
        consent=Consent(account="ben@example.test"),
    ),
    "sign-in-outage": Scenario(
        "the provider fails between consent and sign-in",
        _always("token", faults.refuse("unavailable")),
        acts=("sign_in",),
    ),
    "sign-out-unconfirmed": Scenario(
        "the provider does not confirm that a session is over",
        _always("revoke", faults.refuse("server_error")),
        acts=("sign_out",),
    ),
}

_LISTS: Final = {
    "new-models": Scenario(
        "the providers' lists have a model more, one less, and another window", _always("models", changed_list("moved"))
    ),
    "odd-lists": Scenario("the providers' lists of models lie", _always("models", changed_list("lies"))),
}

SCENARIOS: Final[dict[str, Scenario]] = {**_RENEWALS, **_ANSWERS, **_SIGN_INS, **_LISTS}
