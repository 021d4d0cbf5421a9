"""A sign-in of another program: chosen by hand, read, and never renewed here."""

from __future__ import annotations

import pytest

from application.use_cases.send_message import Answered
from domain.conversation import Conversation
from domain.conversations.thread import Thread
from domain.credential import CredentialKind
from domain.errors import AuthRejected, SourceUnusable
from domain.provider import Provider
from domain.session import Session, SessionState
from domain.switching import SwitchTo
from domain.text.secret import Secret
from tests.support.credentials import NOON, a_session
from tests.support.world import World


def a_world() -> World:
    world = World(model="claude-opus-5-5")
    world.borrowed.sign_in("default")
    return world


async def ask(world: World) -> None:
    switch = world.select("claude-opus-5-5")
    assert isinstance(switch, SwitchTo)
    thread = Thread(Conversation(id="c", started=NOON), saved=False)
    events = [event async for event in world.send(thread, "Hello", switch.selection)]
    assert isinstance(events[-1], Answered)


def test_a_profile_is_used_only_once_its_owner_says_so() -> None:
    world = a_world()
    assert not isinstance(world.select("claude-opus-5-5"), SwitchTo)
    assert world.borrow_profile("default").label == "default"
    switch = world.select("claude-opus-5-5")
    assert isinstance(switch, SwitchTo)
    assert switch.lines[0] == "Switched to Claude Opus 5.5 (Claude borrowed profile)"
    assert world.status().providers[1].state is SessionState.BORROWED


def test_a_profile_that_cannot_be_used_changes_nothing() -> None:
    world = a_world()
    with pytest.raises(SourceUnusable, match="none of that name"):
        world.borrow_profile("work")
    assert world.config.read().claude_profile is None


def test_a_profile_that_is_gone_is_named_and_the_rest_goes_on() -> None:
    world = a_world()
    world.borrow_profile("default")
    world.borrowed.sessions.clear()
    assert "none of that name" in world.status().notices[0]


def test_a_session_of_ones_own_comes_first() -> None:
    world = a_world()
    world.borrow_profile("default")
    world.sessions.save(a_session(Provider.CLAUDE))
    switch = world.select("claude-opus-5-5")
    assert isinstance(switch, SwitchTo)
    assert switch.selection.credential.kind is CredentialKind.OAUTH


async def test_its_token_is_read_for_each_message_and_never_renewed() -> None:
    world = a_world()
    world.borrow_profile("default")
    await ask(world)
    world.borrowed.sign_in("default", "sk-ant-oat-fake-0002")
    await ask(world)
    tokens = [credential.access_token for _, credential in world.chat.requests if isinstance(credential, Session)]
    assert tokens == [Secret("sk-ant-oat-fake-0001"), Secret("sk-ant-oat-fake-0002")]
    assert world.oauth.renewals == []


async def test_a_refused_token_is_not_sent_again() -> None:
    world = a_world()
    world.borrow_profile("default")
    world.chat.answers = [(AuthRejected(Provider.CLAUDE),)]
    with pytest.raises(AuthRejected, match="no newer token"):
        await ask(world)
    assert len(world.chat.requests) == 1


async def test_where_its_program_has_a_newer_token_by_then_the_message_is_sent_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = a_world()
    world.borrow_profile("default")
    world.chat.answers = [(AuthRejected(Provider.CLAUDE),)]
    old = world.borrowed.sessions["default"]
    world.borrowed.sign_in("default", "sk-ant-oat-fake-0002")
    read = iter([old, world.borrowed.sessions["default"]])
    monkeypatch.setattr(world.borrowed, "load", lambda _: next(read))
    await ask(world)
    assert len(world.chat.requests) == 2
    assert world.oauth.renewals == []


def test_what_was_borrowed_can_be_given_back() -> None:
    world = a_world()
    world.borrow_profile("default")
    assert world.borrow_profile.end() == "default"
    assert world.status().providers[1].credential is None
    assert world.borrow_profile.end() is None
