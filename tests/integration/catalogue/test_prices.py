"""The prices that are shipped, against the curated list of the `genai-prices` package."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from genai_prices import Usage, calc_price

from adapters.catalogue.builtin import load_catalogue
from domain.model import Model
from domain.provider import Provider

CATALOGUE = load_catalogue()
THEIR_NAMES = {Provider.CHATGPT: "openai", Provider.CLAUDE: "anthropic", Provider.GEMINI: "google"}
TOKENS = 1000
"""Below every threshold from which a vendor charges more for long prompts."""

UNLISTED = {
    "gpt-6.2-astra", "gpt-6.2-sol", "gemini-4-neon", "gemini-4-carbon", "gemini-4-hydrogen",
    "claude-mythos-5-1", "claude-mythos-5",
}  # fmt: skip
"""Released after the list that is installed was made, and priced as announced; of the two of Anthropic's no price is
known."""

UNCOVERED_CONTEXT = {
    "gemini-3-pro-preview", "gemini-3.1-pro-preview", "gemini-2.5-pro",
    "gemini-2.5-flash-lite", "gpt-4.1", "gpt-5.5",
}  # fmt: skip
"""The list names no context for the first three, and rounds that of the others; the vendors' model pages do neither."""

DAYS = (date(2026, 11, 30), date(2026, 12, 2), date(2027, 1, 2))
"""The day of the catalogue, and the days after each announced change."""


def theirs(model: Model, on: date) -> tuple[float, float]:
    moment = datetime.combine(on, time(12), UTC)
    per_token = [
        calc_price(
            usage, model_ref=model.id, provider_id=THEIR_NAMES[model.provider], genai_request_timestamp=moment
        ).total_price
        for usage in (Usage(input_tokens=TOKENS), Usage(output_tokens=TOKENS))
    ]
    return float(per_token[0]) * 1e6 / TOKENS, float(per_token[1]) * 1e6 / TOKENS


def ours(model: Model, on: date) -> tuple[float, float] | None:
    price = model.price(on)
    return None if price is None else (price.input, price.output)


def test_each_price_is_the_one_of_the_curated_list() -> None:
    listed = [model for name, model in CATALOGUE.models.items() if name not in UNLISTED]
    prices = {(model.id, on): (ours(model, on), theirs(model, on)) for model in listed for on in DAYS}
    assert {key: both for key, both in prices.items() if both[0] != pytest.approx(both[1])} == {}
    assert len(prices) > 100


def test_a_model_is_excused_only_as_long_as_the_list_lacks_it() -> None:
    for name in UNLISTED:
        with pytest.raises(LookupError):
            theirs(CATALOGUE.models[name], DAYS[0])


def test_an_announced_change_of_price_takes_effect_on_its_day() -> None:
    changes = {
        (model.id, price.valid_from): (str(model.price(price.valid_from - timedelta(days=1))), str(price))
        for model in CATALOGUE.models.values()
        for price in model.prices
        if price.valid_from is not None
    }
    assert changes == {
        ("gemini-4-argon", date(2026, 12, 1)): ("$2/$10", "$4/$20"),
        ("gemini-4-carbon", date(2026, 12, 1)): ("$2/$10", "$4/$20"),
        ("gemini-3.8-flash", date(2027, 1, 1)): ("$0.75/$3.75", "$1.50/$7.50"),
        ("gemini-3.7-flash", date(2027, 1, 1)): ("$0.75/$3.75", "$1.50/$7.50"),
        ("gemini-3.6-flash", date(2027, 1, 1)): ("$0.75/$3.75", "$1.50/$7.50"),
    }


def test_each_context_is_the_one_of_the_curated_list() -> None:
    models = [CATALOGUE.models[name] for name in CATALOGUE.models.keys() - UNLISTED - UNCOVERED_CONTEXT]
    listed = {
        model.id: calc_price(Usage(input_tokens=TOKENS), model_ref=model.id, provider_id=THEIR_NAMES[model.provider])
        for model in models
    }
    assert {model.id: model.context for model in models} == {
        name: price.model.context_window for name, price in listed.items()
    }
