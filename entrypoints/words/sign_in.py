"""What is said of a sign-in: before it, while it is under way, and once it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from domain.credential import CredentialRecord
from domain.payment import USING_PLAN
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.untrusted import untrusted_line
from entrypoints.words.accounts import PERMISSION_MISSING, PLAN_USE_OFF

if TYPE_CHECKING:
    from application.sign_in.sign_in import SignedIn

STEPS: Final = ("choose how", "approve in your browser", "done")

PASTE_HINT: Final = "Other machine (SSH)? Paste the address the browser ends on, or the code:"

MANAGE_USAGE: Final = "https://chatgpt.com/settings/usage"
"""Where the owner of a ChatGPT plan sees and limits what programs use of it. OpenAI asks for the link."""

_TESTING_LIFE: Final = timedelta(days=8)
"""Google gives sign-ins seven days while the consent screen of the client is in testing; no other of its lives is as
short."""

_PUBLISH: Final = 'Set it to "In production" in Google\'s console, and sign in again, to keep sign-ins longer.'


def signed_in_words(record: CredentialRecord, name: str) -> str:
    """Who signed in where, and who pays: `Logged in to Claude as ana@example.test (Console, per token)`."""
    pays = PLAN_USE_OFF if record.plan_use_off else record.payer.label
    return f"Logged in to {record.provider.label} as {name} ({pays})"


def signed_in_line(signed_in: SignedIn, ok: str) -> str:
    """The success in one line, behind the sign *ok*.

    `✅ Logged in to Claude as ana@example.test (Console, per token).`.
    """
    return f"{ok} {untrusted_line(signed_in_words(signed_in.record, signed_in.name))}."


def who_came(record: CredentialRecord, name: str) -> str:
    """Who signed in where nobody was expected, and what to do where that is somebody else."""
    return untrusted_line(f"{record.provider.label} signed in {name}. Not you? /logout {record.provider}")


def not_used_yet(signed_in: SignedIn) -> str:
    """What is to be known of a sign-in that is not the active one; "" where it is."""
    if signed_in.record.active:
        return ""
    provider = signed_in.record.provider
    command = f"/accounts use {provider} {untrusted_line(signed_in.name)}"
    return f"{provider.label} goes on with the account that was active. To use this one: {command}"


def plan_off(signed_in: SignedIn) -> str:
    """What is to be known where use of the plan was not allowed; "" where it was."""
    if not signed_in.record.plan_use_off:
        return ""
    again = f"/login --provider={signed_in.record.provider}"
    return f"{PERMISSION_MISSING.capitalize()}. Sign in again and tick it ({again}), or use an API key."


def newcomer_words(newcomer: Newcomer) -> tuple[str, str]:
    """What happened, and what is the case until a person decides."""
    came = f"You signed in to {newcomer.provider.label} as {newcomer.name}, not as {newcomer.expected}."
    rest = f"Nothing is saved yet, and {newcomer.expected} stays signed in whatever you choose."
    return came, rest


def newcomer_choices(newcomer: Newcomer) -> dict[WhatToKeep, str]:
    """What each decision is called; the first is the careful one."""
    return {
        WhatToKeep.BESIDE: f"Keep both, go on with {newcomer.expected}",
        WhatToKeep.INSTEAD: f"Keep both, use {newcomer.name} now",
        WhatToKeep.NOTHING: f"Discard the sign-in of {newcomer.name}",
    }


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


def ends_by_testing(record: CredentialRecord) -> bool:
    """Whether a Google sign-in has the short life of a client in testing."""
    ends = record.sign_in_expires_at
    return record.provider is Provider.GEMINI and ends is not None and ends - record.obtained_at < _TESTING_LIFE


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


def listening_words(link: SignInLink) -> str:
    """Whether the browser's answer will be heard, and where."""
    if link.listening:
        heard = f"Waiting for approval. Callback {link.redirect_uri.partition('://')[2].partition('/')[0]} ready."
    else:
        heard = "No callback can be heard here: approve, then paste the address that the browser ends on."
    return "\n".join((heard, *port_taken(link)))


def countdown(seconds: int) -> str:
    """The time that is left, as `04:12 left`."""
    return f"{seconds // 60:02}:{seconds % 60:02} left"
