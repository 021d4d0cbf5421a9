from __future__ import annotations

from pathlib import Path

import pytest

from adapters.config.toml_config import TomlConfig
from application.ports.config_store import ConfigStore
from tests.contracts.config_store import ConfigStoreContract
from tests.support.memory_config import MemoryConfig


class TestMemoryConfig(ConfigStoreContract):
    def make_store(self) -> ConfigStore:
        return MemoryConfig()


class TestTomlConfig(ConfigStoreContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_store(self) -> ConfigStore:
        return TomlConfig(home=self.home)


class TestTomlConfigOverAnExistingFile(TestTomlConfig):
    """The same promises where the file is old, long and full of other programs' keys."""

    def make_store(self) -> ConfigStore:
        text = (
            '# mine\r\nsandbox_mode = "on"\r\n\r\n# servers\r\n[mcp_servers.a]\r\ncommand = "x"\r\n[[hooks]]\r\nn = nan'
        )
        (self.home / "config.toml").write_bytes(text.encode())
        return TomlConfig(home=self.home)
