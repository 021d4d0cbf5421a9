from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import NOTICE, Lifecycle, Model, Preset, Price, ReasoningLevel, successors, title
from domain.provider import Provider
from domain.provider_facts.payer import Payer

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
PAYERS = st.sampled_from(Payer)


def model(name: str = "m", **facts: object) -> Model:
    return replace(Model(id=name, provider=Provider.CHATGPT, label=name.upper()), **facts)  # type: ignore[arg-type]  # by test


# Life


def test_a_model_without_an_announced_end_is_current() -> None:
    assert model().lifecycle(date.max) is Lifecycle.CURRENT


@pytest.mark.parametrize(
    ("days_before_end", "state"),
    [
        (31, Lifecycle.CURRENT),
        (30, Lifecycle.LEAVING),
        (1, Lifecycle.LEAVING),
        (0, Lifecycle.GONE),
        (-1, Lifecycle.GONE),
    ],
)
def test_a_model_leaves_thirty_days_before_its_end(days_before_end: int, state: Lifecycle) -> None:
    assert model(ends=TODAY + timedelta(days=days_before_end)).lifecycle(TODAY) is state


@given(ends=DAYS, on=DAYS)
def test_a_model_never_comes_back(ends: date, on: date) -> None:
    order = list(Lifecycle)
    mortal = model(ends=ends)
    assert order.index(mortal.lifecycle(on)) <= order.index(mortal.lifecycle(on + timedelta(days=1)))


@given(ends=st.dates(date.min, date.min + NOTICE))
def test_an_end_at_the_beginning_of_time_is_no_error(ends: date) -> None:
    assert model(ends=ends).lifecycle(TODAY) is Lifecycle.GONE


# Prices


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (Price(2, 12), "$2/$12"),
        (Price(15.0, 75.0), "$15/$75"),
        (Price(1.25, 10), "$1.25/$10"),
        (Price(0.3, 2.5), "$0.30/$2.50"),
        (Price(0, 0), "$0/$0"),
        (Price(100, 1000), "$100/$1000"),
    ],
)
def test_a_price_is_shown_in_dollars_with_cents_where_there_are_any(price: Price, shown: str) -> None:
    assert str(price) == shown


def test_the_price_is_the_one_of_the_day() -> None:
    dated = model(prices=(Price(2, 10), Price(4, 20, date(2026, 12, 1)), Price(8, 40, date(2027, 2, 1))))
    assert [str(dated.price(on)) for on in (TODAY, date(2026, 12, 1), date(2027, 1, 31), date(2027, 2, 1))] == [
        "$2/$10", "$4/$20", "$4/$20", "$8/$40",
    ]  # fmt: skip


def test_a_price_that_is_not_valid_yet_is_not_known() -> None:
    assert model(prices=(Price(4, 20, date(2026, 12, 1)),)).price(TODAY) is None
    assert model().price(TODAY) is None


# Levels


@given(wanted=st.sampled_from(ReasoningLevel), accepted=st.sets(st.sampled_from(ReasoningLevel), min_size=1))
def test_the_level_sent_is_accepted_and_no_other_accepted_one_is_nearer(
    wanted: ReasoningLevel, accepted: set[ReasoningLevel]
) -> None:
    order = list(ReasoningLevel)
    chosen = model(levels=tuple(sorted(accepted, key=order.index))).nearest_level(wanted)
    assert chosen in accepted
    distances = {level: abs(order.index(level) - order.index(wanted)) for level in accepted}
    assert chosen is not None
    assert distances[chosen] == min(distances.values())


def test_no_level_is_sent_where_none_was_chosen_or_none_is_accepted() -> None:
    assert model(levels=tuple(ReasoningLevel)).nearest_level(None) is None
    assert model().nearest_level(ReasoningLevel.HIGH) is None


# Successors


def test_a_current_model_answers_for_itself() -> None:
    current = model()
    assert successors(current, {"m": current}, Payer.API_BILLING, TODAY) is current


def test_a_chain_is_followed_to_the_first_current_model() -> None:
    models = {
        "a": model("a", ends=date(2026, 1, 1), successor="b"),
        "b": model("b", ends=date(2026, 12, 1), successor="c"),
        "c": model("c", ends=date(2027, 12, 1), successor="d"),
        "d": model("d"),
    }
    assert successors(models["a"], models, Payer.API_BILLING, TODAY).id == "c"


def test_a_plan_follows_its_own_successor() -> None:
    models = {
        "a": model("a", left_plans=TODAY, successor="b", plan_successor="c"),
        "b": model("b", left_plans=TODAY),
        "c": model("c"),
    }
    assert successors(models["a"], models, Payer.PLAN, TODAY).id == "c"
    assert successors(models["a"], models, Payer.API_BILLING, TODAY).id == "a"


def test_a_chain_that_ends_nowhere_gives_its_last_member() -> None:
    gone = model("a", ends=date(2026, 1, 1), successor="b")
    assert successors(gone, {"a": gone}, Payer.API_BILLING, TODAY) is gone


@st.composite
def models_with_successors(draw: st.DrawFn) -> dict[str, Model]:
    names = "abcdef"
    follower = st.none() | st.sampled_from([*names, "missing"])
    facts = st.fixed_dictionaries(
        {
            "ends": st.none() | DAYS,
            "left_plans": st.none() | DAYS,
            "on_plan": st.none() | st.booleans(),
            "successor": follower,
            "plan_successor": follower,
        }
    )
    return {name: model(name, **draw(facts)) for name in names}


@given(models=models_with_successors(), payer=PAYERS, on=DAYS)
def test_any_tangle_of_successors_comes_to_an_end(models: dict[str, Model], payer: Payer, on: date) -> None:
    answers = successors(models["a"], models, payer, on)
    assert answers.id in models
    if models["a"].lifecycle(on) is Lifecycle.CURRENT and models["a"].serves(payer):
        assert answers is models["a"]


# Titles


@pytest.mark.parametrize(
    ("tagline", "price", "shown"),
    [
        ("ultra premium", Price(15, 75), "Opus (ultra premium) — $15/$75"),
        ("", Price(15, 75), "Opus — $15/$75"),
        ("ultra premium", None, "Opus (ultra premium)"),
        ("", None, "Opus"),
    ],
)
def test_a_title_leaves_out_what_is_not_known(tagline: str, price: Price | None, shown: str) -> None:
    preset = Preset(id="opus", label="Opus", model="m", provider=Provider.CLAUDE, tagline=tagline)
    assert title(preset, price) == shown


def test_a_preset_of_no_family_is_called_by_its_label() -> None:
    preset = Preset(id="opus", label="Opus 4.1", model="m", provider=Provider.CLAUDE)
    assert preset.line == "Opus 4.1"
    assert replace(preset, family="Claude Opus").line == "Claude Opus"
