from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.spending.promise_file import PromiseFile
from application.ports.spending.promises import Promises
from domain.errors import StoreNotWritable, UsageError
from domain.spending.limits import Promise
from tests.contracts.promises import FIRST, PromisesContract, agreed
from tests.support.fixed_clock import FixedClock
from tests.support.memory_promises import MemoryPromises


class TestPromiseFile(PromisesContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path
        self.file = tmp_path / "promised.json"

    def make_promises(self) -> Promises:
        return PromiseFile(home=self.home, clock=FixedClock())

    def test_a_file_that_makes_no_sense_counts_as_an_empty_one(self) -> None:
        for text in ("", "{", "{}", '["x", 1, {"id": "1"}, {"id": "1", "at": "x", "dollars": "x"}]', "[" * 100_000):
            self.file.write_text(text)
            self.file.chmod(0o600)
            assert self.told() == ()

    def test_what_is_older_than_two_days_is_forgotten(self) -> None:
        self.make_promises().make(replace(FIRST, at=FIRST.at - timedelta(days=3)), agreed)
        assert self.told() == ()

    def test_where_it_cannot_be_noted_nothing_is_promised(self) -> None:
        self.file.mkdir()
        with pytest.raises(StoreNotWritable):
            self.make_promises().make(FIRST, agreed)

    def test_of_many_windows_at_once_no_more_promise_than_there_is_room_for(self) -> None:
        refused: list[int] = []

        def room(others: tuple[Promise, ...]) -> None:
            if sum(one.dollars for one in others) + FIRST.dollars > Decimal("0.50"):
                raise UsageError("too dear")

        def window(number: int) -> None:
            try:
                self.make_promises().make(replace(FIRST, id=str(number)), room)
            except UsageError:
                refused.append(number)

        windows = [threading.Thread(target=window, args=(number,)) for number in range(8)]
        for one in windows:
            one.start()
        for one in windows:
            one.join()
        assert (len(refused), len(self.told())) == (5, 3)


class TestMemoryPromises(PromisesContract):
    @pytest.fixture(autouse=True)
    def _same(self) -> None:
        self.promises = MemoryPromises()

    def make_promises(self) -> Promises:
        return self.promises
