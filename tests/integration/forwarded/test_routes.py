"""Requests through a laptop go over connections of their own: the wrong account would answer otherwise, and pay."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import httpx2
import pytest

from adapters.chat import router
from adapters.chat.router import ProviderChatClient
from adapters.http.origin import Origin
from domain.provider import Provider
from domain.session import Credential, Forwarded
from tests.support.credentials import a_session
from tests.support.fake_agent import FakeAgent, Relayed, serving
from tests.support.fake_laptops import a_forwarded_record
from tests.support.mock_chat_network import Network, answer_of, chat_over, question, stream_of, text_of
from tests.support.recorded_answers import RECORDED, TEXT
from tests.support.short_folder import short_folder

CLAUDE = Provider.CLAUDE


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    with short_folder() as folder, serving(FakeAgent(), folder) as agent:
        agent.relays = lambda _: Relayed(RECORDED[CLAUDE].body)
        yield agent


async def asked_in_turn(client: ProviderChatClient, *credentials: Credential) -> list[str]:
    return [text_of(await answer_of(client, question(CLAUDE), credential)) for credential in credentials]


def lent_by(agent: FakeAgent, account: str = "ben") -> Forwarded:
    return Forwarded(a_forwarded_record(CLAUDE, account=account), agent.path)


async def mixed_up(agent: FakeAgent) -> list[str]:
    """What went where it should not, when a local and two forwarded credentials of one origin take turns."""
    network = Network(stream_of(RECORDED[CLAUDE].body))
    client, mine, bens, carols = chat_over(network), a_session(CLAUDE), lent_by(agent), lent_by(agent, "carol")
    answers = await asked_in_turn(client, mine, bens, mine, carols, bens)
    await client.aclose()
    assert answers == [TEXT] * 5
    here = [request.headers.get("authorization", "none") for request in network.requests]
    there = [asked.headers["keyswitch-credential"] for asked in agent.requests]
    wrong = [] if here == ["Bearer fake-access-claude-ana-1"] * 2 else [f"straight: {here}"]
    if there != ["claude/oauth/ben", "claude/oauth/carol", "claude/oauth/ben"]:
        wrong.append(f"through the laptop: {there}")
    return wrong


async def test_a_local_and_a_forwarded_credential_of_one_origin_share_no_connection(agent: FakeAgent) -> None:
    assert await mixed_up(agent) == []


async def test_connections_keyed_by_their_origin_alone_would_be_caught(
    agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_origin(origin: Origin, _: Credential) -> Hashable:
        return origin

    monkeypatch.setattr(router, "line_of", by_origin)
    assert await mixed_up(agent) != []


async def test_a_connection_through_a_laptop_is_kept_and_another_way_is_another_one(
    agent: FakeAgent,
) -> None:
    client = chat_over(Network(httpx2.ConnectError("nothing goes straight")))
    with short_folder() as folder, serving(FakeAgent(), folder) as again:  # the same laptop, connected anew
        again.relays = agent.relays
        await asked_in_turn(client, lent_by(agent), lent_by(agent), lent_by(again), lent_by(again))
        await client.aclose()
    assert [(one.connections, len(one.requests)) for one in (agent, again)] == [(1, 2), (1, 2)]
