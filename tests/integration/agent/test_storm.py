"""Many remote processes at once, on a token that has run out or is refused: one token request at the provider."""

from __future__ import annotations

import asyncio

import pytest

from application.ports.forwarding.agent import OpenGrant
from domain.provider import Provider
from tests.support.lent import Lent, host_client, lent


@pytest.mark.slow
@pytest.mark.parametrize("crowd", [50, 150])
async def test_a_crowd_on_a_refused_token_costs_one_token_request_and_each_gets_its_answer(crowd: int) -> None:
    async with lent() as laptop:
        grant = await laptop.open()
        laptop.opened.sandbox.expire_access_tokens(Provider.CLAUDE.value)
        before = len(laptop.opened.requests())

        answers = await asyncio.gather(*(_one_process(laptop, grant) for _ in range(crowd)))

        asked = laptop.opened.requests()[before:]
        assert answers == [200] * crowd
        assert sum("token" in request.path for request in asked) == 1


async def _one_process(laptop: Lent, grant: OpenGrant) -> int:
    address, headers, body = laptop.question(Provider.CLAUDE)
    async with host_client(grant) as host:
        return (await host.post(address, json=body, headers=headers)).status_code
