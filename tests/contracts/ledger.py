"""What every ledger promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from application.ports.ledger import Ledger
from domain.conversation import Rates, Receipt, TurnState, Usage
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.usage.allowance import Allowance, Measure
from domain.usage.entry import Billed, Entry, LimitMet, Told
from domain.usage.gauge import Moment
from domain.usage.sums import Total, Used
from tests.contracts.conversation_store import RECEIPT, START

DAY = START.date()
PLAN_RECEIPT = Receipt(
    Provider.CHATGPT, "gpt-6.1-sol", "gpt-6.1-sol", "GPT-6.1 Sol", "ana@example.test", CredentialKind.OAUTH,
    Payer.PLAN, Usage(40, 5),
)  # fmt: skip
CHEAPER = replace(RECEIPT, rates=Rates("claude-opus-5-5", "a list", Decimal(1), Decimal(2)), cost=Decimal("0.1"))
UNKNOWN = replace(RECEIPT, rates=None, cost=None, reported=False, unpriced="odd \ud800")
OTHER_MODEL = replace(RECEIPT, answered="claude-sonnet-5-5\ud800")


def entry(receipt: Receipt = RECEIPT, *, later: timedelta = timedelta(0), conversation: str = "c1") -> Entry:
    return Entry(START + later, receipt, conversation, "req_made-up", TurnState.COMPLETE)


def used(receipt: Receipt, requests: int, dollars: str | None, usage: Usage) -> Used:
    amount = None if dollars is None else Decimal(dollars)
    return Used(DAY, Billed.of(receipt), receipt.model, requests, usage, amount, receipt.rates, receipt.reported)


class LedgerContract(ABC):
    @abstractmethod
    def make_ledger(self) -> Ledger:
        """An empty ledger. The return type is the static half of the contract."""

    @pytest.fixture
    def ledger(self) -> Ledger:
        return self.make_ledger()

    def test_an_empty_ledger_has_nothing_to_tell(self, ledger: Ledger) -> None:
        assert ledger.used(date.min, date.max) == ()
        assert ledger.in_conversation("c1") == Total()
        assert (ledger.plan_moments(START), ledger.limits(START), ledger.told()) == ((), (), ())

    def test_sums_are_exact_and_kept_apart_by_price(self, ledger: Ledger) -> None:
        for one in (entry(), entry(), entry(CHEAPER), entry(UNKNOWN), entry(PLAN_RECEIPT)):
            ledger.note(one)
        both = Usage(input=240, output=68, cached=200, reasoning=14, written=24, written_long=8)
        expected = {
            used(RECEIPT, 2, "0.000000010", both),
            used(CHEAPER, 1, "0.1", RECEIPT.usage),
            used(UNKNOWN, 1, None, RECEIPT.usage),
            used(PLAN_RECEIPT, 1, None, PLAN_RECEIPT.usage),
        }
        assert set(ledger.used(DAY, DAY)) == expected

    def test_days_are_those_of_utc(self, ledger: Ledger) -> None:
        midnight = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=1)))
        ledger.note(replace(entry(), at=midnight))
        ledger.note(entry(later=timedelta(days=2)))
        assert [one.day for one in ledger.used(DAY, DAY)] == [date(2026, 11, 23)]
        assert sorted(one.day.day for one in ledger.used(DAY, date.max)) == [23, 25]
        assert ledger.used(date(2026, 11, 26), date.max) == ()

    def test_the_model_that_answered_is_billed(self, ledger: Ledger) -> None:
        ledger.note(entry(OTHER_MODEL))
        (one,) = ledger.used(DAY, DAY)
        assert one.model.startswith("claude-sonnet-5-5")

    def test_a_conversation_has_a_sum_of_its_own(self, ledger: Ledger) -> None:
        ledger.note(entry(CHEAPER))
        ledger.note(entry(UNKNOWN))
        ledger.note(entry(CHEAPER, conversation="c2"))
        found = ledger.in_conversation("c1")
        assert (found.requests, found.dollars, found.unknown) == (2, Decimal("0.1"), 1)

    def test_what_plans_paid_for_comes_back_answer_by_answer(self, ledger: Ledger) -> None:
        for hours in (3, 1, 2):
            ledger.note(entry(PLAN_RECEIPT, later=timedelta(hours=hours)))
        ledger.note(entry(later=timedelta(hours=2)))
        expected = [Moment(START + timedelta(hours=hours), Billed.of(PLAN_RECEIPT), Usage(40, 5)) for hours in (2, 3)]
        assert list(ledger.plan_moments(START + timedelta(hours=2))) == expected

    def test_limits_that_were_met_come_back_in_order(self, ledger: Ledger) -> None:
        billed = Billed.of(PLAN_RECEIPT)
        early, late = (
            LimitMet(START, billed, "gpt-6.1-sol"),
            LimitMet(START + timedelta(days=1), billed, "", START, lasts=True),
        )
        ledger.note_limit(late)
        ledger.note_limit(early)
        assert ledger.limits(START) == (early, late)
        assert ledger.limits(START + timedelta(seconds=1)) == (late,)

    def test_what_is_told_of_a_limit_replaces_what_was_told_before(self, ledger: Ledger) -> None:
        billed = Billed.of(RECEIPT)
        requests = Allowance(Measure.REQUESTS, 50, 49, START)
        tokens = Allowance(Measure.TOKENS, None, 10)
        ledger.note_told([Told(billed, START, requests), Told(billed, START, tokens)])
        newer = Told(billed, START + timedelta(minutes=1), replace(requests, remaining=48))
        ledger.note_told([newer])
        assert set(ledger.told()) == {newer, Told(billed, START, tokens)}
