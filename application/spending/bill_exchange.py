"""What an exchange costs: promised before anything is sent, on its receipt once it is over."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final
from uuid import uuid4

from application.ports.chat_client import ChatRequest, Done
from application.ports.clock import Clock
from application.ports.ledger import LedgerReading
from application.ports.prices import Prices
from application.ports.spending.promises import Promises
from application.use_cases.receipts import Asked, receipt_of
from domain.capability import longest_answer
from domain.conversation import Receipt
from domain.conversations.context import tokens_of
from domain.errors import AnswerUnreadable, BrokenStream, KeyswitchError, UsageError
from domain.provider_facts.payer import Payer
from domain.selection import Selection
from domain.spending.limits import (
    Ceiling,
    Left,
    Limits,
    Once,
    Promise,
    Spent,
    at_least,
    at_most,
    least_left,
    length_that_fits,
    promised,
)
from domain.usage.sums import total

_MAY_BE_BILLED: Final = (BrokenStream, AnswerUnreadable)
"""Something of an answer was on its way; what it cost is not known."""
_PERIODS: Final = {Ceiling.DAY: "a day (UTC)", Ceiling.CONVERSATION: "a conversation"}


class BillExchange:
    """Promises what a request costs at worst, and takes the promise back once the ledger knows what it did cost.

    A message that could pass a limit is held back.

    Worst is: all of it at list price, nothing from a cache, and the longest answer that it allows. A plan has no price
    and is never held back. All windows of a home count each other's promises.
    """

    def __init__(
        self,
        *,
        limits: Callable[[], Limits],
        ledger: LedgerReading,
        promises: Promises,
        prices: Prices,
        clock: Clock,
    ) -> None:
        self._limits = limits
        self._ledger = ledger
        self._promises = promises
        self._prices = prices
        self._clock = clock

    def load(self) -> None:
        """Load what computing takes; call it in a thread while there is time."""
        self._prices.load()

    def receipt(self, asked: Asked, done: Done | None, now: float) -> Receipt:
        """The receipt of an answer that ended with *done*, or without an end."""
        return receipt_of(asked, done, self._prices, now)

    def promise(self, request: ChatRequest, selection: Selection, conversation: str, once: Once | None) -> str:
        """Promise what *request* may cost; the promise's id, or "" where nothing limits it. It waits for the disk.

        Raises:
            UsageError: It could pass a limit, and *once* does not agree to that (`held_back`); or a plan takes no limit
                of an answer's length.
            ConfigError, StoreError: The limits, or what was spent, cannot be read.
        """
        if selection.credential.payer is Payer.PLAN:
            if request.max_output is not None:
                raise UsageError("A ChatGPT plan takes no limit of an answer's length. Nothing was sent.")
            return ""
        limits = self._limits()
        if not limits.has_ceiling:
            return ""
        costs = self._costs(request)
        new = Promise(uuid4().hex, self._clock.now(), conversation, costs[1] if costs else Decimal(0))

        def agree(others: tuple[Promise, ...]) -> None:
            if once is None or not once.over_limit:
                self._require_room(request, costs, limits, new, others)

        self._promises.make(new, agree)
        return new.id

    def settle(self, promise_id: str, receipt: Receipt | None, error: KeyswitchError | None) -> None:
        """The request is over: with *receipt* where something came, with *error* where it failed.

        The promise stays for what may be billed and never became known.
        """
        if not promise_id:
            return
        refused = receipt is None and error is not None and not isinstance(error, _MAY_BE_BILLED)
        if refused or (receipt is not None and receipt.cost is not None):
            self._promises.forget(promise_id)

    def _costs(self, request: ChatRequest) -> tuple[Decimal, Decimal] | None:
        """What *request* costs at worst, without an answer and with the longest; None where no price is known."""
        model, on = request.answering.model, self._clock.now().date()
        sent = sum(map(tokens_of, request.turns))
        bills = [
            self._prices.worst(sent, most, model.id, model.provider, on)
            for most in (0, longest_answer(model, request.max_output))
        ]
        known = [bill.dollars for bill in bills if bill is not None]
        return (known[0], known[1]) if len(known) == len(bills) else None

    def _require_room(
        self,
        request: ChatRequest,
        costs: tuple[Decimal, Decimal] | None,
        limits: Limits,
        new: Promise,
        others: tuple[Promise, ...],
    ) -> None:
        today = new.at.date()
        here = self._ledger.in_conversation(new.conversation)
        noted = Spent(total(self._ledger.used(today, today)).dollars, here.dollars)
        left = least_left(limits, noted + promised(others, new.conversation, today))
        if left is None or (costs is not None and costs[1] <= left.dollars):
            return
        model = request.answering.model
        limit = f"{at_least(left.limit)} {_PERIODS[left.ceiling]}"
        if costs is None:
            sentence = f"The price of {model.label} is not known, so your limit of {limit} could not be kept"
            raise UsageError(f"{sentence}. Nothing was sent.", code="held_back")
        most = longest_answer(model, request.max_output)
        raise UsageError(
            f"This message costs up to {at_most(costs[1])} (an answer may have {most:,} tokens), and {_rest(left)} "
            f"of your limit of {limit}. Nothing was sent.",
            code="held_back",
            longest=length_that_fits(left.dollars, *costs, most),
        )


def _rest(left: Left) -> str:
    return f"{at_least(left.dollars)} is left" if left.dollars else "nothing is left"
