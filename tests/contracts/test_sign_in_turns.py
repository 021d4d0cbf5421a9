"""What every turn to sign in promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.sign_in.one_at_a_time import FileTurn
from application.ports.sign_in_turn import SignInTurn
from domain.errors import SignInUnderWay
from tests.support.fake_oauth import FakeTurn


class SignInTurnContract(ABC):
    @abstractmethod
    def make_turn(self) -> SignInTurn:
        """The turn of one home, as one window sees it. The return type is the static half of the contract."""

    def test_a_turn_is_given_back_at_the_end_even_after_a_failure(self) -> None:
        turn = self.make_turn()
        with pytest.raises(ZeroDivisionError), turn.take():
            _ = 1 / 0
        with turn.take():
            pass

    def test_a_second_window_is_refused_at_once_and_changes_nothing_for_the_first(self) -> None:
        turn = self.make_turn()
        with turn.take():
            for _ in range(2):
                with pytest.raises(SignInUnderWay) as refusal, self.make_turn().take():
                    pytest.fail("both had it")
                assert refusal.value.pid is None or refusal.value.pid > 0
        with self.make_turn().take():
            pass


class TestFileTurn(SignInTurnContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_turn(self) -> SignInTurn:
        return FileTurn(home=self.home)


class TestFakeTurn(SignInTurnContract):
    @pytest.fixture(autouse=True)
    def _turn(self) -> None:
        self.turn = FakeTurn()

    def make_turn(self) -> SignInTurn:
        return self.turn
