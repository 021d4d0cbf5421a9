"""What every look at the network promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial

import httpx2

from adapters.diagnosis.reach import ReachByHead
from adapters.http.options import client_options
from application.ports.parking.reach import Reach
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.fake_laptops import FakeLaptops, a_forwarded_record
from tests.support.fake_reach import FakeReach

CLAUDE, CHATGPT = a_session(Provider.CLAUDE).record, a_session(Provider.CHATGPT).record


class ReachContract(ABC):
    @abstractmethod
    def make_reach(self, *out_of_reach: Provider) -> Reach:
        """A network in which those providers cannot be reached."""

    async def test_those_are_told_that_answer_in_the_order_in_which_they_were_asked(self) -> None:
        asked = (CLAUDE, CHATGPT)
        assert await self.make_reach()(asked) == asked
        assert await self.make_reach(Provider.CLAUDE)(asked) == (CHATGPT,)
        assert await self.make_reach(*Provider)(asked) == ()
        assert await self.make_reach()(()) == ()


class TestReachByHead(ReachContract):
    def make_reach(self, *out_of_reach: Provider) -> Reach:
        self.requests: list[httpx2.Request] = []

        def world(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            if any(str(provider) in request.url.host for provider in out_of_reach):
                raise httpx2.ConnectError("no route to host")
            return httpx2.Response(503)

        options = partial(client_options, network=httpx2.MockTransport(world))
        self.laptops = FakeLaptops()
        return ReachByHead(
            api_base=lambda provider: f"https://api.{provider}.example.test/v1",
            http_options=options,
            forwarded=self.laptops,
        )

    async def test_it_asks_for_a_head_at_the_host_of_the_credential_without_the_credential(self) -> None:
        await self.make_reach()((CLAUDE,))
        (request,) = self.requests
        assert (request.method, request.url.path) == ("HEAD", "/")
        assert {"authorization", "x-api-key", "cookie"}.isdisjoint(request.headers)

    async def test_an_address_that_makes_no_sense_reaches_nobody(self) -> None:
        reach = ReachByHead(api_base=lambda _: "no address", http_options=client_options, forwarded=FakeLaptops())
        assert await reach((a_session(Provider.CLAUDE, api_base="").record,)) == ()

    async def test_in_the_place_of_a_provider_behind_a_laptop_the_laptop_is_asked(self) -> None:
        reach, lent = self.make_reach(), a_forwarded_record()
        self.laptops.lend(lent)
        assert await reach((lent,)) == (lent,)
        self.laptops.fall_asleep()
        assert await reach((lent,)) == ()
        assert self.requests == []


class TestFakeReach(ReachContract):
    def make_reach(self, *out_of_reach: Provider) -> Reach:
        return FakeReach(*out_of_reach)
