"""What everything promises that knows of sign-ins on another machine of their owner."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from adapters.forwarded.laptops import Laptops
from application.ports.elsewhere.forwarded import ForwardedSignIns
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import Offline, SourceUnusable
from domain.provider import Provider
from tests.support.fake_agent import HOST, FakeAgent, lent, serving
from tests.support.fake_laptops import FakeLaptops, a_forwarded_record
from tests.support.fixed_clock import FixedClock
from tests.support.short_folder import short_folder


class ForwardedSignInsContract(ABC):
    @abstractmethod
    def make_laptops(self) -> ForwardedSignIns:
        """No laptop is connected yet. The return type is the static half of the contract."""

    @abstractmethod
    def lend(self, *records: CredentialRecord) -> None:
        """Let a laptop lend these from now on."""

    @abstractmethod
    def take_back(self, record: CredentialRecord) -> None:
        """Let it lend that no more."""

    @abstractmethod
    def fall_asleep(self) -> None:
        """Let it be silent from now on."""

    @pytest.fixture
    def laptops(self) -> ForwardedSignIns:
        return self.make_laptops()

    def test_where_no_laptop_is_connected_there_is_nothing_and_nothing_to_say(self, laptops: ForwardedSignIns) -> None:
        assert (laptops.found().records, laptops.found().notices) == ((), ())

    def test_what_a_laptop_lends_is_found_with_account_and_payer(self, laptops: ForwardedSignIns) -> None:
        before = laptops.stamp()
        plan, key = (
            a_forwarded_record(Provider.CHATGPT),
            a_forwarded_record(Provider.CLAUDE, account="key-1", kind=CredentialKind.API_KEY, label="…1234"),
        )
        self.lend(plan, key)
        assert laptops.stamp() != before
        found = laptops.found().records
        assert [(one.key, one.label, one.payer, one.active) for one in found] == [
            (one.key, one.label, one.payer, one.active) for one in (plan, key)
        ]
        assert {one.kind for one in found} == {CredentialKind.FORWARDED}
        assert not any(one.renewable or one.token_url or one.client_id for one in found)

    async def test_the_use_of_it_comes_with_a_way_and_without_a_secret(self, laptops: ForwardedSignIns) -> None:
        record = a_forwarded_record()
        self.lend(record)
        credential = await laptops.load(record)
        assert (credential.record.key, credential.record.session_id) == (record.key, record.session_id)
        assert credential.route
        assert await laptops.reachable(record)

    async def test_what_is_not_lent_any_more_is_not_used(self, laptops: ForwardedSignIns) -> None:
        record = a_forwarded_record()
        self.lend(record, a_forwarded_record(Provider.GEMINI))
        self.take_back(record)
        with pytest.raises(SourceUnusable, match="Your laptop did not ask Claude"):
            await laptops.load(record)

    async def test_a_laptop_that_is_silent_is_out_of_reach(self, laptops: ForwardedSignIns) -> None:
        record = a_forwarded_record()
        self.lend(record)
        self.fall_asleep()
        found = laptops.found()
        assert found.records == ()
        assert "not reachable" in found.notices[0]
        assert not await laptops.reachable(record)
        with pytest.raises(Offline, match="laptop not reachable"):
            await laptops.load(record)

    async def test_the_laptop_of_somebody_else_is_not_taken_for_it(self, laptops: ForwardedSignIns) -> None:
        self.lend(a_forwarded_record())
        other = a_forwarded_record(agent="another1agent1id")
        assert not await laptops.reachable(other)
        with pytest.raises(Offline):
            await laptops.load(other)


class TestLaptops(ForwardedSignInsContract):
    @pytest.fixture(autouse=True)
    def _folder(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        for limit in ("ABOUT_SECONDS", "LIGHT_SECONDS"):
            monkeypatch.setattr(f"adapters.forwarded.laptops.{limit}", 0.1)
        self.agent = FakeAgent()
        with short_folder() as self.folder, ExitStack() as self.stack:
            yield

    def make_laptops(self) -> Laptops:
        return Laptops(folders=lambda: (self.folder,), mine=lambda name: name.startswith(HOST), clock=FixedClock())

    def lend(self, *records: CredentialRecord) -> None:
        self.agent.lends += map(lent, records)
        self.stack.enter_context(serving(self.agent, self.folder))

    def take_back(self, record: CredentialRecord) -> None:
        self.agent.lends.remove(lent(record))

    def fall_asleep(self) -> None:
        self.agent.silent.set()


class TestFakeLaptops(ForwardedSignInsContract):
    def make_laptops(self) -> ForwardedSignIns:
        self.fake = FakeLaptops()
        return self.fake

    def lend(self, *records: CredentialRecord) -> None:
        self.fake.lend(*records)

    def take_back(self, record: CredentialRecord) -> None:
        self.fake.take_back(record)

    def fall_asleep(self) -> None:
        self.fake.fall_asleep()
