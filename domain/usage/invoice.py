"""What was used, line by line, as vendors write it on their invoices: model, kind of tokens, quantity, rate, amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.usage.entry import Billed
from domain.usage.sums import Used


class Kind(StrEnum):
    """The kinds of tokens that have rates of their own."""

    INPUT = "input"
    CACHED = "input read from cache"
    WRITTEN = "input written to cache"
    WRITTEN_LONG = "input written to cache for an hour"
    OUTPUT = "output"
    ALL = "all tokens"
    """Where a price was given without the rates behind it."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """So many tokens of one kind, at one rate."""

    billed: Billed
    model: str
    kind: Kind
    quantity: int
    rate: Decimal | None
    """US dollars per million tokens; None where it is not known, or a plan pays."""
    amount: Decimal | None
    """US dollars; None for the same reasons."""


_Which = tuple[Billed, str, Kind, Decimal | None, bool]


def invoice(used: Iterable[Used]) -> tuple[InvoiceLine, ...]:
    """The lines of all that was *used*, those of one account together. A rate that changed makes a line of its own."""
    found: dict[_Which, InvoiceLine] = {}
    for one in used:
        for line in _lines(one):
            which = (line.billed, line.model, line.kind, line.rate, line.amount is None)
            found[which] = _joined(found[which], line) if which in found else line
    return tuple(sorted(found.values(), key=_order))


def _joined(one: InvoiceLine, other: InvoiceLine) -> InvoiceLine:
    amount = None if one.amount is None or other.amount is None else one.amount + other.amount
    return InvoiceLine(one.billed, one.model, one.kind, one.quantity + other.quantity, one.rate, amount)


def _order(line: InvoiceLine) -> tuple[str | int | Decimal, ...]:
    billed = line.billed
    place = list(Kind).index(line.kind)
    return (billed.provider, billed.account, billed.payer, billed.kind, line.model, place, line.rate or Decimal(0))


def _lines(one: Used) -> Iterator[InvoiceLine]:
    usage, rates = one.usage, one.rates
    if one.dollars is not None and rates is None:
        yield InvoiceLine(one.billed, one.model, Kind.ALL, usage.input + usage.output, None, one.dollars)
        return
    plain = usage.input - usage.cached - usage.written - usage.written_long
    parts = (
        (Kind.INPUT, plain, rates.input if rates else None),
        (Kind.CACHED, usage.cached, rates.cached if rates else None),
        (Kind.WRITTEN, usage.written, rates.written if rates else None),
        (Kind.WRITTEN_LONG, usage.written_long, rates.written_long if rates else None),
        (Kind.OUTPUT, usage.output, rates.output if rates else None),
    )
    for kind, quantity, rate in parts:
        if quantity:
            amount = None if rate is None else quantity * rate / 1_000_000
            yield InvoiceLine(one.billed, one.model, kind, quantity, rate, amount)
