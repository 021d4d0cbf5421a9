from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from domain.records import dataclass

if TYPE_CHECKING:
    from decimal import Decimal

    from domain.conversation import Rates, Usage
    from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class Bill:
    """What was asked and answered costs, to the last digit, and the rates that it was computed from."""

    dollars: Decimal
    rates: Rates


class Prices(Protocol):
    """Knows the vendors' price lists. It asks nobody: the lists come with the program."""

    def load(self) -> None:
        """Load what computing takes, which is some tenth of a second: call it in a thread while there is time."""
        ...

    def bill(self, usage: Usage, model: str, provider: Provider, on: date) -> Bill | None:
        """What *usage* of *model*, by its id on the wire, costs at *provider* on that day (UTC), at list price.

        None where any part of it has no price that is known, or the counts contradict each other: nothing is guessed.
        """
        ...

    def worst(self, sent: int, most: int, model: str, provider: Provider, on: date) -> Bill | None:
        """The most that a request can cost which sends *sent* tokens and is answered by *most* tokens.

        Nothing is read from a cache, and all is written to one where the vendor takes more for that.
        None where no price is known.
        """
        ...
