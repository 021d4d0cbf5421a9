"""What an owner does not lend is not lent: by lock, revocation, time, provider, route and header."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest

from adapters.forwarding.protocol import CREDENTIAL_HEADER, ERROR_HEADER
from application.ports.forwarding.agent import PeerProcess, Wish
from domain.errors import UsageError
from domain.forwarding.grant import Grant
from domain.provider import Provider
from tests.support.lent import Lent, host_client, lent

FOREIGN = {
    "authorization": "Bearer made-up", "x-api-key": "made-up", "x-goog-api-key": "made-up", "cookie": "a=b",
    "x-goog-user-project": "made-up", "chatgpt-account-id": "made-up", "anthropic-beta": "made-up", "x-any": "made-up",
}  # fmt: skip


class Asked:
    """An owner who says one thing, and counts the questions."""

    def __init__(self, *, agrees: bool) -> None:
        self.answer, self.questions = agrees, 0

    async def agrees(self, grant: Grant, caller: PeerProcess) -> bool:
        """As the port says."""
        self.questions += 1
        return self.answer


async def test_what_is_not_lent_is_refused_by_its_name() -> None:
    owner = Asked(agrees=False)
    async with lent(owner=owner) as laptop:
        grant = await laptop.open(providers=frozenset({Provider.CLAUDE}))
        found = {}
        async with host_client(grant) as host:
            found["provider"] = await _code(laptop, host, Provider.GEMINI)
            address, headers, body = laptop.question(Provider.CLAUDE)
            for name, path in {
                "delete": "v1/files",
                "up": "v1/%2e%2e/v1/messages",
                "admin": "v1/organizations/me",
            }.items():
                found[name] = _code_of(await host.post(f"/v1/relay/{path}", json=body, headers=headers))
            found["query"] = _code_of(await host.post(f"{address}?beta=1", json=body, headers=headers))
            found["none"] = _code_of(await host.post(address, json=body, headers={CREDENTIAL_HEADER: "claude/oauth/x"}))
            found["name"] = _code_of(await host.post(address, json=body, headers={CREDENTIAL_HEADER: "made-up"}))
            found["version"] = _code_of(await host.get("/v2/about"))
            found["large"] = _code_of(await host.post(address, content=bytes(33 * 1024 * 1024), headers=headers))
            before = len(laptop.opened.requests())
            answer = await host.post(address, json=body, headers=headers | FOREIGN)
            sent = [request for request in laptop.opened.requests()[before:] if "messages" in request.path]
            asking = await laptop.open("other", confirm=True)
            async with host_client(asking) as other:
                found["owner"] = await _code(laptop, other, Provider.CLAUDE)
                found["owner again"] = await _code(laptop, other, Provider.CLAUDE)
            await asyncio.to_thread(laptop.control.lock, locked=True)
            found["locked"] = await _code(laptop, host, Provider.CLAUDE)
            await asyncio.to_thread(laptop.control.lock, locked=False)
            assert await asyncio.to_thread(laptop.control.revoke, "devbox") == 1
            found["revoked"] = await _code(laptop, host, Provider.CLAUDE)

        assert (answer.status_code, len(sent)) == (200, 1)
        assert "made-up" not in repr(sent)
        assert owner.questions == 1
        assert found == {
            "provider": "not_granted",
            "delete": "route_not_relayed",
            "up": "route_not_relayed",
            "admin": "route_not_relayed",
            "query": "route_not_relayed",
            "none": "no_such_credential",
            "name": "bad_request",
            "version": "other_protocol",
            "large": "too_large",
            "owner": "not_confirmed",
            "owner again": "not_confirmed",
            "locked": "agent_locked",
            "revoked": "grant_over",
        }


@pytest.mark.slow
async def test_an_answer_is_cut_at_once_by_a_lock_a_revocation_and_the_end_of_its_time() -> None:
    async with lent(chunk_delay=0.2) as laptop:
        for end in ("lock", "revoke", "time"):
            grant = await laptop.open(end, seconds=1.0 if end == "time" else None)
            async with host_client(grant) as host:
                with pytest.raises(httpx2.RemoteProtocolError):
                    await _read_until(laptop, host, end)
            await asyncio.to_thread(laptop.control.lock, locked=False)


async def _read_until(laptop: Lent, host: httpx2.AsyncClient, end: str) -> None:
    address, headers, body = laptop.question(Provider.CLAUDE)
    async with host.stream("POST", address, json=body, headers=headers) as answer:
        pieces = answer.aiter_bytes()
        await anext(pieces)
        if end == "lock":
            await asyncio.to_thread(laptop.control.lock, locked=True)
        elif end == "revoke":
            await asyncio.to_thread(laptop.control.revoke, end)
        async for _ in pieces:
            pass


@pytest.mark.slow
async def test_one_home_has_one_agent_and_a_held_grant_ends_with_who_holds_it() -> None:
    async with lent() as laptop:
        with pytest.raises(UsageError, match="runs already"):
            async with laptop.opened.services().agent.serving(None):
                pass
        with pytest.raises(UsageError, match="no terminal"):
            await laptop.open(confirm=True)
        held = laptop.control.held(Wish("devbox", frozenset(Provider)))
        await asyncio.to_thread(held.__enter__)
        before = await asyncio.to_thread(laptop.control.state)
        await asyncio.to_thread(held.__exit__, None, None, None)
        async with asyncio.timeout(30):
            while await _is_there(before.grants[0].socket):
                pass

        assert [one.grant.host for one in before.grants] == ["devbox"]


async def _is_there(path: str) -> bool:
    return await asyncio.to_thread(Path(path).exists)


async def _code(laptop: Lent, host: httpx2.AsyncClient, provider: Provider) -> str:
    address, headers, body = laptop.question(provider)
    return _code_of(await host.post(address, json=body, headers=headers))


def _code_of(answer: httpx2.Response) -> str:
    return str(answer.json()["code"]) if ERROR_HEADER in answer.headers else f"answered {answer.status_code}"
