from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.config.toml_config import TomlConfig

Write = Callable[[str], TomlConfig]


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def config(tmp_path: Path) -> TomlConfig:
    return TomlConfig(home=tmp_path)


@pytest.fixture
def wrote(config_path: Path, config: TomlConfig) -> Write:
    """Write the file as a person's editor does, byte for byte, and give the store that reads it."""

    def write(text: str) -> TomlConfig:
        config_path.write_bytes(text.encode())
        config_path.chmod(0o600)
        return config

    return write
