"""How much a person lets be spent, and whether one more request stays within it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from domain.records import dataclass

NOTICE: Final = Decimal("0.05")
"""Dollars that a switch in mid-conversation costs at least to be worth a word, where the person says nothing else."""
SHORTEST_ANSWER: Final = 1000
"""Tokens: an answer that must be shorter is not offered, for thinking alone may take as many."""
_ROUND: Final = 100
"""Tokens to which a length that is offered is rounded down."""
_CENT, _FINE = Decimal("0.01"), Decimal("0.0001")


class Ceiling(StrEnum):
    """What a limit is about. The values are its names in the table `limits` of the config."""

    DAY = "day"
    """All that is sent on one day, in UTC, as vendors bill."""
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Limits:
    """The table `limits` of the config, whose members have these names: US dollars, None for no limit."""

    notice: Decimal = NOTICE
    day: Decimal | None = None
    conversation: Decimal | None = None

    @property
    def has_ceiling(self) -> bool:
        """Whether anything may be held back."""
        return self.day is not None or self.conversation is not None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a request that is under way may cost, or one whose cost never became known."""

    id: str
    at: datetime
    """Aware, in UTC."""
    conversation: str
    dollars: Decimal
    """At worst."""


@dataclass(frozen=True, slots=True)
class Once:
    """On what terms one message goes out, because the person agreed to them for it alone."""

    text: str
    """The message."""
    over_limit: bool = False
    """Whether it may pass a limit of spending."""
    longest: int | None = None
    """Tokens that its answer may have; None for as many as any other."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent so far, as far as it has a price that is known."""

    day: Decimal = Decimal(0)
    conversation: Decimal = Decimal(0)

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.day + other.day, self.conversation + other.conversation)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the limit that is nearest to being used up."""

    ceiling: Ceiling
    limit: Decimal
    dollars: Decimal
    """Never below zero."""


def promised(promises: Iterable[Promise], conversation: str, on: date) -> Spent:
    """What is about to be spent on that day (UTC), and in that conversation."""
    known = tuple(promises)
    day = (one.dollars for one in known if one.at.date() == on)
    here = (one.dollars for one in known if one.conversation == conversation)
    return Spent(sum(day, Decimal(0)), sum(here, Decimal(0)))


def least_left(limits: Limits, spent: Spent) -> Left | None:
    """The limit of which least is left; None where there is none."""
    found = [
        Left(Ceiling.DAY, limits.day, max(limits.day - spent.day, Decimal(0))) if limits.day is not None else None,
        Left(Ceiling.CONVERSATION, limits.conversation, max(limits.conversation - spent.conversation, Decimal(0)))
        if limits.conversation is not None
        else None,
    ]
    return min((left for left in found if left is not None), key=lambda left: left.dollars, default=None)


def length_that_fits(left: Decimal, unanswered: Decimal, worst: Decimal, most: int) -> int | None:
    """How many tokens an answer may have at most so that the request costs no more than *left* dollars.

    *unanswered* is what the request costs without an answer, *worst* with one of *most* tokens: every token of an
    answer costs the same. None where that would be no answer to speak of.
    """
    if worst <= unanswered or unanswered > left:
        return None
    fits = int((left - unanswered) * most / (worst - unanswered))
    rounded = min(fits, most) // _ROUND * _ROUND
    return rounded if rounded >= SHORTEST_ANSWER else None


def at_most(dollars: Decimal) -> str:
    """*dollars* as a person reads them, rounded up: `$0.08`, and `$0.0004` below a cent."""
    return f"${dollars.quantize(_CENT if dollars >= _CENT else _FINE, ROUND_CEILING)}"


def at_least(dollars: Decimal) -> str:
    """The same, rounded down; what is less than a dollar to a hundredth of a cent."""
    whole = dollars.quantize(_CENT, ROUND_FLOOR)
    return f"${whole if whole == dollars or whole >= 1 else dollars.quantize(_FINE, ROUND_FLOOR)}"


def about(dollars: Decimal) -> str:
    """*dollars* to the cent, and below that to one digit: `$0.08`, `$0.004`."""
    if 0 < dollars < _FINE:
        return f"under ${_FINE}"
    step = _CENT if not dollars or dollars >= _CENT else Decimal(1).scaleb(dollars.adjusted())
    return f"${dollars.quantize(step, ROUND_HALF_UP)}"
