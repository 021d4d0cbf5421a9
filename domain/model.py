"""Models: what goes on the wire, what it costs, how long it is served."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.provider_facts.payer import Payer
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.provider import Provider

NOTICE: Final = timedelta(days=30)
"""A model whose announced end is nearer than this is leaving: a preset on it resolves to its successor."""


MAX_OUTPUT: Final = 8192
"""Tokens of an answer, where nothing else is known; what is asked for where a vendor wants a limit."""
SMALLEST_CONTEXT: Final = 128_000
"""Tokens that a model is taken to have of which nothing is known: no model that is served has less."""


class ReasoningLevel(StrEnum):
    """How long a model thinks, from least to most; each vendor's own words are made from it."""

    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens of text, as listed."""

    input: float
    output: float
    valid_from: date | None = None
    """None: since the model exists."""
    cached: float | None = None
    """Of input that is read from a cache; None where it is not known."""
    written: float | None = None
    """Of input that is written to a cache for minutes."""
    written_long: float | None = None
    """Of input that is written to a cache for an hour."""
    tier: Tier | None = None

    def __str__(self) -> str:
        return f"{_dollars(self.input)}/{_dollars(self.output)}"


@dataclass(frozen=True, slots=True)
class Tier:
    """What long requests cost: the whole of each, not only what is beyond the bound."""

    above: int
    """Tokens of input that a request may have before this price holds."""
    price: Price


class Lifecycle(StrEnum):
    """Where a model is in its life on a given day."""

    CURRENT = "current"
    LEAVING = "leaving"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Model:
    """A model as its vendor serves it. `id` is what goes on the wire."""

    id: str
    provider: Provider
    label: str
    prices: tuple[Price, ...] = ()
    """In order of `valid_from`; empty where no price is known."""
    context: int | None = None
    """Tokens, input and output together as the vendor states it."""
    levels: tuple[ReasoningLevel, ...] = ()
    """The levels it accepts; empty: none is ever sent."""
    on_plan: bool | None = None
    """Whether this plan's own list has it; None where no plan pays, and where that list was never read: not known."""
    left_plans: date | None = None
    """The day on which ChatGPT plans in general were seen without a model that they had."""
    ends: date | None = None
    """The vendor's announced last day, or None."""
    successor: str | None = None
    """The id of the model that answers instead, once this one is gone."""
    plan_successor: str | None = None
    """The same for a credential that a plan pays for, where it differs."""
    output: int = MAX_OUTPUT
    """Tokens of `context` that are left to the answer."""
    plan_context: int | None = None
    """Tokens of input to which clients of a plan keep, so that it lasts; None: as many as it takes in."""

    unlisted: str = ""
    """The rest of a sentence that says since when the provider's list does not have it; "" where it does, and where
    that list was never read."""
    from_list: bool = False
    """Whether it is known by the provider's list alone."""

    def lifecycle(self, on: date) -> Lifecycle:
        """Whether it is served on that day (UTC)."""
        if self.ends is None or self.ends - on > NOTICE:
            return Lifecycle.CURRENT
        return Lifecycle.LEAVING if on < self.ends else Lifecycle.GONE

    def price(self, on: date) -> Price | None:
        """The list price on that day (UTC), or None where none is known."""
        valid = [price for price in self.prices if price.valid_from is None or price.valid_from <= on]
        return valid[-1] if valid else None

    def serves(self, payer: Payer) -> bool:
        """Whether to ask it at that payer's expense.

        A list of models is for display: what a plan's list does not have is asked for all the same, and the provider
        decides. Only what plans are known to have lost is not, unless this plan's own list has it.
        """
        return payer is not Payer.PLAN or self.left_plans is None or self.on_plan is True

    def takes_in(self, payer: Payer) -> int:
        """The tokens that a request may have at that payer's expense."""
        if payer is Payer.PLAN and self.plan_context is not None:
            return self.plan_context
        return (self.context or SMALLEST_CONTEXT) - self.output

    def nearest_level(self, wanted: ReasoningLevel | None) -> ReasoningLevel | None:
        """The level to send for *wanted*: itself, else the nearest that this model accepts."""
        if wanted is None or not self.levels or wanted in self.levels:
            return wanted if self.levels else None
        order = list(ReasoningLevel)
        return min(self.levels, key=lambda level: abs(order.index(level) - order.index(wanted)))


@dataclass(frozen=True, slots=True)
class Preset:
    """What the picker lists, and what `/model NAME` takes."""

    id: str
    label: str
    model: str
    provider: Provider
    tagline: str = ""
    family: str = ""
    """The line's name, as in "Claude Opus requires Claude login"; empty: the label."""
    level: ReasoningLevel | None = None
    aliases: tuple[str, ...] = ()
    featured: bool = False
    """Among the classic presets, which are listed first and stay listed when their model is gone."""
    own: bool = False
    """Added or overridden in the user's config."""
    verbatim: bool = False
    """The model was named by its id on the wire: no other answers for it, whatever its age."""

    @property
    def line(self) -> str:
        """The name to use for the line of models that this preset belongs to."""
        return self.family or self.label


@dataclass(frozen=True, slots=True)
class Answering:
    """Who really answers for a preset, on a day, at a payer's expense."""

    model: Model
    level: ReasoningLevel | None
    notice: str | None = None
    """One line that says so where it is not the preset's own model."""


def title(preset: Preset, price: Price | None) -> str:
    """How a preset is shown: `LABEL (TAGLINE) — $IN/$OUT`, without what is not known."""
    named = f"{preset.label} ({preset.tagline})" if preset.tagline else preset.label
    return f"{named} — {price}" if price else named


def successors(model: Model, models: Mapping[str, Model], payer: Payer, on: date) -> Model:
    """The first model along the chain of successors that is current and served at *payer*'s expense.

    Where the chain ends before one is found, its last member; a circle ends where it began.
    """
    seen = {model.id}
    while model.lifecycle(on) is not Lifecycle.CURRENT or not model.serves(payer):
        follower = (model.plan_successor if payer is Payer.PLAN else None) or model.successor
        if follower is None or follower in seen or follower not in models:
            break
        seen.add(follower)
        model = models[follower]
    return model


def _dollars(amount: float) -> str:
    return "$" + f"{amount:.2f}".removesuffix(".00")
