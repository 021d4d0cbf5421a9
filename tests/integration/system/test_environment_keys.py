from __future__ import annotations

import pytest

from adapters.system.environment_keys import ProcessEnvironmentKeys
from application.ports.environment import EnvironmentKeys
from domain.credential import CredentialKey, CredentialKind, Payer, Use
from domain.provider import Provider
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
    assert record.uses == {Use.CHAT}
    assert can_serve(record, NOON)
    assert state_of(record, NOON) is SessionState.API_KEY
    assert KEY not in repr(found)
