"""What is said about the payer and the vendor's rules, before and after a sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.provider import Provider
from domain.provider_facts.payer import Payer
from entrypoints.words.payer import payer_words
from entrypoints.words.sign_in import after_sign_in
from tests.support.credentials import NOON, a_record


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (Provider.CHATGPT, "Your ChatGPT plan pays"),
        (Provider.CLAUDE, "Anthropic lets no other program use a Claude Pro or Max plan"),
        (Provider.GEMINI, "Google lets no other program use a Google AI plan"),
    ],
)
def test_who_pays_and_what_is_permitted_is_said_before_anything_is_opened(provider: Provider, words: str) -> None:
    assert words in provider.facts.before_sign_in


def test_a_plan_is_named_in_the_words_that_openai_asks_for_with_the_page_to_manage_it() -> None:
    (line,) = after_sign_in(a_record(Provider.CHATGPT))
    assert line.startswith("Using ChatGPT plan")
    assert "Manage usage: https://chatgpt.com/settings/usage" in line
    assert payer_words(Payer.PLAN) == "Using ChatGPT plan"
    assert payer_words(Payer.CONSOLE) == "pays: Console, per token"


@pytest.mark.parametrize(("days", "said"), [(7, True), (30, False)])
def test_a_google_sign_in_of_seven_days_is_explained(days: int, said: bool) -> None:
    record = a_record(Provider.GEMINI, sign_in_expires_at=NOON + timedelta(days=days))
    assert bool(after_sign_in(record)) is said
    assert after_sign_in(a_record(Provider.CLAUDE, sign_in_expires_at=NOON + timedelta(days=7))) == ()
