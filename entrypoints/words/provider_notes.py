"""What a person should know about signing in to each provider, and what the vendors ask a program to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.credential import CredentialRecord
from domain.payment import USING_PLAN
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.untrusted import untrusted_line

if TYPE_CHECKING:
    from application.ports.sign_in_dialog import SignInLink

MANAGE_USAGE: Final = "https://chatgpt.com/settings/usage"
"""Where the owner of a ChatGPT plan sees and limits what programs use of it. OpenAI asks for the link."""

_TESTING_LIFE: Final = timedelta(days=8)
"""Google gives sign-ins seven days while the consent screen of the client is in testing; no other of its lives is as
short."""

_PUBLISH: Final = 'Set it to "In production" in Google\'s console, and sign in again, to keep sign-ins longer.'


def after_sign_in(record: CredentialRecord, not_granted: Sequence[str] = ()) -> tuple[str, ...]:
    """What is to be known of a sign-in that was just completed, a line each. *not_granted* are scopes."""
    fewer = f"{record.provider.label} granted less than was asked for. Missing: {', '.join(not_granted)}."
    return (*((untrusted_line(fewer),) if not_granted else ()), *_of_the_vendor(record))


def _of_the_vendor(record: CredentialRecord) -> tuple[str, ...]:
    if record.plan_use_off:
        return ()  # then there is other news, which depends on where it is told
    if record.payer is Payer.PLAN:
        return (f"{USING_PLAN}: what you send counts toward its limits. Manage usage: {MANAGE_USAGE}",)
    if ends_by_testing(record):
        return ("Google ends this sign-in after 7 days: the consent screen of your client is in testing.", _PUBLISH)
    return ()


def port_taken(link: SignInLink) -> tuple[str, ...]:
    """What is to be known of the port of the redirect before a browser opens, a line each: nothing, mostly."""
    taken = link.taken
    if taken is None:
        return ()
    by = f" by {untrusted_line(taken.holder)}" if taken.holder else ""
    provider = link.provider
    news = f"Port {taken.port} for {provider.label}'s redirect is taken{by}; port {taken.used} takes its place."
    if taken.foreseen:
        return (news,)
    setting = f'keyswitch config set providers.{provider}.redirect_ports "[PORT]"'
    return (
        news,
        f"If {provider.label} refuses it, end that program, or choose another port: {setting}",
        "If your browser is on another machine, paste the address that it ends on.",
    )


def payer_words(payer: Payer) -> str:
    """Who pays, for a line of facts."""
    return USING_PLAN if payer is Payer.PLAN else f"pays: {payer.label}"


def ends_by_testing(record: CredentialRecord) -> bool:
    """Whether a Google sign-in has the short life of a client in testing."""
    ends = record.sign_in_expires_at
    return record.provider is Provider.GEMINI and ends is not None and ends - record.obtained_at < _TESTING_LIFE
