"""A host asks through the agent of its owner's laptop: the answers come as they are, and no token does."""

from __future__ import annotations

import httpx2

from adapters.forwarding.protocol import VERSION
from domain.event import RELAYED
from domain.provider import Provider
from tests.support.lent import Lent, host_client, lent


async def test_all_three_providers_answer_a_host_that_holds_nothing() -> None:
    async with lent() as laptop:
        grant = await laptop.open()
        async with host_client(grant) as host:
            about = (await host.get("/v1/about")).json()
            shown = (await host.get("/v1/credentials")).json()["credentials"]
            answers = {provider: await _asked(laptop, host, provider) for provider in Provider}
        events = [event for event in laptop.services.light.history.tail(20).events if event.name == RELAYED]

        assert (about["protocol"], about["locked"], about["until"]) == (VERSION, False, None)
        assert {one["provider"] for one in shown} == set(Provider)
        assert not {name for one in shown for name in one if "token" in name or "secret" in name}
        assert all("data:" in text for text in answers.values())
        assert [event.facts["host"] for event in events] == ["devbox"] * 3
        assert {event.facts["outcome"] for event in events} == {"200"}
        assert {event.facts["model"] for event in events} >= {"gemini-2.5-flash"}


async def _asked(laptop: Lent, host: httpx2.AsyncClient, provider: Provider) -> str:
    address, headers, body = laptop.question(provider)
    answer = await host.post(address, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.text)
