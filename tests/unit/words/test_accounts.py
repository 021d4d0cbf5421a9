"""The words that people read about accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.credential import Tombstone
from domain.provider import Provider
from domain.session import SessionState
from entrypoints.words.accounts import ASCII_SIGNS, clock_words, expiry_words, state_words, status_line
from tests.support.credentials import NOON, a_record, a_session, an_api_key
from tests.support.world import World


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=7), "expires in 7 days"),
        (timedelta(days=7, hours=-1), "expires in 7 days"),
        (timedelta(days=14), "expires in 14 days"),
        (timedelta(hours=36), "expires in 2 days"),
        (timedelta(hours=35), "expires in 35 hours"),
        (timedelta(hours=1), "expires in 1 hour"),
        (timedelta(minutes=59), "expires in 59 minutes"),
        (timedelta(seconds=30), "expires in 1 minute"),
        (timedelta(0), "expired"),
        (timedelta(days=-3), "expired"),
    ],
)
def test_a_known_end_of_the_sign_in_is_said_in_its_own_unit(left: timedelta, words: str) -> None:
    assert expiry_words(a_record(sign_in_expires_at=NOON + left), NOON) == words


def test_a_clock_that_was_set_back_promises_no_longer_sign_in_than_was_granted() -> None:
    record = a_record(sign_in_expires_at=NOON + timedelta(days=30))
    assert expiry_words(record, NOON - timedelta(days=3650)) == "expires in 30 days"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(minutes=3), "3 min ahead of"), (timedelta(minutes=-100), "100 min behind"),
        (timedelta(hours=26), "26 h ahead of"), (timedelta(hours=-2), "2 h behind"),
    ],
)  # fmt: skip
def test_a_clock_that_was_off_is_named_with_the_moment_and_the_next_step(ahead: timedelta, words: str) -> None:
    (line,) = clock_words(World(a_session(clock_ahead=ahead)).status())
    told = (
        f"This machine's clock was {words} Anthropic's when the Claude sign-in was last renewed, at 12:00 UTC by that"
    )
    assert line == f"{told} clock. keyswitch doctor looks again."


def test_a_clock_that_was_right_is_no_news() -> None:
    assert clock_words(World(a_session(), an_api_key()).status()) == []


def test_the_access_tokens_own_expiry_is_never_said() -> None:
    record = a_record(access_expires_at=NOON + timedelta(minutes=3))
    assert expiry_words(record, NOON) == "renews itself"


def test_a_session_without_renewal_says_so() -> None:
    assert expiry_words(a_record(renewable=False), NOON) == "cannot be renewed"


def test_an_ended_session_gives_the_providers_reason() -> None:
    record = a_record(tombstone=Tombstone("invalid_grant", NOON))
    assert expiry_words(record, NOON) == "invalid_grant"


def test_a_key_is_known_by_its_end() -> None:
    assert expiry_words(an_api_key().record, NOON) == "…1234"


def test_every_state_has_words() -> None:
    assert all(state_words(state) for state in SessionState)


def lines(world: World, **signs: dict[bool, str]) -> list[str]:
    report = world.status()
    return [status_line(status, report.at, **signs) for status in report.providers]


def test_the_status_is_a_sign_a_name_and_words() -> None:
    week = a_session(Provider.CHATGPT, sign_in_expires_at=NOON + timedelta(days=7))
    fortnight = a_session(Provider.CLAUDE, sign_in_expires_at=NOON + timedelta(days=14))
    assert lines(World(week, fortnight)) == [
        "✅ ChatGPT: logged in (expires in 7 days)",
        "✅ Claude: logged in (expires in 14 days)",
        "❌ Gemini: not logged in",
    ]


def test_a_key_and_an_ended_session_have_lines_of_their_own() -> None:
    ended = a_session(Provider.GEMINI)
    ended = replace(ended, record=replace(ended.record, tombstone=Tombstone("invalid_grant", NOON)))
    assert lines(World(an_api_key(), ended))[1:] == [
        "✅ Claude: API key …1234",
        "❌ Gemini: session ended (invalid_grant)",
    ]


def test_plain_terminals_get_plain_signs() -> None:
    assert lines(World(a_session(Provider.CHATGPT)), signs=ASCII_SIGNS)[::2] == [
        "[ok] ChatGPT: logged in (renews itself)",
        "[x] Gemini: not logged in",
    ]


def test_a_missing_client_is_explained_for_every_provider_and_never_with_a_vendors_own() -> None:
    for provider in Provider:
        text = " ".join(provider.facts.client_help)
        assert "config.toml" in text
        assert all(len(line) <= 110 for line in provider.facts.client_help)
    assert "keyswitch login claude --api-key" in " ".join(Provider.CLAUDE.facts.client_help)
    assert "Desktop app" in " ".join(Provider.GEMINI.facts.client_help)
