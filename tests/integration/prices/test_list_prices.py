"""What a request costs, by the price lists that come with the program."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from adapters.catalogue.builtin import load_catalogue
from adapters.prices.list_prices import ListPrices
from domain.conversation import Usage
from domain.model import Model, Price
from domain.provider import Provider

TODAY: Final = date(2026, 11, 30)
MODELS: Final = load_catalogue().models
LATER: Final = date(2027, 6, 30)
PRICES: Final = ListPrices(models=MODELS)
MILLION: Final = 1_000_000


def cost(usage: Usage, model: str, on: date = TODAY, prices: ListPrices = PRICES) -> Decimal | None:
    provider = MODELS[model].provider if model in MODELS else Provider.CHATGPT
    bill = prices.bill(usage, model, provider, on)
    return bill.dollars if bill else None


def rates_of(prices: ListPrices, model: Model, sent: int, on: date) -> tuple[Decimal | None, ...] | None:
    bill = prices.bill(Usage(input=sent, output=1), model.id, model.provider, on)
    if bill is None:
        return None
    rates = bill.rates
    return rates.input, rates.output, rates.cached, rates.written, rates.written_long


def test_the_catalogue_and_the_library_agree_on_every_model_that_both_know() -> None:
    differ, alone = [], ListPrices(models={})
    for model in filter(lambda model: model.prices, MODELS.values()):
        days = {TODAY, LATER, *(price.valid_from for price in model.prices if price.valid_from)}
        bounds = {272_000, *(price.tier.above for price in model.prices if price.tier)}
        cases = [(on, sent) for on in days for sent in (1, *(bound + more for bound in bounds for more in (0, 1)))]
        for on, sent in cases:
            theirs, ours = rates_of(alone, model, sent, on), own_rates(model, sent, on)
            if theirs not in (None, ours):
                differ.append((model.id, on, sent, theirs, ours))
    assert not differ


def own_rates(model: Model, sent: int, on: date) -> tuple[Decimal | None, ...]:
    price = model.price(on)
    assert price is not None
    if price.tier and sent > price.tier.above:
        price = price.tier.price
    plain_writes = price.input if model.provider is Provider.CHATGPT else None
    listed = (price.input, price.output, price.cached, price.written or plain_writes, price.written_long)
    return tuple(None if rate is None else Decimal(str(rate)) for rate in listed)


def test_the_worst_case_reads_nothing_from_a_cache_and_pays_for_writing_where_that_is_dearer() -> None:
    expected = {
        "gpt-6.2-sol": Decimal("2.5") * 100_000 + 10 * 8192,
        "gpt-5.5": Decimal(5) * 100_000 + 30 * 8192,
        "claude-opus-5-5": Decimal(5) * 100_000 + 20 * 8192,
        "gemini-4-argon": Decimal(2) * 100_000 + 10 * 8192,
        "claude-haiku-5-5": Decimal("0.125") * 100_000 + Decimal("0.5") * 8192,
    }
    found = {name: PRICES.worst(100_000, 8192, name, MODELS[name].provider, TODAY) for name in expected}
    assert {name: bill and bill.dollars * MILLION for name, bill in found.items()} == expected
    assert PRICES.worst(1, 1, "gpt-99", Provider.CHATGPT, TODAY) is None


def test_what_has_no_price_that_is_known_has_no_bill() -> None:
    bare = ListPrices(
        models={
            "gpt-9": Model("gpt-9", Provider.CHATGPT, "", (Price(2, 10),)),
            "claude-9": Model("claude-9", Provider.CLAUDE, "", (Price(2, 10),)),
            "gemini-9": Model("gemini-9", Provider.GEMINI, ""),
        }
    )
    unknown = [
        bare.bill(usage, model, provider, TODAY)
        for usage, model, provider in (
            (Usage(10, 5), "gpt-10", Provider.CHATGPT),
            (Usage(10, 5), "", Provider.CHATGPT),
            (Usage(10, 5), "g" * 10_000, Provider.CHATGPT),
            (Usage(10, 5), "gpt-9", Provider.CLAUDE),
            (Usage(10, 5), "gpt-9-mini", Provider.CHATGPT),
            (Usage(10, 5), "gemini-3.8-flash-lite", Provider.GEMINI),
            (Usage(10, 5), "gemini-9", Provider.GEMINI),
            (Usage(0, 5), "gpt-9", Provider.CHATGPT),
            (Usage(10, 5, cached=3), "gpt-9", Provider.CHATGPT),
            (Usage(10, 5, written_long=3), "gpt-6.1-sol", Provider.CHATGPT),
            (Usage(10, 5, written=3), "claude-9", Provider.CLAUDE),
            (Usage(10, 5, cached=8, written=3), "claude-opus-5-5", Provider.CLAUDE),
        )
    ]
    assert unknown == [None] * len(unknown)
    assert cost(Usage(MILLION, 0), "gpt-9", prices=bare) == 2
    assert bare.bill(Usage(MILLION, 0, written=MILLION), "gpt-9-2026-11-17", Provider.CHATGPT, TODAY) is not None


def test_a_bill_is_the_sum_of_its_counts_times_its_rates() -> None:
    usage = Usage(input=310_123, output=1_777, cached=9_876, written=5_432, written_long=0)
    for model in MODELS.values():
        bill = PRICES.bill(usage, model.id, model.provider, TODAY)
        if bill is None:
            assert model.provider is Provider.GEMINI or not model.prices
            continue
        rates = bill.rates
        assert rates.cached is not None
        assert rates.written is not None
        plain = usage.input - usage.cached - usage.written
        sums = (plain * rates.input, usage.cached * rates.cached, usage.written * rates.written)
        assert bill.dollars * MILLION == sum(sums) + usage.output * rates.output
