"""Bills by genai-prices: by its lists, and where it does not know a model, by the rows of the catalogue in its types.

The library is imported with the first bill. Nothing of it that fetches lists is ever started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from application.ports.prices import Bill
from domain.conversation import Usage
from domain.model import Model
from domain.provider import Provider

if TYPE_CHECKING:
    from adapters.prices.library_rows import Row


class ListPrices:
    """The `Prices` of the three vendors."""

    def __init__(self, *, models: Mapping[str, Model]) -> None:
        """*models* are those of the catalogue."""
        self._models = models
        self._find: Callable[[str, Provider, date], Row | None] | None = None

    def load(self) -> None:
        """As the port says."""
        self._row("", Provider.CHATGPT, date.min)

    def bill(self, usage: Usage, model: str, provider: Provider, on: date) -> Bill | None:
        """As the port says."""
        row = self._row(model, provider, on)
        return row.bill(usage) if row else None

    def worst(self, sent: int, most: int, model: str, provider: Provider, on: date) -> Bill | None:
        """As the port says."""
        row = self._row(model, provider, on)
        if row is None:
            return None
        rates = row.rates(sent)
        dear = rates.written is not None and rates.written > rates.input
        return row.bill(Usage(input=sent, output=most, written=sent if dear else 0))

    def _row(self, model: str, provider: Provider, on: date) -> Row | None:
        if self._find is None:
            from adapters.prices.library_rows import Rows

            self._find = Rows(self._models.values()).find
        return self._find(model, provider, on)
