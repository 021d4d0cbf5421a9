from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import Catalogue, merged, payer_of, provider_of
from domain.errors import UnknownName
from domain.model import Model, Preset, ReasoningLevel
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from tests.support.error_codes import with_code
from tests.support.small_catalogue import a_catalogue

TODAY = date(2026, 11, 23)
CATALOGUE = a_catalogue()


def own(name: str = "mine", **facts: object) -> Preset:
    preset = Preset(id=name, label=name, model="gpt-6.2-sol", provider=Provider.CHATGPT, own=True)
    return replace(preset, **facts)  # type: ignore[arg-type]  # each test names fields of the right type


# Names


@pytest.mark.parametrize(
    "typed",
    [
        "claude-opus-4.1", " CLAUDE-Opus-4.1 ",  # id
        "Claude Opus 4.1", "claudeopus4.1", "claude_opus_4.1", "claude opus-4.1",  # label
        "claude-opus-4-1-20250805",  # the id on the wire
        "claude/claude-opus-4.1", "anthropic/claude-opus-4.1", "Claude/Claude Opus 4.1", "claude / claude-opus-4.1",
    ],
)  # fmt: skip
def test_a_preset_is_found_by_id_label_wire_id_and_address(typed: str) -> None:
    assert CATALOGUE.resolve(typed).id == "claude-opus-4.1"


@pytest.mark.parametrize(
    ("alias", "preset"),
    [("opus", "claude-opus-5-5"), ("FLASH", "gemini-3.8-flash"), ("claude/opus", "claude-opus-5-5")],
)
def test_an_alias_names_its_preset(alias: str, preset: str) -> None:
    assert CATALOGUE.resolve(alias).id == preset


def test_an_id_comes_before_an_alias_and_an_alias_before_a_label() -> None:
    catalogue = merged(
        CATALOGUE,
        [own("first", aliases=("second", "third")), own("second", label="Third"), own("later", label="Third")],
    )
    assert catalogue.resolve("second").id == "second"
    assert catalogue.resolve("third").id == "first"


@given(st.sampled_from(sorted(CATALOGUE.presets)), st.data())
def test_every_preset_is_found_however_its_id_and_label_are_capitalised(name: str, data: st.DataObject) -> None:
    preset = CATALOGUE.presets[name]
    text = data.draw(st.sampled_from([preset.id, preset.label, f"{preset.provider}/{preset.id}"]))
    flips = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    typed = "".join(char.upper() if flip else char.lower() for char, flip in zip(text, flips, strict=True))
    assert CATALOGUE.resolve(typed) is preset


@pytest.mark.parametrize(
    ("typed", "provider"),
    [
        ("gpt-7-sol", Provider.CHATGPT),
        ("o5-mini", Provider.CHATGPT),
        ("codex-next", Provider.CHATGPT),
        ("claude-novel-1", Provider.CLAUDE),
        ("claude-opus-6-1", Provider.CLAUDE),
        ("gemini-5-neon", Provider.GEMINI),
        ("gemini-3.9-flash", Provider.GEMINI),
    ],
)
def test_an_unknown_id_goes_to_the_provider_that_its_prefix_tells(typed: str, provider: Provider) -> None:
    preset = CATALOGUE.resolve(typed)
    assert (preset.model, preset.provider, preset.id) == (typed, provider, f"{provider}/{typed}")


def test_an_address_reaches_a_model_that_nobody_heard_of() -> None:
    preset = CATALOGUE.resolve("openai/ft:gpt:ana")
    assert (preset.model, preset.provider, preset.id) == ("ft:gpt:ana", Provider.CHATGPT, "chatgpt/ft:gpt:ana")
    assert CATALOGUE.resolve(preset.id) == preset


@pytest.mark.parametrize("typed", ["gpt-oss-120b", "GPT-OSS", "llama-4", "chatgpt-image", "opera", "omni", ""])
def test_an_id_that_tells_no_provider_is_unknown(typed: str) -> None:
    assert provider_of(typed) is None
    with pytest.raises(UnknownName, check=with_code("unknown_model")):
        CATALOGUE.resolve(typed)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("claude-opsu-4.1", "claude-opus-4.1"),
        ("gemni-3.8-flash", "gemini-3.8-flash"),
        ("Claude Opos 4.1", "claude-opus-4.1"),
        ("flahs", "flash"),
        ("clod", "claude-opus-5-5"),
        ("claude", "claude-opus-5-5"),
        ("anthropic", "claude-opus-5-5"),
        ("gogle", "gemini-3.8-flash"),
        ("chatgtp", "gpt-5.1-medium"),
        ("chatgtp/gpt-5.1", "chatgpt/gpt-5.1"),
        ("claude/", "claude-opus-5-5"),
        ("quokka", None),
        ("quokka/x", None),
    ],
)
def test_a_slip_is_refused_with_the_nearest_name(typed: str, suggestion: str | None) -> None:
    with pytest.raises(UnknownName, check=with_code("unknown_model")) as caught:
        CATALOGUE.resolve(typed)
    assert caught.value.suggestion == suggestion


@given(st.text(max_size=40))
def test_any_text_is_a_preset_or_unknown_and_a_suggestion_is_a_name(typed: str) -> None:
    try:
        preset = CATALOGUE.resolve(typed)
    except UnknownName as error:
        if error.suggestion is not None and "/" not in error.suggestion:
            CATALOGUE.resolve(error.suggestion)
    else:
        assert preset.model


# Who answers


def test_a_retired_model_is_answered_for_and_the_notice_says_by_whom_since_when_and_at_what_price() -> None:
    answering = CATALOGUE.answering(CATALOGUE.presets["claude-opus-4.1"], Payer.CONSOLE, TODAY)
    assert answering.model.id == "claude-opus-5-5"
    assert answering.notice == "Claude Opus 4.1 was retired on 2026-08-05: Claude Opus 5.5 answers, $4/$20"


def test_a_plan_that_lacks_a_model_gets_its_successor_and_the_level_goes_along() -> None:
    answering = CATALOGUE.answering(CATALOGUE.presets["gpt-5.1-medium"], Payer.PLAN, TODAY)
    assert (answering.model.id, answering.level) == ("gpt-6.1-sol", ReasoningLevel.MEDIUM)
    assert answering.notice == "GPT-5.1 Medium has left ChatGPT plans: GPT-6.1 Sol answers, paid by the plan"


def test_an_id_of_the_wire_addressed_to_its_provider_is_taken_at_its_word() -> None:
    answering = CATALOGUE.answering(CATALOGUE.resolve("claude/claude-opus-4-1-20250805"), Payer.CONSOLE, TODAY)
    assert (answering.model.id, answering.notice) == ("claude-opus-4-1-20250805", None)


def test_a_model_that_leaves_soon_is_answered_for_already() -> None:
    answering = CATALOGUE.answering(CATALOGUE.presets["gpt-5.1-medium"], Payer.API_BILLING, date(2027, 3, 20))
    assert answering.notice == "GPT-5.1 Medium leaves on 2027-04-01: GPT-6.2 Sol answers, $2/$10"


def test_a_current_model_answers_for_itself_without_a_notice() -> None:
    answering = CATALOGUE.answering(CATALOGUE.presets["gpt-5.1-medium"], Payer.API_BILLING, TODAY)
    assert (answering.model.id, answering.level, answering.notice) == ("gpt-5.1", ReasoningLevel.MEDIUM, None)


def test_a_level_that_the_model_does_not_take_is_brought_to_the_nearest() -> None:
    answering = CATALOGUE.answering(own(level=ReasoningLevel.XHIGH), Payer.API_BILLING, TODAY)
    assert answering.level is ReasoningLevel.HIGH


def test_a_model_known_to_take_no_level_gets_none() -> None:
    preset = own(model="claude-haiku-4-5", provider=Provider.CLAUDE, level=ReasoningLevel.HIGH)
    assert CATALOGUE.answering(preset, Payer.CONSOLE, TODAY).level is None


def test_a_model_that_nobody_heard_of_gets_the_level_that_was_asked_for() -> None:
    answering = CATALOGUE.answering(own(model="gpt-9", level=ReasoningLevel.XHIGH), Payer.API_BILLING, TODAY)
    assert (answering.model.id, answering.level, answering.notice) == ("gpt-9", ReasoningLevel.XHIGH, None)


def test_a_namesake_at_another_provider_stays_with_that_provider() -> None:
    preset = own(model="claude-opus-4-1-20250805", provider=Provider.GEMINI)
    answering = CATALOGUE.answering(preset, Payer.CLOUD_PROJECT, TODAY)
    assert (answering.model.provider, answering.model.id) == (Provider.GEMINI, "claude-opus-4-1-20250805")
    assert CATALOGUE.price(preset, TODAY) is None


@given(
    name=st.sampled_from(sorted(CATALOGUE.presets)),
    payer=st.sampled_from(Payer),
    on=st.dates(date(2025, 1, 1), date(2029, 1, 1)),
)
def test_whoever_answers_is_of_the_presets_provider_and_another_one_is_always_announced(
    name: str, payer: Payer, on: date
) -> None:
    preset = CATALOGUE.presets[name]
    answering = CATALOGUE.answering(preset, payer, on)
    assert answering.model.provider is preset.provider
    assert (answering.notice is None) == (answering.model.id == preset.model)


# Prices, lists, defaults


def test_a_preset_is_priced_as_its_own_model_on_that_day() -> None:
    flash = CATALOGUE.presets["gemini-3.8-flash"]
    assert str(CATALOGUE.price(flash, TODAY)) == "$0.75/$3.75"
    assert str(CATALOGUE.price(flash, date(2027, 1, 1))) == "$1.50/$7.50"
    assert CATALOGUE.price(own(model="gpt-9"), TODAY) is None


def test_a_gone_model_stays_listed_only_where_it_is_featured_or_the_users_own() -> None:
    gone = Model("gone", Provider.GEMINI, "Gone", ends=date(2026, 1, 1))
    presets = [
        own("plain", model="gone", provider=Provider.GEMINI, own=False),
        own("featured", model="gone", provider=Provider.GEMINI, own=False, featured=True),
        own("theirs", model="gone", provider=Provider.GEMINI),
        own("unheard", model="gpt-9", own=False),
    ]
    catalogue = Catalogue({preset.id: preset for preset in presets}, {"gone": gone}, {})
    assert [preset.id for preset in catalogue.shown(TODAY)] == ["featured", "theirs", "unheard"]


def test_own_presets_override_in_place_and_new_ones_come_last() -> None:
    catalogue = merged(CATALOGUE, [own("zebra"), own("claude-opus-4.1", label="My Opus")])
    assert list(catalogue.presets) == [*CATALOGUE.presets, "zebra"]
    assert catalogue.resolve("My Opus").own


def test_each_provider_has_its_default() -> None:
    assert {provider: CATALOGUE.default_for(provider).provider for provider in Provider} == {p: p for p in Provider}


def test_without_a_credential_the_payer_is_the_one_of_an_oauth_session() -> None:
    assert payer_of(own(), None) is Payer.PLAN
    assert payer_of(own(), Payer.API_BILLING) is Payer.API_BILLING
