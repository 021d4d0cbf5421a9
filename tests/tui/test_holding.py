"""An open conversation keeps its model, account and credential until its own window changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Role, Turn
from domain.credential import CredentialKey
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held
from domain.session import Session
from entrypoints.tui.screens.question import Question
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

BEN = a_session(Provider.CHATGPT, account="ben", active=False)
KEY = an_api_key(Provider.CHATGPT)


def on_the_plan(*others: Session) -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    everything = (a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), *others)
    return TuiWorld(*everything, settings=settings, catalogue=load_catalogue())


async def send(pilot: Pilot[int], text: str) -> None:
    app_of(pilot).chat.composer.write(text)
    await pilot.press("enter")
    await settled(pilot)


def save_another_model(world: TuiWorld) -> None:
    world.config.select("claude-opus-5-5", AuthMode.CLAUDE)


def store_a_key(world: TuiWorld) -> None:
    world.sessions.save(KEY, activate=True)


def choose_a_key(world: TuiWorld) -> None:
    store_a_key(world)
    world.config.select("gpt-5.1-medium", AuthMode.APIKEY)


def choose_ben(world: TuiWorld) -> None:
    world.sessions.save(BEN, activate=True)


def sign_out_claude(world: TuiWorld) -> None:
    world.sessions.remove(a_session(Provider.CLAUDE).record.key)


def sign_in_again(world: TuiWorld) -> None:
    world.sessions.save(a_session(Provider.CHATGPT, session_id="another sign-in"), activate=True)


def sign_out(world: TuiWorld) -> None:
    world.sessions.remove(a_session(Provider.CHATGPT).record.key)


def sign_out_and_choose_ben(world: TuiWorld) -> None:
    sign_out(world)
    choose_ben(world)


def sign_out_and_choose_a_key(world: TuiWorld) -> None:
    sign_out(world)
    choose_a_key(world)


STAYS: tuple[Callable[[TuiWorld], None], ...] = (
    save_another_model,
    store_a_key,
    choose_a_key,
    choose_ben,
    sign_out_claude,
    sign_in_again,
)
WAITS: tuple[Callable[[TuiWorld], None], ...] = (sign_out, sign_out_and_choose_ben, sign_out_and_choose_a_key)


async def test_nothing_that_another_window_does_moves_the_conversation(start: Start) -> None:
    wrong: list[str] = []
    world = on_the_plan()
    async with start(world) as pilot:
        for change in STAYS:
            what = change.__name__
            change(world)
            app_of(pilot).poll()
            await settled(pilot)
            await send(pilot, what)
            request, credential = world.chat.requests[-1]
            answered = request.turns[-1].text, request.answering.model.id, credential.record.key
            if answered != (what, "gpt-6.1-sol", a_session(Provider.CHATGPT).record.key):
                wrong.append(f"{what}: {answered}")
    assert not wrong


@pytest.mark.parametrize("gone", WAITS)
async def test_where_its_credential_is_gone_the_message_is_parked_and_nothing_steps_in(
    start: Start, gone: Callable[[TuiWorld], None]
) -> None:
    world = on_the_plan()
    async with start(world) as pilot:
        await send(pilot, "before")
        gone(world)
        app_of(pilot).poll()
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "ChatGPT OAuth (ana@example.test) cannot be used any more" in seen
        await send(pilot, "after")
        assert isinstance(pilot.app.screen, Question)
        assert "/login --provider=chatgpt signs in again" in " ".join(screen_text(pilot.app).split())
        assert [message.text for message in world.outbox.messages.values()] == ["after"]
        await pilot.press("right", "enter")
        await settled(pilot)
        world.sessions.save(a_session(Provider.CHATGPT, session_id="again"), activate=True)
        app_of(pilot).poll()
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
    assert [request.turns[-1].text for request, _ in world.chat.requests] == ["before", "after"]
    assert all(credential.record.label == "ana@example.test" for _, credential in world.chat.requests)


async def test_a_key_that_another_one_replaces_is_not_followed(start: Start) -> None:
    """Under the same name: an earlier keyswitch had one place for the keys of a provider."""
    settings = selecting("gpt-5.1-medium", AuthMode.APIKEY)
    world = TuiWorld(KEY, settings=settings, catalogue=load_catalogue())
    async with start(world) as pilot:
        other = an_api_key(Provider.CHATGPT, "sk-fake-key-0000-9999")
        world.sessions.save(replace(other, record=replace(other.record, session_id="another")), activate=True)
        await send(pilot, "hello")  # before the window has looked
        assert world.chat.requests == []
        assert [message.text for message in world.outbox.messages.values()] == ["hello"]


async def test_a_choice_in_its_own_window_moves_it_and_says_who_pays(start: Start) -> None:
    world = on_the_plan(BEN)
    async with start(world) as pilot:
        await send(pilot, "/accounts use chatgpt ben")
        assert "Using ChatGPT plan (ben@example.test): no price per token." in screen_text(pilot.app)
        await send(pilot, "by ben")
        await send(pilot, "/model opus")
        assert "Pays: Console, per token (ana@example.test), $4/$20 per million tokens in/out." in screen_text(
            pilot.app
        )
        await send(pilot, "by ana")
    assert [credential.record.label for _, credential in world.chat.requests] == [
        "ben@example.test",
        "ana@example.test",
    ]


def kept(world: TuiWorld, held: Held | None) -> None:
    turns = (Turn(Role.USER, "hello", NOON), Turn(Role.ASSISTANT, "hi", NOON))
    world.conversations.begin(Conversation("earlier", NOON, "Earlier", turns, held))


async def test_a_resumed_conversation_goes_on_with_its_own_model_and_account(start: Start) -> None:
    world = on_the_plan(BEN)
    preset = load_catalogue().resolve("gpt-5.1-high")
    kept(world, Held(preset, BEN.record.key, Payer.PLAN, "ben@example.test"))
    async with start(world, continue_last=True) as pilot:
        assert "▶ GPT-5.1 High · this conversation" in screen_text(pilot.app)
        await send(pilot, "go on")
        assert world.chat.requests[-1][1].record.label == "ben@example.test"
        await send(pilot, "/model opus")
    again = world.conversations.latest()
    assert again is not None
    assert again.held is not None
    assert again.held.preset.id == "claude-opus-5-5"


async def test_a_resumed_conversation_whose_account_is_gone_sends_nothing(start: Start) -> None:
    world = on_the_plan()
    preset = load_catalogue().resolve("gpt-5.1-high")
    kept(world, Held(preset, CredentialKey(Provider.CHATGPT, "zoe"), Payer.PLAN, "zoe@example.test"))
    async with start(world, continue_last=True) as pilot:
        await send(pilot, "go on")
        assert "ChatGPT OAuth zoe@example.test" in " ".join(screen_text(pilot.app).split())
        assert [message.text for message in world.outbox.messages.values()] == ["go on"]
    assert world.chat.requests == []
