"""The receipt of an answer: who gave it, with what, at whose expense, and what it cost."""

from __future__ import annotations

from datetime import date

from application.ports.chat_client import Done
from application.ports.prices import Prices
from domain.conversation import Receipt, StopReason, Usage
from domain.model import Lifecycle
from domain.records import dataclass, replace
from domain.selection import Selection


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, and when."""

    selection: Selection
    on: date
    """The day (UTC) of the request: its prices hold, also where the answer comes the day after."""
    started: float
    """By the monotonic clock."""


def receipt_of(asked: Asked, done: Done | None, prices: Prices, now: float) -> Receipt:
    """The receipt of an answer that ended with *done*, or without an end: what was used is not known then."""
    record, model = asked.selection.credential, asked.selection.answering.model
    receipt = Receipt(
        provider=record.provider,
        preset=asked.selection.preset.id,
        model=model.id,
        label=model.label,
        account=record.label,
        kind=record.kind,
        payer=record.payer,
        usage=done.usage if done else Usage(),
        seconds=now - asked.started,
        answered=done.model if done else "",
        unpriced=done.unpriced if done else "",
    )
    if not done or not _counted(done):
        return receipt
    # A model that is gone was not what answered, and who did was not said.
    unnamed = "" if model.lifecycle(asked.on) is Lifecycle.GONE else model.id
    return _billed(receipt, done.model or unnamed, prices, asked.on)


def _counted(done: Done) -> bool:
    """Whether the provider told all counts: what ended as answers do has at least one token."""
    return done.usage.output > 0 or done.stop not in {StopReason.END, StopReason.LENGTH}


def _billed(receipt: Receipt, answered: str, prices: Prices, on: date) -> Receipt:
    """*receipt* with what it cost, where that is known. The model that answered is billed, not the one asked for."""
    if not receipt.payer.per_token or receipt.unpriced:
        return receipt
    bill = prices.bill(receipt.usage, answered, receipt.provider, on)
    return replace(receipt, cost=bill.dollars, rates=bill.rates) if bill else receipt
