from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.credential import CredentialKey
from domain.model import Model
from domain.model_lists.listed import ListedModel, ModelList
from domain.model_lists.merging import with_lists
from domain.provider import Provider
from entrypoints.words.model_lists import age_words, list_remarks, short_age
from tests.support.small_catalogue import a_catalogue

NOON = datetime(2026, 11, 30, 14, 2, tzinfo=UTC)
AGO = timedelta(days=10)


def a_list(provider: Provider, at: datetime, *, of_plan: bool = False) -> ModelList:
    return ModelList(CredentialKey(provider, "ana"), at, at, of_plan, (ListedModel("claude-opus-6", "Claude Opus 6"),))


def test_how_old_the_facts_are_is_said_for_each_list_and_for_the_prices() -> None:
    built_in = replace(a_catalogue(), as_of=date(2026, 11, 28))
    claude, plan = a_list(Provider.CLAUDE, NOON), a_list(Provider.CHATGPT, NOON, of_plan=True)
    old, future = a_list(Provider.GEMINI, NOON - AGO), a_list(Provider.GEMINI, NOON + 36 * AGO)
    said = {
        name: (age_words(with_lists(built_in, lists), NOON), short_age(with_lists(built_in, lists), NOON))
        for name, lists in {
            "none": [], "today": [plan, claude], "both": [claude, old], "old": [old], "future": [future]
        }.items()
    }  # fmt: skip
    prices = "Prices are of 2026-11-28."
    assert said == {
        "none": (
            "These facts are of 2026-11-28. keyswitch models --refresh asks the providers for their lists.",
            "facts of 2026-11-28",
        ),
        "today": (f"Lists read today 14:02. {prices}", "lists of today 14:02"),
        "both": (f"Claude's list read today 14:02; Gemini's list of 2026-11-20. {prices}", "lists of 2026-11-20"),
        "old": (f"Gemini's list of 2026-11-20. {prices}", "lists of 2026-11-20"),
        "future": (f"Gemini's list of 2027-11-25. {prices}", "lists of 2027-11-25"),
    }


def test_a_model_is_said_to_be_missing_from_a_list_unless_it_is_retired_anyway() -> None:
    missing = Model("claude-9", Provider.CLAUDE, "Claude 9", unlisted="not in Claude's list of 2026-11-30")
    assert list_remarks(missing, NOON) == ("Claude 9 is not in Claude's list of 2026-11-30.",)
    assert list_remarks(replace(missing, ends=date(2026, 1, 1)), NOON) == ()
    new = Model("claude-9", Provider.CLAUDE, "Claude\x1b[31m 9", from_list=True, ends=date(2027, 3, 1))
    assert list_remarks(new, NOON) == ("Claude 9 ends on 2027-03-01.",)
