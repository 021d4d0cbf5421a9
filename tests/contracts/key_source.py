"""What every source of the master key promises to the store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor

from adapters.master_key.key import KeySource


class KeySourceContract(ABC):
    @abstractmethod
    def make_source(self) -> KeySource:
        """The source, as a new process finds it. The return type is the static half of the contract."""

    def test_there_is_no_key_before_the_first(self) -> None:
        assert self.make_source().fetch() is None

    def test_a_key_that_was_made_is_there_for_every_process(self) -> None:
        source = self.make_source()
        key = source.create()
        assert source.fetch() == key
        assert self.make_source().fetch() == key

    def test_a_second_key_is_never_made(self) -> None:
        key = self.make_source().create()
        assert self.make_source().create() == key

    def test_processes_that_make_it_at_once_agree_on_one(self) -> None:
        sources = [self.make_source() for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            keys = list(pool.map(lambda source: source.create(), sources))
        assert keys == [keys[0]] * 4

    def test_it_says_where_the_key_is_and_never_shows_it(self) -> None:
        source = self.make_source()
        key = source.create()
        assert source.where()
        assert source.notices() == ()
        assert key.reveal().hex() not in repr(key)
