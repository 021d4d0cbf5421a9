"""What the sign-in dialog says."""

from __future__ import annotations

from typing import Final

from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from application.sign_in.finish import SignedIn
from domain.credential import CredentialRecord
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.question import Choice, Question
from entrypoints.words.another_account import newcomer_choices, newcomer_words
from entrypoints.words.provider_notes import port_taken
from entrypoints.words.shared import PERMISSION_MISSING, signed_in_words

STEPS: Final = ("choose how", "approve in your browser", "done")

PASTE_HINT: Final = "Other machine (SSH)? Paste the address the browser ends on, or the code:"


def signed_in_line(signed_in: SignedIn, glyphs: Glyphs) -> str:
    """The success in one line: `✅ Logged in to Claude as ana@example.test (Console, per token).`."""
    return f"{glyphs.ok} {untrusted_line(signed_in_words(signed_in.record, signed_in.name))}."


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


def whom_to_keep(newcomer: Newcomer, glyphs: Glyphs) -> Question:
    """The question that a sign-in of somebody else asks. Esc keeps nothing of it."""
    return Question(
        "Another account",
        tuple(map(untrusted_line, newcomer_words(newcomer))),
        tuple(Choice(kept, untrusted_line(words)) for kept, words in newcomer_choices(newcomer).items()),
        on_escape=WhatToKeep.NOTHING,
        glyphs=glyphs,
    )


def countdown(seconds: int) -> str:
    """`04:12 left`."""
    return f"{seconds // 60:02}:{seconds % 60:02} left"


def listening_words(link: SignInLink) -> str:
    """Whether the browser's answer will be heard, and where."""
    if link.listening:
        heard = f"Waiting for approval. Callback {link.redirect_uri.partition('://')[2].partition('/')[0]} ready."
    else:
        heard = "No callback can be heard here: approve, then paste the address that the browser ends on."
    return "\n".join((heard, *port_taken(link)))


def clipboard_words(what: str = "Full link") -> str:
    """What really happened: nobody knows whether the terminal passed it on."""
    return f"{what} sent to your terminal's clipboard (tmux needs set-clipboard on)."
