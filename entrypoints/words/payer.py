"""What is said of who pays, and of what a conversation goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.payment import USING_PLAN, payment_words
from domain.provider_facts.payer import Payer

if TYPE_CHECKING:
    from datetime import date

    from domain.selection import Selection

UNKNOWN_HELD: Final = (
    "Which model and sign-in this conversation went on with is not known: it was kept by an earlier keyswitch. "
    "It goes on with the saved choice."
)


def would_pay(selection: Selection, on: date) -> tuple[str, str]:
    """Who would pay from then on: what is asked about before anything changes. *on* is the day (UTC) of the price."""
    label = selection.preset.label
    return f"{label} would be paid by: {selection.credential.payer.label}.", payment_words(selection, on)


def payer_words(payer: Payer) -> str:
    """Who pays, for a line of facts."""
    return USING_PLAN if payer is Payer.PLAN else f"pays: {payer.label}"
