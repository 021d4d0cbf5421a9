"""The real `keyring` over a Secret Service that does what a test tells it, for the helper process and for commands."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_PACKAGE: Final = Path(__file__).with_name("fake_secretstorage")


@dataclass(frozen=True)
class FakeBackend:
    """The service, in a folder of its own. It works until `does` says otherwise."""

    folder: Path

    @classmethod
    def install(cls, folder: Path) -> FakeBackend:
        """Make the folder that has to come first on the import path."""
        shutil.copytree(_PACKAGE, folder / "secretstorage", ignore=shutil.ignore_patterns("__pycache__"))
        backend = cls(folder)
        backend.does("work")
        return backend

    def does(self, mode: str) -> None:
        """What it does from now on: see the package for the words."""
        (self.folder / "mode").write_text(mode, "utf-8")

    def environ(self, **variables: str) -> dict[str, str]:
        """The environment of a process that finds it."""
        mine = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
        return {**mine, **self.variables(), **variables}

    def variables(self) -> dict[str, str]:
        """What differs in that environment; the bus address only has to be there."""
        return {
            "PYTHONPATH": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            "PYTHON_KEYRING_BACKEND": "",
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }

    @property
    def hung(self) -> bool:
        """Whether a call began to hang, ever."""
        return (self.folder / "reached").exists()

    @property
    def entries(self) -> list[dict[str, Any]]:
        path = self.folder / "entries.json"
        found: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else []
        return found

    def asks_for(self, backend: str) -> None:
        """Write `keyringrc.cfg`, as a person does who chooses a back end."""
        folder = self.folder / "config" / "python_keyring"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring={backend}\n", "utf-8")
