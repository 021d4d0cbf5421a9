from __future__ import annotations

import pytest

from adapters.system.environment_keys import ProcessEnvironmentKeys
from application.ports.elsewhere.environment import EnvironmentKeys
from domain.credential import CredentialKey, CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import SessionState, can_serve, state_of
from tests.support.fixed_clock import NOON, FixedClock

KEY = "fake-key-of-ana-1234"


def keys(**environ: str) -> EnvironmentKeys:
    return ProcessEnvironmentKeys(environ=environ, clock=FixedClock())


def test_an_empty_environment_holds_no_key() -> None:
    assert keys().present() == {}
    assert [keys().key(provider) for provider in Provider] == [None, None, None]


def test_each_vendors_variable_is_known() -> None:
    assert keys(OPENAI_API_KEY=KEY, ANTHROPIC_API_KEY=KEY, GEMINI_API_KEY=KEY, OTHER_API_KEY=KEY).present() == {
        Provider.CHATGPT: "OPENAI_API_KEY",
        Provider.CLAUDE: "ANTHROPIC_API_KEY",
        Provider.GEMINI: "GEMINI_API_KEY",
    }


def test_of_googles_two_variables_the_one_named_after_gemini_counts() -> None:
    both = keys(GEMINI_API_KEY="fake-gemini-1", GOOGLE_API_KEY="fake-google-1").key(Provider.GEMINI)
    assert both is not None
    assert both.value.reveal() == "fake-gemini-1"
    assert keys(GOOGLE_API_KEY=KEY).present() == {Provider.GEMINI: "GOOGLE_API_KEY"}


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nend", "käse", "esc\x1b"])
def test_what_cannot_be_sent_as_a_key_is_none(value: str) -> None:
    assert keys(OPENAI_API_KEY=value).present() == {}
    assert keys(OPENAI_API_KEY=value).key(Provider.CHATGPT) is None


def test_a_key_says_where_it_lies_and_who_pays() -> None:
    found = keys(ANTHROPIC_API_KEY=f" {KEY}\n").key(Provider.CLAUDE)
    assert found is not None
    assert found.value.reveal() == KEY
    record = found.record
    assert record.key == CredentialKey(Provider.CLAUDE, "env:ANTHROPIC_API_KEY", CredentialKind.API_KEY)
    assert (record.label, record.payer, record.obtained_at) == ("…1234", Payer.API_BILLING, NOON)
    assert can_serve(record, NOON)
    assert state_of(record, NOON) is SessionState.API_KEY
    assert KEY not in repr(found)


def test_a_key_of_another_vendor_is_not_used_and_named() -> None:
    found = keys(
        OPENAI_API_KEY="sk-ant-api03-MADE-UP-1234",
        GEMINI_API_KEY="gsk_madeup00000000",
        GOOGLE_API_KEY="AQ.made-up-0001",
    )
    assert found.present() == {Provider.GEMINI: "GOOGLE_API_KEY"}
    assert found.key(Provider.CHATGPT) is None
    assert found.refused() == (
        "OPENAI_API_KEY is not used: it holds what looks like Claude's, not a ChatGPT API key.",
        "GEMINI_API_KEY is not used: it holds what looks like Groq's, not a Gemini API key.",
    )


def test_what_surrounds_a_key_in_a_variable_is_taken_away() -> None:
    for value in ('"sk-proj-MADE-UP-0000"', "\ufeffsk-proj-MADE-UP-0000\r\n", "Bearer sk-proj-MADE-UP-0000"):
        found = keys(OPENAI_API_KEY=value).key(Provider.CHATGPT)
        assert found is not None
        assert found.value.reveal() == "sk-proj-MADE-UP-0000"
