from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.catalogue import Catalogue
from domain.credential import CredentialKey, CredentialKind
from domain.model_lists.listed import ListedModel, ModelList, following
from domain.model_lists.merging import with_lists
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from tests.support.small_catalogue import a_catalogue

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
CLAUDE = CredentialKey(Provider.CLAUDE, "ana", CredentialKind.API_KEY)
PLAN = CredentialKey(Provider.CHATGPT, "ana")


def a_list(*models: ListedModel, key: CredentialKey = CLAUDE, at: datetime = NOON, of_plan: bool = False) -> ModelList:
    return ModelList(key, at, at, of_plan, models)


def named(*names: str) -> tuple[ListedModel, ...]:
    return tuple(ListedModel(name, name) for name in names)


def test_ends_and_windows_come_from_the_list_and_what_it_does_not_say_stays() -> None:
    told = ListedModel("claude-opus-5-5", "Renamed", context=500_000, ends=date(2027, 3, 1))
    silent = ListedModel("claude-haiku-4-5", "Claude Haiku 4.5")
    models = with_lists(a_catalogue(), [a_list(told, silent)]).models
    assert (models["claude-opus-5-5"].context, models["claude-opus-5-5"].ends) == (500_000, date(2027, 3, 1))
    assert models["claude-opus-5-5"].label == "Claude Opus 5.5"
    assert models["claude-haiku-4-5"] == a_catalogue().models["claude-haiku-4-5"]
    assert models["gemini-3.8-flash"] == a_catalogue().models["gemini-3.8-flash"]


def test_a_new_model_is_a_preset_that_says_so_and_answers_itself() -> None:
    catalogue = with_lists(a_catalogue(), [a_list(ListedModel("claude-opus-6", "Claude Opus 6", 2_000_000))])
    preset = catalogue.resolve("claude-opus-6")
    assert (preset.label, preset.tagline) == ("Claude Opus 6", "new, from Claude's list")
    assert catalogue.resolve("Claude Opus 6") == preset
    answering = catalogue.answering(preset, Payer.API_BILLING, TODAY)
    assert (answering.model.id, answering.model.context, answering.notice) == ("claude-opus-6", 2_000_000, None)
    assert catalogue.price(preset, TODAY) is None
    assert preset in catalogue.shown(TODAY)


def test_a_model_that_is_older_than_the_built_in_list_is_not_called_new() -> None:
    old = ListedModel("claude-2", "Claude 2", created=date(2023, 7, 1))
    catalogue = with_lists(a_catalogue_of_today(), [a_list(old)])
    assert catalogue.presets["claude-2"].tagline == "from Claude's list"


def a_catalogue_of_today() -> Catalogue:
    return replace(a_catalogue(), as_of=TODAY)


def test_no_name_that_is_taken_gets_another_meaning() -> None:
    listed = named("claude-opus-4.1", "opus")
    catalogue = with_lists(a_catalogue(), [a_list(*listed)])
    assert catalogue.presets.keys() == a_catalogue().presets.keys()
    assert catalogue.resolve("opus").model == "claude-opus-5-5"


def test_what_a_list_lacks_is_marked_and_stays() -> None:
    catalogue = with_lists(a_catalogue(), [a_list(*named("claude-opus-5-5"))])
    assert catalogue.models["claude-haiku-4-5"].unlisted == "not in Claude's list of 2026-11-30"
    assert catalogue.resolve("claude-haiku-4.5").model == "claude-haiku-4-5"
    assert catalogue.models["claude-opus-5-5"].unlisted == ""
    assert catalogue.models["gemini-3.8-flash"].unlisted == ""


def test_a_plans_list_alone_says_what_is_on_the_plan() -> None:
    unread = a_catalogue()
    assert {model.on_plan for model in unread.models.values()} == {None}
    read = with_lists(unread, [a_list(*named("gpt-6.1-sol", "gpt-5.1"), key=PLAN, of_plan=True)])
    assert {name: read.models[name].on_plan for name in ("gpt-6.1-sol", "gpt-5.1", "gpt-6.2-sol")} == {
        "gpt-6.1-sol": True,
        "gpt-5.1": True,
        "gpt-6.2-sol": False,
    }
    assert read.models["gpt-6.2-sol"].unlisted == "not in your plan's list of 2026-11-30"
    by_key = with_lists(unread, [a_list(*named("gpt-6.1-sol"), key=CredentialKey(Provider.CHATGPT, "key"))])
    assert by_key.models["gpt-6.1-sol"].on_plan is None


def test_on_a_plan_a_model_is_asked_unless_plans_lost_it_and_this_one_does_not_list_it() -> None:
    unread = a_catalogue()
    lacking = with_lists(unread, [a_list(*named("gpt-6.1-sol"), key=PLAN, of_plan=True)])
    having = with_lists(unread, [a_list(*named("gpt-5.1"), key=PLAN, of_plan=True)])
    answers = {
        (name, words): catalogue.answering(catalogue.resolve(name), Payer.PLAN, TODAY).model.id
        for words, catalogue in (("unread", unread), ("lacking", lacking), ("having", having))
        for name in ("gpt-5.1-medium", "chatgpt/gpt-6.2-sol")
    }
    assert answers == {
        ("gpt-5.1-medium", "unread"): "gpt-6.1-sol",
        ("gpt-5.1-medium", "lacking"): "gpt-6.1-sol",
        ("gpt-5.1-medium", "having"): "gpt-5.1",
        ("chatgpt/gpt-6.2-sol", "unread"): "gpt-6.2-sol",
        ("chatgpt/gpt-6.2-sol", "lacking"): "gpt-6.2-sol",
        ("chatgpt/gpt-6.2-sol", "having"): "gpt-6.2-sol",
    }


def test_a_list_that_was_never_read_changes_nothing() -> None:
    assert with_lists(a_catalogue(), [ModelList(CLAUDE, NOON)]) == a_catalogue()


def test_a_model_that_leaves_the_list_is_kept_with_the_day_for_a_season() -> None:
    first = a_list(*named("claude-opus-6", "claude-opus-7"))
    later = following(first, a_list(*named("claude-opus-7"), at=NOON + timedelta(days=2)))
    gone = ListedModel("claude-opus-6", "claude-opus-6", missing_since=date(2026, 12, 2))
    assert later.models == (*named("claude-opus-7"), gone)
    catalogue = with_lists(a_catalogue(), [later])
    assert catalogue.presets["claude-opus-6"].tagline == "no longer in Claude's list"
    assert catalogue.models["claude-opus-6"].unlisted == "no longer in Claude's list since 2026-12-02"

    still = following(later, a_list(*named("claude-opus-7"), at=NOON + timedelta(days=40)))
    assert still.models[-1] == gone
    back = following(still, a_list(*named("claude-opus-6", "claude-opus-7"), at=NOON + timedelta(days=41)))
    assert back.models == named("claude-opus-6", "claude-opus-7")
    season = following(still, a_list(*named("claude-opus-7"), at=NOON + timedelta(days=100)))
    assert season.models == named("claude-opus-7")


def test_a_clock_that_is_off_by_a_year_does_no_harm() -> None:
    year = timedelta(days=365)
    kept = a_list(*named("claude-opus-6"))
    assert [kept.due(NOON + timedelta(hours=hours)) for hours in (0, 23, 24)] == [False, False, True]
    assert kept.due(NOON - year)  # read in what is the future by now: that clock counts for nothing
    assert kept.due(NOON + year)
    ahead = following(kept, a_list(*named("claude-opus-7"), at=NOON + year))
    again = following(ahead, a_list(*named("claude-opus-7"), at=NOON))
    assert again.models[-1] == ListedModel("claude-opus-6", "claude-opus-6", missing_since=TODAY)
