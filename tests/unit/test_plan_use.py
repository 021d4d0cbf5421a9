"""Signed in, and use of the plan not allowed: the session is kept, shown as what it is, and never sent to the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.auth_mode import AuthMode
from domain.conversation import Conversation
from domain.conversations.thread import Thread
from domain.credential import CredentialRecord, Tombstone
from domain.errors import AuthRejected, PlanUseOff
from domain.provider import Provider
from domain.session import Session, SessionState, can_serve, renewed, state_of
from domain.switching import PayerChanges, SignInRequired, SwitchTo
from domain.text.secret import Secret
from entrypoints.words.accounts import state_words, status_line
from entrypoints.words.errors import command_for, trouble
from entrypoints.words.sign_in import signed_in_words
from tests.support.credentials import NOON, a_record, a_session, an_api_key
from tests.support.fake_oauth import FakeDialog, callback_of
from tests.support.world import World

GPT = Provider.CHATGPT
PLAN = "plan.use"
OFF: dict[str, Any] = {"plan_scope": PLAN, "scopes": ("openid",)}
ON: dict[str, Any] = {"plan_scope": PLAN, "scopes": ("openid", PLAN)}


def a_thread() -> Thread:
    return Thread(Conversation("c1", NOON))


def at_chatgpt(*others: Any, **changes: Any) -> World:
    """Ana at ChatGPT, whose default model is selected."""
    return World(a_session(GPT, **changes), *others, model="gpt-5.1-medium", mode=AuthMode.CHATGPT)


# What is told from the record


@pytest.mark.parametrize(
    ("record", "off"),
    [
        (a_record(GPT, **OFF), True),
        (a_record(GPT, **ON), False),
        (a_record(GPT, plan_scope=PLAN, scopes=()), True),
        (a_record(GPT, scopes=("openid",)), False),  # a client of one's own, an imported session
        (an_api_key(GPT).record, False),
    ],
)
def test_plan_use_is_off_where_its_permission_was_not_given(record: CredentialRecord, off: bool) -> None:
    assert record.plan_use_off is off
    assert can_serve(record, NOON) is not off


def test_who_is_signed_in_stays_signed_in() -> None:
    assert state_of(a_record(GPT, **OFF), NOON) is SessionState.LOGGED_IN


@pytest.mark.parametrize(
    ("before", "named", "after"),
    [
        (ON["scopes"], ("openid",), True),
        (OFF["scopes"], ("openid", PLAN), False),
        (ON["scopes"], (), False),
        (OFF["scopes"], (), True),
    ],
    ids=["taken back", "given", "nothing said, on", "nothing said, off"],
)
def test_a_renewal_is_taken_at_its_word_and_one_that_names_no_scope_changes_none(
    before: tuple[str, ...], named: tuple[str, ...], after: bool
) -> None:
    session = a_session(GPT, plan_scope=PLAN, scopes=before)
    answer = Session(a_record(GPT, scopes=named), Secret("fake-access-2"))
    assert renewed(session, by=answer).record.plan_use_off is after


# What is shown


def test_the_status_says_so_and_the_selected_credential_is_not_usable() -> None:
    report = at_chatgpt(sign_in_expires_at=NOON + timedelta(days=30), **OFF).status()
    chatgpt = report.providers[0]
    assert status_line(chatgpt, report.at) == "❌ ChatGPT: logged in, plan use is off (expires in 30 days)"
    assert (chatgpt.signed_in, chatgpt.serves, report.usable) == (True, False, False)


def test_a_session_that_has_ended_is_shown_as_that_and_no_more() -> None:
    ended = a_record(GPT, tombstone=Tombstone("revoked", NOON), **OFF)
    assert state_words(state_of(ended, NOON), ended) == "session ended"


def test_the_result_of_a_sign_in_names_no_payer() -> None:
    words = signed_in_words(a_record(GPT, **OFF), "ana@example.test")
    assert words == "Logged in to ChatGPT as ana@example.test (plan use is off)"


# What is not sent


async def test_a_model_is_not_selected_and_no_message_reaches_the_api() -> None:
    world = at_chatgpt(**OFF)
    switch = world.select("gpt-5.1-high")
    assert switch == SignInRequired(world.catalogue.resolve("gpt-5.1-high"), plan_use_off=True)
    assert "use of the ChatGPT plan is off" in switch.sentence
    assert world.snapshot().selection is None
    assert world.config.settings.model == "gpt-5.1-medium"
    assert world.events.facts("selection_refused")[-1]["reason"] == "plan_use_off"


async def test_a_permission_that_goes_with_a_renewal_stops_the_message_that_waited_for_it() -> None:
    world = at_chatgpt(obtained_at=NOON - timedelta(hours=2), access_expires_at=NOON - timedelta(hours=1), **ON)
    selection, thread = world.snapshot().selection, a_thread()
    assert selection is not None
    world.oauth.granted = ("openid",)

    with pytest.raises(PlanUseOff, match="Nothing was sent or changed"):
        [event async for event in world.send(thread, "hi", selection)]

    assert (world.chat.requests, thread.conversation.turns) == ([], ())
    assert world.sessions.records()[0].plan_use_off


async def test_a_permission_that_goes_with_the_renewal_after_a_401_stops_the_replay() -> None:
    world, thread = at_chatgpt(**ON), a_thread()
    selection = world.snapshot().selection
    assert selection is not None
    world.chat.answers = [(AuthRejected(GPT),)]
    world.oauth.granted = ("openid",)

    with pytest.raises(PlanUseOff):
        [event async for event in world.send(thread, "hi", selection)]

    assert len(world.chat.requests) == 1


async def test_a_permission_that_comes_with_a_renewal_is_used_at_once() -> None:
    world = at_chatgpt(**OFF)
    world.oauth.granted = ("openid", PLAN)
    (record,) = world.sessions.records()
    await world.renewal(record.key, rejected=record.generation)
    assert world.snapshot().selection is not None


async def test_the_provider_is_not_asked_whether_it_accepts_such_a_session() -> None:
    world = at_chatgpt(**OFF)
    (checked,) = await world.check()
    assert isinstance(checked.error, PlanUseOff)
    assert world.chat.checked == []


async def test_an_account_without_plan_use_is_not_chosen_in_the_place_of_one_that_has_it() -> None:
    world = at_chatgpt(a_session(GPT, account="ben", active=False, **OFF), **ON)
    with pytest.raises(PlanUseOff, match=r"^ben@example\.test is signed in to ChatGPT, but"):
        world.choose_account(GPT, "ben")
    assert [record.key.account for record in world.sessions.records() if record.active] == ["ana"]


# The ways on


def test_the_next_step_names_the_account_where_one_was_named() -> None:
    mine, named = PlanUseOff(GPT), PlanUseOff(GPT, account="ben at work")
    assert command_for(mine) == "keyswitch login chatgpt"
    assert trouble(mine).endswith(" Run /login --provider=chatgpt")
    assert command_for(named) == "keyswitch login chatgpt --account 'ben at work'"
    assert trouble(named).endswith(" Run /login --provider=chatgpt --account ben at work")


def test_a_key_beside_it_answers_once_somebody_agrees_and_not_by_itself() -> None:
    world = at_chatgpt(an_api_key(GPT), **OFF)
    assert world.snapshot().selection is None
    assert isinstance(world.select("gpt-5.1-medium"), PayerChanges)

    agreed = world.select("gpt-5.1-medium", payer_agreed=True)

    assert isinstance(agreed, SwitchTo)
    assert agreed.selection.mode is AuthMode.APIKEY
    selection = world.snapshot().selection
    assert selection is not None
    assert selection.mode is AuthMode.APIKEY


async def test_a_first_sign_in_without_it_selects_nothing_and_the_next_one_with_it_selects_and_mends() -> None:
    world = World()
    world.oauth.plan_scope = PLAN
    world.oauth.granted = ("openid",)
    world.listener.callbacks.put_nowait(callback_of("ana"))
    first = await world.sign_in.by_browser(GPT, FakeDialog())
    assert (first.record.plan_use_off, first.selected) == (True, None)
    assert world.listener.pages[-1].detail.startswith("You are signed in as ana@example.test, but use of your plan")
    assert world.events.facts("signed_in")[-1]["plan_use"] == "off"

    world.oauth.granted = ("openid", PLAN)
    world.listener.callbacks.put_nowait(callback_of("ana"))
    again = await world.sign_in.by_browser(GPT, FakeDialog())

    assert not again.record.plan_use_off
    assert again.selected is not None
    assert world.status().usable
