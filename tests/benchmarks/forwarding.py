"""What a relayed answer costs beside a direct one, for each event that is streamed, in one run."""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter

import httpx2

from domain.provider import Provider
from tests.benchmarks.measuring import Row
from tests.support.lent import host_client, lent

BAR_MS = 1.0
_TIMES = 30


def relayed_answer() -> Row:
    """The agent, the provider and the host in one process, which is the dearest that it can be."""
    direct, relayed, events = asyncio.run(_measured())
    more = (relayed - direct) / events * 1000
    what = f"forwarded answer, for each of {events} events"
    return Row(
        what=what,
        measured=f"{relayed / events * 1000:.2f} ms",
        floor=f"{direct / events * 1000:.2f} ms direct",
        bar=f"at most {BAR_MS:g} ms more ({more:.2f})",
        met=more <= BAR_MS,
        ratio=relayed / direct,
    )


async def _measured() -> tuple[float, float, int]:
    """Seconds of a direct answer and of a relayed one, and how many events each has."""
    async with lent() as laptop:
        grant = await laptop.open()
        address, headers, body = laptop.question(Provider.CLAUDE)
        sandbox = laptop.opened.sandbox
        token = sandbox.live_access_tokens(Provider.CLAUDE.value)[0]
        origin = sandbox.origin(Provider.CLAUDE.value)
        own = {
            "authorization": f"Bearer {token}",
            "anthropic-version": "2023-06-01",
            "anthropic-beta": "oauth-2025-04-20",
        }
        async with host_client(grant) as host, httpx2.AsyncClient(base_url=origin, timeout=20) as client:
            direct, relayed, events = [], [], 0
            for _ in range(_TIMES):
                seconds, events = await _asked(client, address.removeprefix("/v1/relay"), own, body)
                direct.append(seconds)
                seconds, events = await _asked(host, address, headers, body)
                relayed.append(seconds)
    return median(direct), median(relayed), events


async def _asked(
    client: httpx2.AsyncClient, address: str, headers: dict[str, str], body: dict[str, object]
) -> tuple[float, int]:
    begun, events = perf_counter(), 0
    async with client.stream("POST", address, json=body, headers=headers) as answer:
        async for line in answer.aiter_lines():
            events += line.startswith("data:")
    assert answer.status_code == httpx2.codes.OK, answer.status_code
    return perf_counter() - begun, events
