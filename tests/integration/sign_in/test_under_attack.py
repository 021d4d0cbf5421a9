"""While somebody does their worst to the port, a sign-in ends in time."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_mock import MockerFixture

from adapters.serving import callers, heads
from adapters.sign_in.loopback_listener import LoopbackListener
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import OpenListener
from domain.provider import Provider
from domain.text.secret import Secret
from tests.support import attacker
from tests.support.listener_visitors import DONE, RULE, STATE, TARGET, knock, place, sign_in

pytestmark = pytest.mark.slow


def descriptors() -> int:
    """How many this process holds."""
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def attacked(listener: OpenListener, kind: str) -> AsyncIterator[None]:
    """Inside, the attack is in full swing."""
    port = str(urlsplit(listener.redirect_uri).port)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(attacker.__file__)), kind, port, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"
        yield
        assert process.returncode is None, "the attacker gave up"
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("kind", attacker.ATTACKS)
async def test_a_sign_in_ends_in_time(kind: str) -> None:
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as listener, attacked(listener, kind):
        took = await sign_in(listener)

    print(f"\nL1 under attack, {kind}: {took:.2f} s")  # noqa: T201 - a figure to look at


@pytest.mark.parametrize("kind", ["idle", "slow-heads", "garbage"])
async def test_a_crowd_takes_no_more_descriptors_than_it_may(kind: str) -> None:
    """300 connections of one attacker, and never many more open here than the limit."""
    before = descriptors()  # of whatever ran in this process before
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as listener, attacked(listener, kind):
        await sign_in(listener)
        here = descriptors()

    assert here - before < callers.LARGEST_CROWD + 60
    assert here < resource.getrlimit(resource.RLIMIT_NOFILE)[0]


async def test_without_a_limit_the_crowd_grows(mocker: MockerFixture) -> None:
    """The control of the test before."""
    mocker.patch.object(callers, "LARGEST_CROWD", 10_000)
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as listener, attacked(listener, "idle"):
        await sign_in(listener)
        assert descriptors() > 300


async def test_a_request_that_does_not_come_is_not_waited_for(mocker: MockerFixture) -> None:
    mocker.patch.object(heads, "HEAD_SECONDS", 0.1)
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as listener:
        assert (await knock(listener, b"", end=False)).status == 0
        assert (await knock(listener, b"GET / HTTP/1.1\r\n", end=False)).status == 408
        await sign_in(listener)


async def test_a_browser_that_waits_for_the_end_is_not_pushed_out() -> None:
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as listener:
        listener.forward_to(TARGET, state=Secret(STATE))
        redirected = await knock(
            listener, f"GET /callback?code=c&state={STATE} HTTP/1.1\r\nHost: {place(listener)}\r\n\r\n".encode()
        )
        asking = f"GET {redirected.headers['location']} HTTP/1.1\r\nHost: {place(listener)}\r\n\r\n".encode()
        waiting = asyncio.create_task(knock(listener, asking, end=False))
        async with attacked(listener, "idle"):
            assert not waiting.done()
        await listener.show(DONE)
        assert (await waiting).status == 200


async def test_many_sign_ins_one_after_the_other_share_a_port() -> None:
    """The port rests nowhere between them, whoever hung up last."""
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as listener:
        port = urlsplit(listener.redirect_uri).port or 0
        await sign_in(listener)
    for _ in range(5):
        async with LoopbackListener().listen(Provider.CLAUDE, RedirectRule("127.0.0.1", "/callback", (port,))) as again:
            assert urlsplit(again.redirect_uri).port == port
            await sign_in(again)
