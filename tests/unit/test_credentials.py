"""Which credential a request carries where something changes while it is under way."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from domain.credential import UNNAMED
from domain.errors import AuthRejected, SignInNeeded
from domain.provider import Provider
from domain.session import Credential
from domain.switching import SwitchTo
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
