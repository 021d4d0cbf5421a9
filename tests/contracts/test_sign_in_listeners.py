"""What every listener for the redirect of a sign-in promises."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from urllib.parse import urlencode, urlsplit

import pytest

from adapters.sign_in.loopback_listener import LoopbackListener
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import OpenListener, SignInListener, SignInPage
from domain.errors import LinkOpenedTwice, ListenerUnavailable
from domain.provider import Provider
from domain.text.secret import Secret
from tests.support.fake_oauth import FakeListener
from tests.support.listener_visitors import DONE, RULE, STATE, TARGET, get

CLAUDE = Provider.CLAUDE
FIRST, SECOND = {"code": "made-up-1", "state": STATE}, {"code": "made-up-2", "state": STATE}
NO = SignInPage("That answer was refused", "Go on.", succeeded=False)


class SignInListenerContract(ABC):
    rule = RULE

    @abstractmethod
    def make_listener(self) -> SignInListener:
        """The return type is the static half of the contract."""

    @abstractmethod
    def make_deaf_listener(self) -> SignInListener:
        """One that no port is left for."""

    @abstractmethod
    async def bring(self, listener: OpenListener, callback: dict[str, str]) -> None:
        """Let a browser bring *callback*."""

    @abstractmethod
    async def knock(self, listener: OpenListener) -> None:
        """Let somebody come who is refused."""

    @abstractmethod
    async def open_twice(self, listener: OpenListener, short: str) -> None:
        """Let two browsers open *short*."""

    async def test_an_address_of_this_machine_is_redirected_to_and_a_short_one_leads_away(self) -> None:
        async with self.make_listener().listen(CLAUDE, self.rule) as listener:
            redirect, short = listener.redirect_uri, listener.forward_to(TARGET, state=Secret(STATE))
        assert (urlsplit(redirect).hostname, urlsplit(redirect).path) == ("127.0.0.1", "/callback")
        assert urlsplit(short).netloc == urlsplit(redirect).netloc
        assert STATE not in short
        assert listener.taken is None

    async def test_callbacks_arrive_one_after_the_other_and_one_that_is_refused_ends_nothing(self) -> None:
        async with self.make_listener().listen(CLAUDE, self.rule) as listener:
            listener.forward_to(TARGET, state=Secret(STATE))
            await self.bring(listener, FIRST)
            await self.bring(listener, SECOND)
            assert await listener.callback() == FIRST
            listener.refuse(FIRST, NO)
            assert await listener.callback() == SECOND

    async def test_a_visit_that_is_refused_is_told_with_its_reason(self) -> None:
        async with self.make_listener().listen(CLAUDE, self.rule) as listener:
            listener.forward_to(TARGET, state=Secret(STATE))
            await self.knock(listener)
            assert await asyncio.wait_for(listener.refused(), 10)

    async def test_a_link_that_was_opened_twice_ends_the_wait(self) -> None:
        async with self.make_listener().listen(CLAUDE, self.rule) as listener:
            short = listener.forward_to(TARGET, state=Secret(STATE))
            listener.ensure_unshared()
            waiting = asyncio.create_task(listener.callback())
            await self.open_twice(listener, short)
            with pytest.raises(LinkOpenedTwice):
                await asyncio.wait_for(waiting, 10)
            with pytest.raises(LinkOpenedTwice):
                listener.ensure_unshared()

    async def test_a_last_page_for_nobody_keeps_nobody_waiting(self) -> None:
        async with self.make_listener().listen(CLAUDE, self.rule) as listener:
            listener.forward_to(TARGET, state=Secret(STATE))
            await asyncio.wait_for(listener.show(DONE), 1)

    async def test_an_address_can_be_held_without_listening(self) -> None:
        with self.make_listener().hold(CLAUDE, self.rule) as held:
            assert urlsplit(held.redirect_uri).path == "/callback"
            assert held.taken is None

    async def test_no_port_at_all_is_named(self) -> None:
        listener = self.make_deaf_listener()
        with pytest.raises(ListenerUnavailable):
            async with listener.listen(CLAUDE, self.rule):
                pytest.fail("it listens")
        with pytest.raises(ListenerUnavailable), listener.hold(CLAUDE, self.rule):
            pytest.fail("it is held")


class TestLoopbackListener(SignInListenerContract):
    def make_listener(self) -> SignInListener:
        return LoopbackListener()

    def make_deaf_listener(self) -> SignInListener:
        self.rule = RedirectRule("192.0.2.1", "/callback", (0,))  # RFC 5737: no machine has this address
        return LoopbackListener()

    async def bring(self, listener: OpenListener, callback: dict[str, str]) -> None:
        answer = await get(listener, f"/callback?{urlencode(callback)}")
        assert answer.status == 303

    async def knock(self, listener: OpenListener) -> None:
        answer = await get(listener, "/callback?code=made-up&state=another")
        assert answer.status == 400

    async def open_twice(self, listener: OpenListener, short: str) -> None:
        answers = [await get(listener, urlsplit(short).path) for _ in range(2)]
        assert [answer.status for answer in answers] == [302, 410]


class TestFakeListener(SignInListenerContract):
    def make_listener(self) -> SignInListener:
        self.fake = FakeListener()
        return self.fake

    def make_deaf_listener(self) -> SignInListener:
        listener = FakeListener()
        listener.port_taken = True
        return listener

    async def bring(self, listener: OpenListener, callback: dict[str, str]) -> None:
        self.fake.callbacks.put_nowait(callback)

    async def knock(self, listener: OpenListener) -> None:
        self.fake.refusals.put_nowait("a browser brought an answer of another sign-in")

    async def open_twice(self, listener: OpenListener, short: str) -> None:
        self.fake.shared = True
