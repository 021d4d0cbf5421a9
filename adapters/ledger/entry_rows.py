"""Entries of the ledger as rows, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from adapters.ledger.tables import COUNTS
from domain.conversation import Rates, Receipt, Usage
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.moments import moment_from_text, moment_text
from domain.usage.allowance import Allowance, Measure
from domain.usage.entry import Billed, Entry, LimitMet, Told
from domain.usage.gauge import Moment
from domain.usage.sums import Used, billed_model

WHOSE: Final = ("provider", "account", "kind", "payer")
LINE: Final = (*WHOSE, "model", "rates", "reported", "priced")
COLUMNS: Final = (
    "at",
    "day",
    "line",
    "preset",
    "answered",
    "cost",
    "unpriced",
    "request",
    "conversation",
    "ending",
    *COUNTS,
)
_DOLLARS: Final = tuple(field.name for field in fields(Rates) if field.name not in ("model", "source"))

Row = tuple[str | int | None, ...]


def line_row(receipt: Receipt) -> Row:
    """The values of `LINE` for *receipt*: it is summed up with those that have the same."""
    rates = receipt.rates
    return (
        *whose_row(Billed.of(receipt)),
        _storable(billed_model(receipt)),
        _rates_text(rates) if rates else "",
        int(receipt.reported),
        int(receipt.cost is not None),
    )


def entry_row(entry: Entry, line: int) -> Row:
    """The values of `COLUMNS` for *entry*, whose line has that key."""
    receipt, at = entry.receipt, entry.at.astimezone(UTC)
    return (
        moment_text(at),
        at.date().isoformat(),
        line,
        receipt.preset,
        _storable(receipt.answered),
        None if receipt.cost is None else str(receipt.cost),
        _storable(receipt.unpriced),
        _storable(entry.request_id),
        entry.conversation,
        entry.ending.value,
        *(getattr(receipt.usage, name) for name in COUNTS),
    )


def whose_row(billed: Billed) -> tuple[str, str, str, str]:
    """The values of `WHOSE`."""
    return billed.provider.value, _storable(billed.account), billed.kind.value, billed.payer.value


def used_from(row: Sequence[Any]) -> Used:
    """What `SqliteLedger.used` reads.

    Raises:
        ValueError, TypeError, LookupError: This program did not write it.
    """
    *whose, model, rates, reported, _, day, dollars, requests = row[: -len(COUNTS)]
    return Used(
        day=date.fromisoformat(day),
        billed=billed_from(*whose),
        model=model,
        requests=requests,
        usage=Usage(*row[-len(COUNTS) :]),
        dollars=None if dollars is None else decimal_from(dollars),
        rates=_rates_from(rates) if rates else None,
        reported=bool(reported),
    )


def moment_from(row: Sequence[Any]) -> Moment:
    """An answer that a plan paid for. Raises as `used_from` does."""
    at, *whose = row[: -len(COUNTS)]
    return Moment(_moment(at), billed_from(*whose), Usage(*row[-len(COUNTS) :]))


def limit_row(met: LimitMet) -> Row:
    """The values of `at`, `WHOSE`, `model`, `resets_at` and `lasts`."""
    told = (_moment_or_none(met.resets_at), int(met.lasts))
    return (moment_text(met.at), *whose_row(met.billed), _storable(met.model), *told)


def limit_from(row: Sequence[Any]) -> LimitMet:
    """What `limit_row` wrote. Raises as `used_from` does."""
    at, *whose, model, resets_at, lasts = row
    return LimitMet(_moment(at), billed_from(*whose), model, _moment(resets_at) if resets_at else None, bool(lasts))


def told_row(told: Told) -> Row:
    """The values of `WHOSE`, `measure`, `at`, `allowed`, `remaining` and `resets_at`."""
    allowance = told.allowance
    known = (allowance.measure.value, moment_text(told.at), allowance.limit, allowance.remaining)
    return (*whose_row(told.billed), *known, _moment_or_none(allowance.resets_at))


def told_from(row: Sequence[Any]) -> Told:
    """What `told_row` wrote. Raises as `used_from` does."""
    *whose, measure, at, allowed, remaining, resets_at = row
    allowance = Allowance(Measure(measure), allowed, remaining, _moment(resets_at) if resets_at else None)
    return Told(billed_from(*whose), _moment(at), allowance)


@cache
def billed_from(provider: str, account: str, kind: str, payer: str) -> Billed:
    """The account of a row. Raises as `used_from` does."""
    return Billed(Provider(provider), account, CredentialKind(kind), Payer(payer))


def decimal_from(text: str) -> Decimal:
    """The number that *text* is. Raises ValueError where it is none."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError("it is no number") from None
    if not found.is_finite():
        raise ValueError("it is no number of dollars")
    return found


@cache
def _rates_text(rates: Rates) -> str:
    return json.dumps(asdict(rates), default=str)


@cache
def _rates_from(text: str) -> Rates:
    document = json.loads(text)
    dollars = {name: document.get(name) for name in _DOLLARS}
    known = {name: decimal_from(value) for name, value in dollars.items() if value is not None}
    return Rates(model=document["model"], source=document["source"], **known)


def _moment(text: str) -> datetime:
    found = moment_from_text(text)
    if found is None:
        raise ValueError("it is no moment in time")
    return found


def _moment_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


def _storable(text: str) -> str:
    """*text* without lone surrogates, which JSON can bring in and UTF-8 cannot write."""
    return text.encode("utf-8", "replace").decode()
