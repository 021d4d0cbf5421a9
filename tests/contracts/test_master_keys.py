"""What everything promises that knows where the master key is, opens it and moves it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

import pytest

from adapters.master_key import in_passphrase
from application.ports.master_key import KeyMoving, KeyUnlocking
from domain.errors import PassphraseNeeded, WrongPassphrase
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.text.secret import Secret
from tests.support.key_places import Window
from tests.support.memory_keyring import MemoryKeyring
from tests.support.memory_keys import MemoryKeys

PASSPHRASE, OTHER = Secret("fake passphrase of ana"), Secret("fake passphrase of ben")
CHEAP = {"iterations": 1, "lanes": 1, "memory_kib": 64}


class MasterKeys(KeyUnlocking, KeyMoving, Protocol):
    """Both ports over one home."""


class MasterKeysContract(ABC):
    @abstractmethod
    def make_keys(self) -> MasterKeys:
        """The key of one home, as a new process finds it. The return type is the static half of the contract."""

    @pytest.fixture
    def keys(self) -> MasterKeys:
        return self.make_keys()

    def test_a_new_home_has_no_key_and_asks_for_nothing(self, keys: MasterKeys) -> None:
        assert keys.whereabouts() is None
        assert not keys.needs_passphrase()
        keys.unlock(OTHER)

    def test_a_key_is_where_it_was_moved_to_last(self, keys: MasterKeys) -> None:
        for place in (KeyPlace.FILE, KeyPlace.KEYRING, KeyPlace.KEYRING, KeyPlace.FILE):
            where = keys.move(place)
            assert (where.place, where.because, where.left) == (place, "", ())
            assert keys.whereabouts() == self.make_keys().whereabouts() == where

    def test_a_passphrase_has_to_be_given(self, keys: MasterKeys) -> None:
        keys.move(KeyPlace.FILE)
        with pytest.raises(PassphraseNeeded):
            keys.move(KeyPlace.PASSPHRASE)
        assert keys.whereabouts() == KeyWhereabouts(KeyPlace.FILE)

    def test_a_sealed_key_is_opened_by_the_right_passphrase_alone(self, keys: MasterKeys) -> None:
        keys.move(KeyPlace.PASSPHRASE, passphrase=PASSPHRASE)
        another = self.make_keys()
        assert another.needs_passphrase()
        with pytest.raises(WrongPassphrase):
            another.unlock(OTHER)
        assert another.needs_passphrase()
        another.unlock(PASSPHRASE)
        assert not another.needs_passphrase()

    def test_a_sealed_key_stays_as_it_is_where_no_new_passphrase_is_given(self, keys: MasterKeys) -> None:
        keys.move(KeyPlace.PASSPHRASE, passphrase=PASSPHRASE)
        another = self.make_keys()
        another.unlock(PASSPHRASE)
        assert another.move(KeyPlace.PASSPHRASE) == KeyWhereabouts(KeyPlace.PASSPHRASE)
        self.make_keys().unlock(PASSPHRASE)

    def test_a_new_passphrase_takes_the_place_of_the_old_one(self, keys: MasterKeys) -> None:
        keys.move(KeyPlace.PASSPHRASE, passphrase=PASSPHRASE)
        keys.move(KeyPlace.PASSPHRASE, passphrase=OTHER)
        another = self.make_keys()
        with pytest.raises(WrongPassphrase):
            another.unlock(PASSPHRASE)
        another.unlock(OTHER)


class _Window:
    """What the container makes of a home: a keeper that unlocks, and a mover beside it."""

    def __init__(self, window: Window) -> None:
        self.needs_passphrase, self.unlock = window.keys.needs_passphrase, window.keys.unlock
        self.whereabouts, self.move = window.mover.whereabouts, window.mover.move


class TestKeeperAndMover(MasterKeysContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.keyring = tmp_path / "home", MemoryKeyring()
        monkeypatch.setattr(in_passphrase, "_COST", CHEAP)  # nobody takes a guess at a test's passphrase

    def make_keys(self) -> MasterKeys:
        return _Window(Window(self.home, self.keyring))


class TestMemoryKeys(MasterKeysContract):
    @pytest.fixture(autouse=True)
    def _keys(self) -> None:
        self.first: MemoryKeys | None = None

    def make_keys(self) -> MasterKeys:
        if self.first is None:
            self.first = MemoryKeys()
            return self.first
        return self.first.another_process()
