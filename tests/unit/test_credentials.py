"""Which credential a request carries where something changes while it is under way."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from application.settings import Settings
from domain.credential import UNNAMED
from domain.errors import AuthRejected, SignInNeeded
from domain.provider import Provider
from domain.session import ApiKey, Credential
from domain.switching import SwitchTo
from domain.text.key_command import KeyCommand
from domain.text.secret import Secret
from tests.support.credentials import a_session
from tests.support.world import World


async def test_a_sign_in_of_somebody_else_that_came_meanwhile_is_not_sent_in_the_place_of_a_refused_one() -> None:
    mine = a_session(account=f"{UNNAMED}1")
    world = World(mine)
    switch = world.select("opus")
    assert isinstance(switch, SwitchTo)
    sent: list[Credential] = []

    async def refused(credential: Credential) -> AsyncGenerator[str, None]:
        sent.append(credential)
        world.sessions.save(a_session(account=f"{UNNAMED}1", session_id="of-somebody-else", generation=2))
        if len(sent) == 1:
            raise AuthRejected(Provider.CLAUDE)
        yield "answer"

    selection = switch.selection
    events = world.credentials.stream(refused, selection.credential, purpose="Opus", held=selection.held)
    with pytest.raises(SignInNeeded, match="no other takes its place"):
        await anext(events)
    assert sent == [mine]


PRINTS = KeyCommand(Provider.CLAUDE, ("pass", "show", "anthropic"))


async def sent_with_a_printed_key(world: World, accepted: str) -> list[str]:
    """The keys that are sent until *accepted* is, each as its last four characters."""
    sent: list[str] = []

    async def asked(credential: Credential) -> AsyncGenerator[str, None]:
        assert isinstance(credential, ApiKey)
        sent.append(credential.value.hint)
        if credential.value != Secret(accepted):
            world.key_commands.prints(PRINTS, "sk-ant-api03-made-up-5678")
            raise AuthRejected(Provider.CLAUDE)
        yield "answer"

    switch = world.select("opus")
    assert isinstance(switch, SwitchTo)
    with suppress(AuthRejected):
        assert await anext(world.credentials.stream(asked, switch.selection.credential, purpose="Opus")) == "answer"
    return sent


async def test_a_refused_key_of_a_command_is_printed_once_more_and_no_oftener() -> None:
    both = ["…1234", "…5678"]
    cases = {"sk-ant-api03-made-up-1234": both[:1], "sk-ant-api03-made-up-5678": both, "no key": both}
    for accepted, expected in cases.items():
        world = World(settings=Settings(key_commands=(PRINTS,)))
        world.key_commands.prints(PRINTS, "sk-ant-api03-made-up-1234")
        assert await sent_with_a_printed_key(world, accepted) == expected
        assert world.key_commands.runs == len(expected)


async def test_the_same_key_once_more_is_not_sent_again() -> None:
    world = World(settings=Settings(key_commands=(PRINTS,)))
    world.key_commands.prints(PRINTS, "sk-ant-api03-made-up-5678")
    assert await sent_with_a_printed_key(world, "another") == ["…5678"]
    assert world.key_commands.runs == 2
