"""Who pays for what is selected, and what it costs: one line for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.credential import CredentialKind
from domain.text.untrusted import untrusted_line

if TYPE_CHECKING:
    from datetime import date

    from domain.selection import Selection

USING_PLAN: Final = "Using ChatGPT plan"
"""OpenAI asks a program to say so, in these words, wherever the plan is used."""


def payment_words(selection: Selection, on: date) -> str:
    """`Pays: Console, per token (ana@example.test), $15/$75 per million tokens in/out.`, at that day's (UTC) price."""
    record, price = selection.credential, selection.answering.model.price(on)
    away = f", {record.kind.label}" if record.kind is CredentialKind.FORWARDED else ""
    who = f"{untrusted_line(record.label)}{away}"
    if not record.payer.per_token:
        return f"{USING_PLAN} ({who}): no price per token."
    cost = f"{price} per million tokens in/out" if price else "price unknown"
    return f"Pays: {record.payer.label} ({who}), {cost}."
