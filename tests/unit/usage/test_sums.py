"""Sums and invoices of what was used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.conversation import Rates, Usage
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.usage.entry import Billed
from domain.usage.invoice import Kind, invoice
from domain.usage.period import Period, month_named, month_of
from domain.usage.sums import By, Used, grouped, total

ANA = Billed(Provider.CLAUDE, "ana@example.test", CredentialKind.OAUTH, Payer.CONSOLE)
PLAN = Billed(Provider.CHATGPT, "ana@example.test", CredentialKind.OAUTH, Payer.PLAN)
RATES = Rates("claude-opus-5-5", "a list", Decimal(4), Decimal(20), Decimal("0.2"), Decimal(5))
USAGE = Usage(41_550, 600, cached=40_000, written=1_500)
PAID = Used(date(2026, 11, 23), ANA, "claude-opus-5-5", 1, USAGE, Decimal("0.0277"), RATES)
DEARER = replace(RATES, input=Decimal(8), output=Decimal(40))
USED = (
    PAID,
    replace(PAID, day=date(2026, 11, 24), requests=2),
    replace(PAID, rates=DEARER, dollars=Decimal("0.04")),
    replace(PAID, dollars=None, rates=None, requests=3, model="odd"),
    replace(PAID, dollars=Decimal("0.5"), rates=None, reported=True),
    Used(date(2026, 11, 22), PLAN, "gpt-6.1-sol", 4, Usage(1000, 10)),
)


def test_what_is_not_known_and_what_a_plan_pays_is_in_no_dollars() -> None:
    everything = total(USED)
    assert (everything.computed, everything.reported) == (Decimal("0.0954"), Decimal("0.5"))
    assert (everything.requests, everything.unknown, everything.on_plan) == (12, 3, 4)
    assert everything.cached_share is not None
    assert total(()).cached_share is None


def test_each_kind_of_sum_has_all_of_it() -> None:
    for by in By:
        assert sum(grouped(USED, by).values(), total(())) == total(USED), by
    assert list(grouped(USED, By.DAY)) == ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert list(grouped(USED, By.MODEL)) == ["claude-opus-5-5", "gpt-6.1-sol", "odd"]
    assert list(grouped(USED, By.ACCOUNT)) == ["Claude ana@example.test", "ChatGPT ana@example.test"]
    assert list(grouped(USED, By.PAYER)) == ["Claude, Console, per token", "ChatGPT, plan"]
    assert list(grouped(USED, By.PROVIDER)) == ["Claude", "ChatGPT"]


def test_an_invoice_has_a_line_for_each_kind_of_tokens_and_rate_and_adds_up() -> None:
    lines = invoice(USED[:3])
    assert [(line.kind, line.quantity, line.rate) for line in lines] == [
        (Kind.INPUT, 100, Decimal(4)),
        (Kind.INPUT, 50, Decimal(8)),
        (Kind.CACHED, 120_000, Decimal("0.2")),
        (Kind.WRITTEN, 4_500, Decimal(5)),
        (Kind.OUTPUT, 1_200, Decimal(20)),
        (Kind.OUTPUT, 600, Decimal(40)),
    ]
    (first, *_) = lines
    assert first.amount == Decimal("0.0004")
    assert sum(line.amount or 0 for line in invoice((PAID,))) == PAID.dollars


def test_an_invoice_names_no_amount_that_is_not_known() -> None:
    whole = invoice(USED)
    assert {line.amount for line in whole if line.model in ("odd", "gpt-6.1-sol")} == {None}
    (reported,) = (line for line in whole if line.kind is Kind.ALL)
    assert (reported.amount, reported.rate) == (Decimal("0.5"), None)


def test_months_are_named_and_follow_each_other() -> None:
    november = month_of(date(2026, 11, 23))
    assert (november, str(november)) == (Period(date(2026, 11, 1), date(2026, 11, 30)), "2026-11")
    assert month_named("2026-11") == november
    assert str(november.month_after) == "2026-12"
    assert str(november.month_after.month_after.month_before.month_before.month_before) == "2026-10"
    assert str(Period(date(2026, 11, 2), date(2026, 11, 30))) == "2026-11-02 to 2026-11-30"
    assert [month_named(odd) for odd in ("2026-13", "0000-01", "november", "2026-11-01", "")] == [None] * 5
    first, last = month_of(date.min), month_of(date.max)
    assert (first.month_before, last.month_after) == (first, last)
