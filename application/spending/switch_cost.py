"""What a switch in mid-conversation costs: the whole history is read anew, by a model that has none of it cached."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from application.ports.clock import Clock
from application.ports.prices import Prices
from application.use_cases.past import Past, room_of
from domain.conversation import Conversation, Role, Turn, Usage
from domain.conversations.context import tokens_of
from domain.records import dataclass
from domain.selection import Selection
from domain.spending.limits import Limits

_LARGE: Final = 10_000
"""Tokens from which a history is worth a word although nobody knows its price."""


@dataclass(frozen=True, slots=True)
class ReadAnew:
    """What the next message sends along for the first time."""

    tokens: int
    """As estimated."""
    first: Decimal | None
    """Dollars for reading them now; None where the price is not known."""
    each: Decimal | None
    """Dollars for reading them from the cache with each message after that; None where that is not known."""


class SwitchCost:
    """Reckons it from the turns that would be sent, at the list price of the day. Waits for the disk."""

    def __init__(self, *, limits: Callable[[], Limits], past: Past, prices: Prices, clock: Clock) -> None:
        self._limits = limits
        self._past = past
        self._prices = prices
        self._clock = clock

    def __call__(self, conversation: Conversation, selection: Selection) -> ReadAnew | None:
        """What going on with *selection* costs; None where that is nothing, or too little to be worth a word.

        Raises:
            ConfigError, StoreError: The limits or the turns cannot be read.
        """
        model, now = selection.answering.model, self._clock.now()
        if not selection.credential.payer.per_token or _answered_last(conversation) in (None, model.id):
            return None
        turns, _ = self._past.that_fit(conversation, Turn(Role.USER, "", now), room_of(selection))
        count, on = sum(map(tokens_of, turns)), now.date()
        first = self._prices.worst(count, 0, model.id, model.provider, on)
        if first is None:
            return ReadAnew(count, None, None) if count >= _LARGE else None
        if first.dollars < self._limits().notice or not count:
            return None
        each = self._prices.bill(Usage(input=count, cached=count), model.id, model.provider, on)
        return ReadAnew(count, first.dollars, each.dollars if each else None)


def _answered_last(conversation: Conversation) -> str | None:
    """The id of the model that answered last; None where none did."""
    answers = (turn.receipt.model for turn in reversed(conversation.turns) if turn.receipt is not None)
    return next(answers, None)
