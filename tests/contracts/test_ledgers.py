from __future__ import annotations

from pathlib import Path

import pytest

from adapters.ledger.sqlite_ledger import SqliteLedger
from application.ports.ledger import Ledger
from tests.contracts.ledger import LedgerContract
from tests.support.memory_ledger import MemoryLedger


class TestMemoryLedger(LedgerContract):
    def make_ledger(self) -> Ledger:
        return MemoryLedger()


class TestSqliteLedger(LedgerContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_ledger(self) -> Ledger:
        return SqliteLedger(home=self.home, earlier=tuple)
