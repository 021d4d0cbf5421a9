"""Every row of the shipped data is checked here, so that nothing has to be checked when the program starts."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from adapters.catalogue.builtin import DATA
from domain.catalogue import provider_of
from domain.model import ReasoningLevel
from domain.provider import Provider

DOCUMENT: dict[str, Any] = json.loads(DATA.read_bytes())
MODELS: list[dict[str, Any]] = DOCUMENT["models"]
PRESETS: list[dict[str, Any]] = DOCUMENT["presets"]
MODEL_IDS = {row["id"] for row in MODELS}

MODEL_FIELDS = {
    "id": str, "provider": str, "label": str, "prices": list, "context": int,
    "output": int,
    "plan_context": int, "levels": list, "left_plans": str,
    "ends": str, "successor": str, "plan_successor": str,
}  # fmt: skip
PRESET_FIELDS = {
    "id": str, "model": str, "label": str, "tagline": str, "family": str, "level": str, "aliases": list,
    "featured": bool,
}  # fmt: skip


def test_the_file_holds_one_row_a_line() -> None:
    rows = [line for line in DATA.read_text().splitlines() if line.startswith('{"id"')]
    assert len(rows) == len(MODELS) + len(PRESETS)


def test_the_file_has_a_date_and_a_default_for_each_provider() -> None:
    assert set(DOCUMENT) == {"as_of", "defaults", "models", "presets"}
    assert date.fromisoformat(DOCUMENT["as_of"]) == date(2026, 11, 30)
    by_id = {row["id"]: row["model"] for row in PRESETS}
    assert {provider: provider_of(by_id[preset]) for provider, preset in DOCUMENT["defaults"].items()} == {
        provider.value: provider for provider in Provider
    }


def test_a_model_row_has_known_fields_of_the_right_type(subtests: pytest.Subtests) -> None:
    for row in MODELS:
        with subtests.test(row["id"]):
            assert {key: type(value) for key, value in row.items()} == {key: MODEL_FIELDS[key] for key in row}
            assert {"id", "provider", "label", "prices", "context"} <= set(row)
            assert row["context"] >= 100_000


def test_a_models_prefix_tells_its_provider() -> None:
    assert {row["id"]: provider_of(row["id"]) for row in MODELS} == {row["id"]: row["provider"] for row in MODELS}


def test_prices_are_positive_and_in_order_of_their_dates(subtests: pytest.Subtests) -> None:
    for row in MODELS:
        with subtests.test(row["id"]):
            tiers = [price["tier"] for price in row["prices"] if "tier" in price]
            for price in (*row["prices"], *tiers):
                assert price.keys() <= {"input", "cached", "written", "written_1h", "output", "from", "tier", "above"}
                assert 0 < price.get("cached", price["input"]) <= price["input"] < price["output"]
                assert price["input"] <= price.get("written", price["input"]) <= price.get("written_1h", 10**6)
            since = [date.fromisoformat(price["from"]) if "from" in price else date.min for price in row["prices"]]
            assert since[:1] in ([], [date.min])
            assert since == sorted(set(since))


def test_levels_are_known_and_in_order() -> None:
    order = [level.value for level in ReasoningLevel]
    levels = {row["id"]: row.get("levels", []) for row in MODELS}
    assert levels == {name: [level for level in order if level in given] for name, given in levels.items()}


def test_a_model_that_ends_or_that_plans_lack_has_a_successor_of_its_own_provider(subtests: pytest.Subtests) -> None:
    for row in MODELS:
        if "ends" not in row and "left_plans" not in row:
            continue
        with subtests.test(row["id"]):
            assert "ends" not in row or date.fromisoformat(row["ends"]) > date(2026, 1, 1)
            assert "ends" not in row or row["successor"] in MODEL_IDS
            assert "left_plans" not in row or row["provider"] == Provider.CHATGPT
            followers = [row[key] for key in ("successor", "plan_successor") if key in row]
            assert {provider_of(follower) for follower in followers} == {Provider(row["provider"])}


def test_a_preset_row_has_known_fields_and_a_model(subtests: pytest.Subtests) -> None:
    for row in PRESETS:
        with subtests.test(row["id"]):
            assert {key: type(value) for key, value in row.items()} == {key: PRESET_FIELDS[key] for key in row}
            assert row["model"] in MODEL_IDS
            assert re.fullmatch(r"[a-z0-9.-]+", row["id"])
            assert row.get("level", "low") in {level.value for level in ReasoningLevel}


def test_no_two_presets_share_an_id_an_alias_or_a_label() -> None:
    labels = {row["id"]: row["label"] for row in MODELS}
    names = [
        name
        for row in PRESETS
        for name in {row["id"], *row.get("aliases", ()), row.get("label", labels[row["model"]]).casefold()}
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_every_model_has_one_row_and_a_preset() -> None:
    assert max(Counter(row["id"] for row in MODELS).values()) == 1
    assert {row["model"] for row in PRESETS} == MODEL_IDS
