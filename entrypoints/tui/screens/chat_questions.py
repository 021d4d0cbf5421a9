"""The questions of a chat: whether to sign in, who may pay, whom to sign out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from domain.provider import Provider
from domain.switching import PayerChanges, SignInRequired
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.window_state import PICK_ANOTHER, sign_in_line
from entrypoints.tui.screens.question import Choice, Question
from entrypoints.words.payer import would_pay

LOG_IN = "log_in"
API_KEY = "api_key"
KEEP = "keep"
USABLE = "usable"
AGREE = "agree"


def sign_in_needed(
    switch: SignInRequired, *, current: str | None, draft_lines: int, way_in: str, glyphs: Glyphs
) -> Question:
    """A selection that was not made: nothing changed. Or a conversation whose credential cannot be used.

    *way_in* is what works for somebody who cannot sign in, "" for others.
    """
    if switch.held is not None and not switch.plan_use_off:
        sentence = f"{untrusted_line(switch.sentence)} {sign_in_line(switch.held)} {PICK_ANOTHER}"
        rest = (way_in, "Nothing was sent." + _draft(draft_lines))
        return _dialog(sentence, switch.provider, rest, None, glyphs)
    sentence = f"{switch.sentence} Run /login --provider={switch.provider}"
    stay = f"You stay on {current}." if current else "Nothing else is selected."
    return _dialog(sentence, switch.provider, (way_in, stay + _draft(draft_lines)), current, glyphs)


def payer_changes(switch: PayerChanges, glyphs: Glyphs, on: date) -> Question:
    """Who pays never changes without a question; Enter is the answer that costs nothing. *on*: the price's day."""
    first, price = would_pay(switch.selection, on)
    lines = (first, price, "That is not your plan. Nothing has changed yet.")
    return who_pays(lines, f"Switch to {switch.selection.preset.label}", glyphs)


def who_pays(lines: tuple[str, ...], go_on: str, glyphs: Glyphs) -> Question:
    """The question before a paid key answers; *go_on* is the answer that costs something."""
    return Question(
        "Who pays changes",
        lines,
        (Choice(KEEP, "Keep what I have"), Choice(AGREE, go_on)),
        on_escape=KEEP,
        glyphs=glyphs,
    )


def sign_out(provider: Provider, accounts: Mapping[str, str], glyphs: Glyphs) -> Question:
    """Signing out cannot be undone. *accounts* are names by the answers that mean them; with several it asks which."""
    who = f" ({next(iter(accounts.values()))})" if len(accounts) == 1 else ""
    everybody = f"Log out of all {len(accounts)}" if len(accounts) > 1 else "Log out"
    several = [Choice(value, f"Log out {name} only") for value, name in accounts.items()] if len(accounts) > 1 else []
    return Question(
        f"Log out of {provider.label}",
        (
            f"Log out of {provider.label}{who} here, and end the session at {provider.vendor}?",
            "Conversations and the selected model stay.",
        ),
        (Choice(KEEP, "Stay logged in"), *several, Choice(AGREE, everybody)),
        on_escape=KEEP,
        glyphs=glyphs,
    )


def _dialog(sentence: str, provider: Provider, rest: tuple[str, ...], current: str | None, glyphs: Glyphs) -> Question:
    return Question(
        "Login needed",
        (sentence, *filter(None, rest)),
        (
            Choice(LOG_IN, f"Log in to {provider.label} now"),
            Choice(KEEP, f"Keep {current}" if current else "Not now"),
            Choice(USABLE, "Models I can use now"),
            Choice(API_KEY, "Use an API key: Ctrl+K", key="ctrl+k"),
        ),
        on_escape=KEEP,
        glyphs=glyphs,
    )


def _draft(lines: int) -> str:
    return f" Your draft ({lines} line{'' if lines == 1 else 's'}) is kept." if lines else ""
