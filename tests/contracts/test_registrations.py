from __future__ import annotations

from pathlib import Path

import pytest

from adapters.system.registered_client import RegisteredClientFile
from application.ports.registrations import Registrations
from tests.contracts.registrations import RegistrationsContract
from tests.support.memory_registrations import MemoryRegistrations
from tests.support.oauth_peer import INSTALLATION


class TestRegisteredClientFile(RegistrationsContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_registrations(self) -> Registrations:
        return RegisteredClientFile(home=self.home, installation=INSTALLATION)


class TestMemoryRegistrations(RegistrationsContract):
    @pytest.fixture(autouse=True)
    def _memory(self) -> None:
        self.memory = MemoryRegistrations()

    def make_registrations(self) -> Registrations:
        return self.memory
