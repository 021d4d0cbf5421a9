"""What is said once an account was chosen or signed out, or an API key was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from application.ports.oauth_client import Revocation
from domain.text.untrusted import untrusted_line
from entrypoints.words.errors import typed_name

if TYPE_CHECKING:
    from application.use_cases.accounts import Chosen
    from application.use_cases.api_key import StoredKey
    from application.use_cases.sign_out import SignedOut

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


def behind_words(chosen: Chosen) -> str:
    """That an API key which was chosen does not answer yet, and how it does."""
    label = chosen.record.provider.label
    return f"{chosen.behind} answers before it. Select a {label} model first, then choose the key once more."


def key_stored_words(stored: StoredKey, *, use: str = "keyswitch accounts use") -> list[str]:
    """What became of an API key that was given, and of the one in whose place it came, a line each.

    *use* is how the command begins that lets another key answer.
    """
    record, replaced = stored.record, stored.replaced
    label, vendor = record.provider.label, record.provider.vendor
    verb = "Kept" if stored.known else "Stored"
    lines = [f"{verb} the {label} API key {record.label}. Pays: {record.payer.label}."]
    if replaced is not None:
        lines.append(
            f"It takes the place of the key {replaced.label}, which is forgotten here and stays valid until you delete "
            f"it at {vendor}. To keep several: --add."
        )
    if not record.active:
        command = f"{use} {record.provider} {typed_name(record.label)}"
        lines.append(f"{label} goes on with the key that was active. To use this one: {command}")
    return lines
