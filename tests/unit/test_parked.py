"""What is parked, where it belongs, at whose expense it goes out, and what is offered instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from application.use_cases.parked_messages import ParkedMessages
from domain.credential import CredentialRecord
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    BrokenStream,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    PlanUseOff,
    Refused,
    RenewalPaused,
    SessionEnded,
    SignInNeeded,
    StoreNotWritable,
)
from domain.outbox.offers import others
from domain.outbox.parked import Parked, ParkedState, is_over_at, is_parked_for
from domain.provider import Provider
from domain.selection import Held, Selection
from domain.switching import SwitchInput, SwitchTo, decide
from tests.support.credentials import NOON, a_record, an_api_key
from tests.support.memory_outbox import MemoryOutbox
from tests.support.small_catalogue import a_catalogue

CLAUDE, CHATGPT, GEMINI = Provider.CLAUDE, Provider.CHATGPT, Provider.GEMINI


def selecting(name: str, record: CredentialRecord) -> Selection:
    catalogue = a_catalogue()
    switch = decide(catalogue.resolve(name), catalogue, SwitchInput((record,), NOON))
    assert isinstance(switch, SwitchTo)
    return switch.selection


def a_message(held: Held | None = None, **changes: object) -> Parked:
    return replace(Parked("1", "here", True, "why?", NOON, held), **changes)  # type: ignore[arg-type]  # by name


def test_it_waits_for_what_passes_or_can_be_mended_and_for_nothing_else() -> None:
    parked: dict[KeyswitchError, bool] = {
        SignInNeeded(CLAUDE, "Claude Opus"): True,
        PlanUseOff(CHATGPT): True,
        SessionEnded(CLAUDE, "invalid_grant"): True,
        AuthRejected(CLAUDE): True,
        Offline(CLAUDE, "no route"): True,
        Overloaded(CLAUDE): True,
        LimitReached(CLAUDE): True,
        RenewalPaused(CLAUDE, "timeout", seconds=3): True,
        Refused(CLAUDE, "policy"): False,
        BrokenStream(CLAUDE): False,
        AnswerUnreadable(CLAUDE, "a page"): False,
        StoreNotWritable("auth.json", "disk full"): False,
    }
    assert {error: is_parked_for(error) for error in parked} == parked


def test_the_end_of_it_is_what_the_provider_says_and_none_is_invented() -> None:
    at = NOON + timedelta(hours=3)
    assert is_over_at(LimitReached(CLAUDE, resets_at=at)) == at
    assert is_over_at(Overloaded(CLAUDE, retry_after=30, retry_at=at)) == at
    assert [is_over_at(error) for error in (LimitReached(CLAUDE), Overloaded(CLAUDE), Offline(CLAUDE, ""))] == [
        None
    ] * 3


def test_it_belongs_to_its_conversation_and_before_that_has_begun_to_any_empty_one() -> None:
    belongs = {
        (begun, name, open_begun): a_message(begun=begun).is_of(name, begun=open_begun)
        for begun in (True, False)
        for name in ("here", "elsewhere")
        for open_begun in (True, False)
    }
    assert belongs == {
        (True, "here", True): True,
        (True, "here", False): True,
        (True, "elsewhere", True): False,
        (True, "elsewhere", False): False,
        (False, "here", True): True,
        (False, "here", False): True,
        (False, "elsewhere", True): False,
        (False, "elsewhere", False): True,
    }


def test_no_other_credential_carries_it_unasked() -> None:
    ana, ben, key = a_record(CLAUDE), a_record(CLAUDE, account="ben"), an_api_key(CLAUDE).record
    meant_for_ana = a_message(selecting("opus", ana).held)
    assert meant_for_ana.is_paid_by(replace(ana, generation=7, session_id="a later sign-in of the same account"))
    assert not any(meant_for_ana.is_paid_by(record) for record in (ben, key, a_record(CHATGPT)))
    assert a_message(selecting("opus", key).held).is_paid_by(key)
    assert not a_message(selecting("opus", key).held).is_paid_by(replace(key, session_id="another key"))
    assert a_message(None).is_paid_by(key), "nobody was to pay for it"


def test_others_are_offered_plan_first_each_by_what_was_used_last_or_the_default() -> None:
    records = (a_record(CLAUDE), a_record(CHATGPT), a_record(GEMINI, active=False))
    given = SwitchInput(records, NOON)

    def offered(without: Provider, *used: str) -> list[str]:
        return [selection.preset.id for selection in others(without, a_catalogue(), given, used)]

    assert offered(GEMINI) == ["gpt-5.1-medium", "claude-opus-5-5"]
    assert offered(CHATGPT) == ["claude-opus-5-5"], "nobody is signed in to Gemini who answers what begins"
    assert offered(CHATGPT, "claude-haiku-4.5", "claude-opus-5-5") == ["claude-haiku-4.5"]
    assert offered(CHATGPT, "gone", "gpt-5.1-medium") == ["claude-opus-5-5"]
    assert others(CHATGPT, a_catalogue(), SwitchInput((a_record(CHATGPT),), NOON), ()) == ()


def test_one_that_is_not_to_be_saved_never_reaches_the_disk_and_is_taken_once() -> None:
    disk = MemoryOutbox()
    parked = ParkedMessages(outbox=disk)
    assert parked.park(a_message(), saved=False) is None
    assert disk.messages == {}
    assert parked.look().messages == (a_message(),)
    assert [parked.take("1"), parked.take("1")] == [True, False]
    assert [message.state for message in parked.look().messages] == [ParkedState.SENDING]
    parked.park(a_message(cause="offline"), saved=False)
    assert parked.look().messages == (a_message(cause="offline"),)
    parked.forget("1")
    assert parked.look().messages == ()


def test_a_disk_that_fails_loses_nothing_and_is_told_of() -> None:
    disk = MemoryOutbox()
    parked = ParkedMessages(outbox=disk)
    disk.fail_with = StoreNotWritable("outbox", "disk full")
    assert parked.park(a_message(), saved=True) is disk.fail_with
    assert parked.look().messages == (a_message(),)
    assert parked.take("1")
    parked.forget("1")
    assert parked.look().messages == ()
