"""The decision behind a switch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.auth_mode import AuthMode
from domain.credential import CredentialRecord, Tombstone
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held
from domain.switching import NotPossible, PayerChanges, SignInRequired, Switch, SwitchInput, SwitchTo, decide
from tests.support.credentials import NOON, a_record, an_api_key
from tests.support.small_catalogue import a_catalogue

PRESET = a_catalogue().resolve("gpt-5.1-medium")
HELD_PLAN = Held(PRESET, a_record(Provider.CHATGPT).key, Payer.PLAN)
HELD_KEY = Held(PRESET, an_api_key(Provider.CHATGPT).record.key, Payer.API_BILLING, sign_in="key")


def deciding(name: str, *credentials: CredentialRecord, agreed: bool = False, **given: object) -> Switch:
    catalogue = a_catalogue()
    circumstances = SwitchInput(credentials=credentials, now=NOON, **given)  # type: ignore[arg-type]  # by name
    return decide(catalogue.resolve(name), catalogue, circumstances, payer_agreed=agreed)


def test_a_signed_in_provider_is_switched_to_with_its_own_session() -> None:
    switch = deciding("claude-haiku-4.5", a_record(Provider.CHATGPT), a_record(Provider.CLAUDE))
    assert isinstance(switch, SwitchTo)
    assert switch.selection.credential.provider is Provider.CLAUDE
    assert switch.selection.mode is AuthMode.CLAUDE
    assert switch.lines[0] == "Switched to Claude Haiku 4.5 (Claude OAuth)"


def test_a_retired_preset_keeps_its_words_and_a_second_line_says_who_answers() -> None:
    switch = deciding("Claude Opus 4.1", a_record(Provider.CLAUDE))
    assert isinstance(switch, SwitchTo)
    assert switch.lines == (
        "Switched to Claude Opus 4.1 (Claude OAuth)",
        "Claude Opus 4.1 was retired on 2026-08-05: Claude Opus 5.5 answers, $4/$20",
        "Pays: Console, per token (ana@example.test), $4/$20 per million tokens in/out.",
    )


def test_without_a_session_the_line_of_models_names_the_sign_in_it_needs() -> None:
    switch = deciding("claude-opus-4.1", a_record(Provider.CHATGPT))
    assert isinstance(switch, SignInRequired)
    assert switch.sentence == "Claude Opus requires Claude login."
    assert switch.provider is Provider.CLAUDE


def test_an_api_key_serves_where_no_session_is() -> None:
    switch = deciding("opus", an_api_key(Provider.CLAUDE).record)
    assert isinstance(switch, SwitchTo)
    assert switch.lines == (
        "Switched to Claude Opus 5.5 (Claude API key)",
        "Pays: API key, per token (…1234), $4/$20 per million tokens in/out.",
    )
    assert switch.selection.mode is AuthMode.APIKEY


ENDED = Tombstone("invalid_grant", NOON, "fingerprint")


def test_a_key_does_not_begin_to_pay_because_the_session_of_a_plan_has_ended() -> None:
    beside = (a_record(Provider.CHATGPT, tombstone=ENDED), an_api_key(Provider.CHATGPT).record)
    assert isinstance(deciding("gpt", *beside), PayerChanges)
    assert isinstance(deciding("gpt", *beside, agreed=True), SwitchTo)
    assert isinstance(deciding("gpt", *beside, preferred=AuthMode.APIKEY), SwitchTo)
    assert isinstance(deciding("gpt", an_api_key(Provider.CHATGPT).record), SwitchTo)


def test_a_key_goes_on_for_a_session_that_was_paid_per_token_as_well() -> None:
    beside = (a_record(Provider.CLAUDE, payer=Payer.CONSOLE, tombstone=ENDED), an_api_key(Provider.CLAUDE).record)
    assert isinstance(deciding("opus", *beside), SwitchTo)


def test_a_session_comes_before_a_key_and_a_preferred_key_before_a_session() -> None:
    both = (a_record(Provider.CLAUDE), an_api_key(Provider.CLAUDE).record)
    by_default, preferring = deciding("opus", *both), deciding("opus", *both, preferred=AuthMode.APIKEY)
    assert isinstance(by_default, SwitchTo)
    assert by_default.selection.mode is AuthMode.CLAUDE
    assert isinstance(preferring, SwitchTo)
    assert preferring.selection.mode is AuthMode.APIKEY


def test_moving_from_a_plan_to_a_key_asks_first_and_goes_through_once_agreed() -> None:
    key = an_api_key(Provider.CLAUDE).record
    assert isinstance(deciding("opus", key, current=HELD_PLAN), PayerChanges)
    assert isinstance(deciding("opus", key, current=HELD_PLAN, agreed=True), SwitchTo)
    assert isinstance(deciding("opus", key, current=HELD_KEY), SwitchTo)


def test_moving_from_a_plan_to_another_sign_in_does_not_ask() -> None:
    assert isinstance(deciding("opus", a_record(Provider.CLAUDE), current=HELD_PLAN), SwitchTo)


def test_a_plan_answers_with_what_it_has_and_a_key_with_the_model_itself() -> None:
    by_plan = deciding("gpt-5.1-medium", a_record(Provider.CHATGPT))
    by_key = deciding("gpt-5.1-medium", an_api_key(Provider.CHATGPT).record)
    assert isinstance(by_plan, SwitchTo)
    assert by_plan.selection.answering.model.id == "gpt-6.1-sol"
    assert by_plan.lines[1] == "GPT-5.1 Medium has left ChatGPT plans: GPT-6.1 Sol answers, paid by the plan"
    assert isinstance(by_key, SwitchTo)
    assert by_key.selection.answering.model.id == "gpt-5.1"
    assert by_key.lines[1:] == ("Pays: API key, per token (…1234), $1.25/$10 per million tokens in/out.",)


@pytest.mark.parametrize(
    "unable",
    [
        a_record(Provider.CLAUDE, tombstone=Tombstone("revoked", NOON)),
        a_record(Provider.CLAUDE, renewable=False, obtained_at=NOON - timedelta(hours=1), access_expires_at=NOON),
    ],
    ids=["ended by the provider", "expired and not renewable"],
)
def test_a_session_that_can_serve_no_more_counts_as_signed_out(unable: CredentialRecord) -> None:
    assert isinstance(deciding("opus", unable), SignInRequired)


def test_an_expired_session_that_can_be_renewed_is_enough() -> None:
    assert isinstance(deciding("opus", a_record(access_expires_at=NOON - timedelta(days=3))), SwitchTo)


def test_the_active_account_is_used_and_not_its_neighbour() -> None:
    idle, active = a_record(account="aaron", active=False), a_record(account="zoe")
    switch = deciding("opus", idle, active)
    assert isinstance(switch, SwitchTo)
    assert switch.selection.credential is active


def test_a_preset_without_a_model_is_not_possible() -> None:
    catalogue = a_catalogue()
    preset = catalogue.resolve("claude/ ".strip() + "x")
    empty = type(preset)(id="mine", label="Mine", model="  ", provider=Provider.CLAUDE)
    given = SwitchInput(credentials=(a_record(Provider.CLAUDE),), now=NOON)
    assert isinstance(decide(empty, catalogue, given), NotPossible)
