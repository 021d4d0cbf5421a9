from __future__ import annotations

from pathlib import Path

import pytest

from adapters.master_key.in_file import KeyFile
from adapters.master_key.key import KeySource
from application.settings import KeyPreference as Wanted
from tests.contracts.key_source import KeySourceContract
from tests.support.key_places import PASSPHRASE, Window
from tests.support.memory_keyring import NONE_HERE, MemoryKeyring


class TestKeyFile(KeySourceContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path / "home"

    def make_source(self) -> KeySource:
        return KeyFile(home=self.home)


class TestKeeper(KeySourceContract):
    """With `auto`, and a keyring that works."""

    wanted = Wanted.AUTO

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home, self.keyring = tmp_path / "home", MemoryKeyring()

    def make_source(self) -> KeySource:
        return Window(self.home, self.keyring, self.wanted, PASSPHRASE).keys


class TestKeeperWithoutKeyring(TestKeeper):
    @pytest.fixture(autouse=True)
    def _no_keyring(self, _home: None) -> None:
        self.keyring.trouble = NONE_HERE


class TestKeeperOfKeyring(TestKeeper):
    wanted = Wanted.KEYRING


class TestKeeperOfFile(TestKeeper):
    wanted = Wanted.FILE


class TestKeeperOfPassphrase(TestKeeper):
    wanted = Wanted.PASSPHRASE
