"""Sums of what was used: exact to the last digit, with what has no known price counted apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.conversation import Rates, Receipt, Usage
from domain.provider_facts.payer import Payer
from domain.usage.entry import Billed

_COUNTS: Final = tuple(count.name for count in fields(Usage))
"""Looked up once: a record makes its fields anew each time."""


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of one model on one day, by one account, at one price."""

    day: date
    """In UTC, as vendors bill."""
    billed: Billed
    model: str
    """The model that is billed, by its id. Foreign text where another answered than was asked."""
    requests: int
    usage: Usage
    dollars: Decimal | None = None
    """None where a plan pays or no price is known."""
    rates: Rates | None = None
    reported: bool = False
    """Whether the vendor named the dollars; else they were computed here."""


@dataclass(frozen=True, slots=True)
class Total:
    """A sum. What a vendor reported and what was computed here stay apart."""

    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    computed: Decimal = Decimal(0)
    reported: Decimal = Decimal(0)
    on_plan: int = 0
    """Answers that a plan paid for."""
    unknown: int = 0
    """Answers whose price is not known: they are in no dollars, and never count as nothing."""

    @property
    def dollars(self) -> Decimal:
        """All dollars that are known."""
        return self.computed + self.reported

    @property
    def cached_share(self) -> float | None:
        """How much of the input was read from a cache, between 0 and 1; None where there was no input."""
        return self.usage.cached / self.usage.input if self.usage.input else None

    def __add__(self, other: Total) -> Total:
        return Total(
            self.requests + other.requests,
            together(self.usage, other.usage),
            self.computed + other.computed,
            self.reported + other.reported,
            self.on_plan + other.on_plan,
            self.unknown + other.unknown,
        )


class By(StrEnum):
    """What sums are made of."""

    DAY = "day"
    PROVIDER = "provider"
    ACCOUNT = "account"
    PAYER = "payer"
    MODEL = "model"


def together(one: Usage, other: Usage) -> Usage:
    """All counts of both."""
    return Usage(*(getattr(one, name) + getattr(other, name) for name in _COUNTS))


def billed_model(receipt: Receipt) -> str:
    """The model that is billed. A dated name of the one that was asked is no other model."""
    answered = receipt.answered
    return receipt.model if not answered or answered.startswith(receipt.model) else answered


def total(used: Iterable[Used]) -> Total:
    """The sum of all."""
    return sum(map(_total_of, used), Total())


def grouped(used: Iterable[Used], by: By) -> dict[str, Total]:
    """A sum for each day, provider, account, payer or model; days in order, all else with the largest first."""
    found: dict[str, Total] = {}
    for one in used:
        name = _name(one, by)
        found[name] = found.get(name, Total()) + _total_of(one)
    if by is By.DAY:
        return dict(sorted(found.items()))
    return dict(sorted(found.items(), key=lambda item: (-item[1].dollars, -item[1].requests, item[0])))


def _total_of(one: Used) -> Total:
    dollars = one.dollars or Decimal(0)
    on_plan = one.billed.payer is Payer.PLAN
    return Total(
        requests=one.requests,
        usage=one.usage,
        computed=Decimal(0) if one.reported else dollars,
        reported=dollars if one.reported else Decimal(0),
        on_plan=one.requests if on_plan else 0,
        unknown=one.requests if one.dollars is None and not on_plan else 0,
    )


def _name(one: Used, by: By) -> str:
    match by:
        case By.DAY:
            return one.day.isoformat()
        case By.PROVIDER:
            return one.billed.provider.label
        case By.ACCOUNT:
            return f"{one.billed.provider.label} {one.billed.account}"
        case By.PAYER:
            return f"{one.billed.provider.label}, {one.billed.payer.label}"
        case By.MODEL:
            return one.model
