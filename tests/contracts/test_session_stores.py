from __future__ import annotations

from pathlib import Path

import pytest

from adapters.master_key.in_file import KeyFile
from adapters.session_store.store import SealedFileStore
from application.ports.session_store import SessionStore
from tests.contracts.session_store import SessionStoreContract
from tests.support.memory_session_store import MemorySessionStore


class TestMemorySessionStore(SessionStoreContract):
    def make_store(self) -> SessionStore:
        return MemorySessionStore()

    def other_view(self, store: SessionStore) -> SessionStore:
        return store


class TestSealedFileStore(SessionStoreContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path / "home"

    def make_store(self) -> SessionStore:
        return SealedFileStore(home=self.home, keys=KeyFile(home=self.home))

    def other_view(self, store: SessionStore) -> SessionStore:
        return self.make_store()
