"""Listener, client and a person at the browser, for every provider, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from adapters.sandbox import scripted_browser
from adapters.sandbox.server import Sandbox
from adapters.sign_in.loopback_listener import LoopbackListener
from application.ports.sign_in_listener import SignInPage
from domain.errors import SignInDeclined
from domain.provider import Provider
from tests.support.oauth_peer import client_of

DONE = SignInPage("Signed in", "Return to your terminal.", succeeded=True)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.mark.parametrize("provider", Provider)
async def test_from_the_short_link_to_the_last_page(sandbox: Sandbox, provider: Provider) -> None:
    sandbox.log.clear()
    client = client_of(sandbox)
    async with LoopbackListener().listen(provider, client.redirect_rule(provider)) as listener:
        attempt = await client.authorize(provider, redirect_uri=listener.redirect_uri)
        short = listener.forward_to(attempt.url, state=attempt.state)
        person = asyncio.create_task(asyncio.to_thread(scripted_browser.approve, short))

        session = await client.exchange(attempt, await listener.callback())
        await listener.show(DONE)
        landed = await person

    assert session.access_token.reveal() in sandbox.live_access_tokens(provider)
    assert urlsplit(landed).path.startswith("/signed-in/")
    assert urlsplit(landed).query == ""
    assert sandbox.log.count(provider, "token") == 1


@pytest.mark.parametrize("provider", Provider)
async def test_a_person_who_declines_is_told_so_by_the_page(sandbox: Sandbox, provider: Provider) -> None:
    client = client_of(sandbox)
    async with LoopbackListener().listen(provider, client.redirect_rule(provider)) as listener:
        attempt = await client.authorize(provider, redirect_uri=listener.redirect_uri)
        short = listener.forward_to(attempt.url, state=attempt.state)
        person = asyncio.create_task(asyncio.to_thread(scripted_browser.approve, short, decline=True))

        with pytest.raises(SignInDeclined):
            await client.exchange(attempt, await listener.callback())
        await listener.show(SignInPage("Sign-in was declined", "Nothing was changed.", succeeded=False))
        landed = await person

    assert urlsplit(landed).path.startswith("/signed-in/")
