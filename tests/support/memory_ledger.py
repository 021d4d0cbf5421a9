"""A ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.errors import StoreError
from domain.provider_facts.payer import Payer
from domain.usage.allowance import Measure
from domain.usage.entry import Billed, Entry, LimitMet, Told
from domain.usage.gauge import Moment
from domain.usage.sums import Total, Used, billed_model, together, total


class MemoryLedger:
    """Keeps what it is given as long as the test lasts; `fail_with` stands for a disk that fails."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.met: list[LimitMet] = []
        self.fail_with: StoreError | None = None
        self._told: dict[tuple[Billed, Measure], Told] = {}

    def note(self, entry: Entry) -> None:
        self._fail()
        self.entries.append(entry)

    def note_limit(self, met: LimitMet) -> None:
        self._fail()
        self.met.append(met)

    def note_told(self, told: Sequence[Told]) -> None:
        self._fail()
        self._told.update({(one.billed, one.allowance.measure): one for one in told})

    def used(self, first: date, last: date) -> tuple[Used, ...]:
        self._fail()
        return self._sums(lambda entry: first <= entry.at.astimezone(UTC).date() <= last)

    def in_conversation(self, conversation_id: str) -> Total:
        return total(self._sums(lambda entry: entry.conversation == conversation_id))

    def plan_moments(self, since: datetime) -> tuple[Moment, ...]:
        found = [
            Moment(entry.at.astimezone(UTC), Billed.of(entry.receipt), entry.receipt.usage)
            for entry in self.entries
            if entry.receipt.payer is Payer.PLAN and entry.at >= since
        ]
        return tuple(sorted(found, key=lambda moment: moment.at))

    def limits(self, since: datetime) -> tuple[LimitMet, ...]:
        return tuple(sorted((met for met in self.met if met.at >= since), key=lambda met: met.at))

    def told(self) -> tuple[Told, ...]:
        return tuple(self._told.values())

    def _sums(self, wanted: Callable[[Entry], bool]) -> tuple[Used, ...]:
        found: dict[tuple[object, ...], Used] = {}
        for entry in filter(wanted, self.entries):
            receipt, day = entry.receipt, entry.at.astimezone(UTC).date()
            one = Used(
                day, Billed.of(receipt), billed_model(receipt), 1, receipt.usage, receipt.cost, receipt.rates,
                receipt.reported,
            )  # fmt: skip
            which = (day, one.billed, one.model, one.rates, one.reported, one.dollars is None)
            found[which] = _joined(found[which], one) if which in found else one
        return tuple(found.values())

    def _fail(self) -> None:
        if self.fail_with is not None:
            raise self.fail_with


def _joined(one: Used, other: Used) -> Used:
    dollars = None if one.dollars is None else one.dollars + (other.dollars or Decimal(0))
    usage = together(one.usage, other.usage)
    return Used(one.day, one.billed, one.model, one.requests + 1, usage, dollars, one.rates, one.reported)
