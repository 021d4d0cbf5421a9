from __future__ import annotations

from pathlib import Path

import pytest

from adapters.master_key.in_file import KeyFile
from adapters.master_key.in_keyring import KeyringHolder
from adapters.master_key.in_passphrase import PassphraseHolder
from adapters.master_key.key import KeyHolder
from adapters.master_key.keyring_call import SystemKeyring
from tests.contracts.key_holder import KeyHolderContract, RemovingContract
from tests.support.fake_backend import FakeBackend
from tests.support.key_places import PASSPHRASE
from tests.support.memory_keyring import MemoryKeyring


class TestKeyFile(RemovingContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_holder(self) -> KeyHolder:
        return KeyFile(home=self.home)


class TestKeyringInMemory(RemovingContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home, self.keyring = tmp_path, MemoryKeyring()

    def make_holder(self) -> KeyHolder:
        return KeyringHolder(home=self.home, keyring=self.keyring)


class TestKeyringByTheHelper(RemovingContract):
    """Through the process that speaks to `keyring`, with a back end that keeps its entries in a file."""

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path, fake_backend: FakeBackend) -> None:
        self.home, self.backend = tmp_path, fake_backend

    def make_holder(self) -> KeyHolder:
        return KeyringHolder(home=self.home, keyring=SystemKeyring(environ=self.backend.environ()))


class TestPassphrase(KeyHolderContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_holder(self) -> KeyHolder:
        return PassphraseHolder(home=self.home, passphrase=PASSPHRASE)
