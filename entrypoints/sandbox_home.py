"""A home that rehearses: its providers are the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import tomlkit

from application.settings import KeySource
from domain.errors import StoreNotWritable


def point_at(home: Path, settings: Mapping[str, Mapping[str, object]]) -> None:
    """Write the sandbox's addresses into the config of *home*; what else is in it stays.

    Raises:
        StoreNotWritable: The folder cannot be written.
    """
    path = home / "config.toml"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
        document["providers"] = {name: dict(table) for name, table in settings.items()}
        # A rehearsal leaves nothing behind in the person's keyring.
        document["auth"] = {"key_source": KeySource.FILE.value, **document.get("auth", {})}
        path.write_text(tomlkit.dumps(document), "utf-8")
        path.chmod(0o600)
    except OSError as error:
        raise StoreNotWritable(str(home), f"the sandbox's home cannot be written ({error.strerror})") from error
