from __future__ import annotations

from pathlib import Path

import pytest

from adapters.system.draft_files import DraftFiles
from application.ports.writing.draft_store import DraftStore
from domain.text.written import Written
from tests.contracts.draft_store import DraftStoreContract
from tests.support.memory_drafts import MemoryDrafts


class TestMemoryDrafts(DraftStoreContract):
    @pytest.fixture(autouse=True)
    def _places(self) -> None:
        self.left: list[Written] = []

    def make_window(self) -> DraftStore:
        return MemoryDrafts(self.left)


class TestDraftFiles(DraftStoreContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_window(self) -> DraftStore:
        return DraftFiles(home=self.home)
