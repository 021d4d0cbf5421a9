"""Rows of price lists in the types of genai-prices, whose formula makes every bill."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

import genai_prices
from genai_prices import types as library
from genai_prices.data_snapshot import get_snapshot

from application.ports.prices import Bill
from domain.conversation import Rates, Usage
from domain.model import Model, Price
from domain.provider import Provider
from domain.records import dataclass

_VENDORS: Final = {Provider.CHATGPT: "openai", Provider.CLAUDE: "anthropic", Provider.GEMINI: "google"}
"""By the library's names for them."""

_STATE: Final = r"(-\d{4}-\d{2}-\d{2}|-\d{8}|-\d{3})?"
"""Behind a model's id: the day or the number of one state of it, which costs the same."""

_LONGEST_ID: Final = 100
"""Characters. The answer says which model gave it, so that may be anything."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a model costs on a day."""

    info: library.ModelInfo
    lists: library.Provider
    source: str
    at: datetime
    plain_writes: bool
    """Whether writing to a cache costs what plain input does where the list has no price for it."""

    def rates(self, total: int) -> Rates:
        """The rates for a request that sends *total* tokens."""
        listed = self.info.get_prices(self.at)

        def rate(name: str) -> Decimal | None:
            found = getattr(listed, name)
            if not isinstance(found, library.TieredPrices):
                return found if isinstance(found, Decimal) else None
            reached = [tier.price for tier in found.tiers if total > tier.start]
            return reached[-1] if reached else found.base

        plain, out = rate("input_mtok"), rate("output_mtok")
        if plain is None or out is None:
            raise LookupError(f"{self.info.id} is not billed by tokens")
        return Rates(
            model=self.info.id,
            source=self.source,
            input=plain,
            output=out,
            cached=rate("cache_read_mtok"),
            written=rate("cache_write_mtok") or (plain if self.plain_writes else None),
            written_long=rate("cache_write_1h_mtok"),
        )

    def bill(self, usage: Usage) -> Bill | None:
        """What *usage* costs; None where a part of it has no price, or its counts contradict each other."""
        rates = self.rates(usage.input)
        needed = (
            (usage.cached, rates.cached),
            (usage.written, rates.written),
            (usage.written_long, rates.written_long),
        )
        if not usage.input or any(count and rate is None for count, rate in needed):
            return None
        counts = library.Usage(
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cached,
            cache_write_tokens=usage.written + usage.written_long,
            cache_write_1h_tokens=usage.written_long,
        )
        try:
            priced = self.info.calc_price(counts, self.lists, genai_request_timestamp=self.at)
        except ValueError:  # more was read and written than was sent
            return None
        return Bill(priced.total_price, rates)


class Rows:
    """Finds the row of a model: the library's comes before the catalogue's."""

    def __init__(self, models: Iterable[Model]) -> None:
        """*models* are those of the catalogue."""
        known = tuple(models)
        self._lists = get_snapshot()
        self._own = {provider: _own_list(provider, known) for provider in Provider}

    def find(self, model: str, provider: Provider, on: date) -> Row | None:
        """The row of *model*, by the id that it answers with, on that day (UTC)."""
        name = model.removeprefix("models/").casefold()
        if not name or len(name) > _LONGEST_ID:
            return None
        at, plain_writes = datetime.combine(on, time(), UTC), provider is Provider.CHATGPT
        own, source = self._own[provider], f"genai-prices {genai_prices.__version__}"
        with suppress(LookupError):
            lists, info = self._lists.find_provider_model(name, None, _VENDORS[provider], None)
            row = Row(info, lists, source, at, plain_writes)
            row.rates(0)
            if _names(info.id).is_match(name):
                return row
        info_or_none = own.find_model(name)
        return Row(info_or_none, own, "keyswitch", at, plain_writes) if info_or_none else None


def _names(model: str) -> library.ClauseRegex:
    """Itself, or one state of it. The library's own clauses would take `-flash-lite` for a `-flash`."""
    return library.ClauseRegex(rf"^{re.escape(model.casefold())}{_STATE}$")


def _own_list(provider: Provider, models: Iterable[Model]) -> library.Provider:
    priced = [model for model in models if model.provider is provider and model.prices]
    rows = [library.ModelInfo(model.id, _names(model.id), prices=_conditional(model.prices)) for model in priced]
    return library.Provider(provider.value, provider.label, "", models=rows)


def _conditional(prices: Iterable[Price]) -> list[library.ConditionalPrice]:
    return [
        library.ConditionalPrice(
            library.StartDateConstraint(price.valid_from) if price.valid_from else None, prices=_listed(price)
        )
        for price in prices
    ]


def _listed(price: Price) -> library.ModelPrice:
    members = {
        "input_mtok": "input",
        "output_mtok": "output",
        "cache_read_mtok": "cached",
        "cache_write_mtok": "written",
        "cache_write_1h_mtok": "written_long",
    }
    rates = {theirs: _rate(price, ours) for theirs, ours in members.items() if getattr(price, ours) is not None}
    return library.ModelPrice(**rates)


def _rate(price: Price, name: str) -> Decimal | library.TieredPrices:
    base = _exact(getattr(price, name))
    if price.tier is None:
        return base
    return library.TieredPrices(base, [library.Tier(price.tier.above, _exact(getattr(price.tier.price, name)))])


def _exact(dollars: float) -> Decimal:
    """What the catalogue's file says, digit by digit."""
    return Decimal(str(dollars))
