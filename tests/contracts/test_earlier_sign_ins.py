"""What everything promises that finds the sign-ins of other programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.earlier_programs.found import FoundSignIns
from application.ports.earlier_sign_ins import EarlierSignIns
from domain.credential import CredentialKind
from domain.earlier_sign_in import EarlierSignIn
from domain.provider import Provider
from tests.support.fake_earlier_programs import FakeEarlierSignIns
from tests.support.fixed_clock import FixedClock

OF_CLAUDE_CODE = EarlierSignIn(Provider.CLAUDE, CredentialKind.OAUTH, "~/.claude/.credentials.json")


class EarlierSignInsContract(ABC):
    @abstractmethod
    def make_earlier(self) -> EarlierSignIns:
        """None is there yet. The return type is the static half of the contract."""

    @abstractmethod
    def leave_one(self) -> None:
        """Let another program keep `OF_CLAUDE_CODE`."""

    def test_where_there_is_none_none_is_found(self) -> None:
        assert self.make_earlier().found() == ()

    def test_one_is_found_as_often_as_one_looks(self) -> None:
        earlier = self.make_earlier()
        self.leave_one()
        assert [earlier.found(), earlier.found()] == [(OF_CLAUDE_CODE,)] * 2


class TestFoundSignIns(EarlierSignInsContract):
    @pytest.fixture(autouse=True)
    def _folders(self, tmp_path: Path) -> None:
        self.home, self.person = tmp_path / "home", tmp_path / "ana"

    def make_earlier(self) -> EarlierSignIns:
        return FoundSignIns(home=self.home, person=self.person, clock=FixedClock())

    def leave_one(self) -> None:
        folder = self.person / ".claude"
        folder.mkdir(parents=True)
        (folder / ".credentials.json").write_text("no look is taken into it")

    def test_looking_writes_nothing(self) -> None:
        self.make_earlier().found()
        assert not self.home.exists()


class TestFakeEarlierSignIns(EarlierSignInsContract):
    def make_earlier(self) -> EarlierSignIns:
        self.fake = FakeEarlierSignIns()
        return self.fake

    def leave_one(self) -> None:
        self.fake.there = (OF_CLAUDE_CODE,)
