"""What is said once an account was chosen or signed out."""

from __future__ import annotations

from typing import Final

from application.ports.oauth_client import Revocation
from application.use_cases.accounts import Chosen
from application.use_cases.sign_out import SignedOut
from domain.text.untrusted import untrusted_line
from entrypoints.words.shared import behind_words

_REVOCATIONS: Final = {
    Revocation.CONFIRMED: "and the provider confirmed the end of the session",
    Revocation.UNCONFIRMED: "but the provider did not confirm; end the session in your account there to be sure",
    Revocation.UNREADABLE: "but its tokens could not be read to end it at the provider; end it in your account there",
    Revocation.ELSEWHERE: "and goes on in the place that this was a copy of",
    Revocation.WITHHELD: "but not at the provider: that would end your newer sign-in as well",
    Revocation.NOT_OFFERED: "and the provider offers no way to end it sooner",
}


def chosen_lines(chosen: Chosen) -> tuple[str, ...]:
    """That another account answers now, and, where it is a key that does not yet, how it does."""
    verb = "now uses" if chosen.changed else "already uses"
    label, payer = chosen.record.provider.label, chosen.record.payer.label
    first = f"{label} {verb} {untrusted_line(chosen.name)} (pays: {payer})."
    return (first, untrusted_line(behind_words(chosen))) if chosen.behind else (first,)


def signed_out_words(gone: SignedOut) -> str:
    """Who is signed out, and what the provider said to it."""
    who = untrusted_line(gone.record.label)
    return f"Logged out of {gone.record.provider.label} ({who}) here, {_REVOCATIONS[gone.revocation]}."
