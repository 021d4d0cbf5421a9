"""A Secret Service without D-Bus, in the place of the library that speaks to the real one.

`keyring` itself is the real one. What the service does stands in `mode` beside the package, what it keeps in
`entries.json`; `reached` appears when a call begins to hang.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from secretstorage import exceptions
from secretstorage.exceptions import ItemNotFoundException, SecretServiceNotAvailableException

__version_tuple__ = (3, 5, 0)
__all__ = ["ItemNotFoundException", "exceptions"]

_FOLDER = Path(__file__).parents[1]


def _mode() -> str:
    return (_FOLDER / "mode").read_text("utf-8")


def _hang() -> None:
    (_FOLDER / "reached").touch()
    while True:
        time.sleep(60)


class Bus:
    def close(self) -> None:
        """Nothing is open, so nothing is closed."""


class Item:
    def __init__(self, collection: Collection, entry: dict[str, Any]) -> None:
        self._collection, self._entry = collection, entry

    def is_locked(self) -> bool:
        """Never, in a collection that is open."""
        return False

    def unlock(self) -> None:
        """It is unlocked from the beginning."""

    def get_secret(self) -> bytes:
        return str(self._entry["secret"]).encode()

    def delete(self) -> None:
        self._collection.write([entry for entry in self._collection.read() if entry != self._entry])


class Collection:
    """The collection that entries go to unless another is named."""

    def __init__(self, bus: Bus) -> None:
        self.connection = bus
        self._file = _FOLDER / "entries.json"

    def is_locked(self) -> bool:
        """Whether a person would be asked for a password."""
        if _mode() == "hangs":
            _hang()
        return _mode() == "locked"

    def unlock(self) -> None:
        """Ask the person, who is not there."""
        _hang()

    def search_items(self, attributes: dict[str, str]) -> list[Item]:
        """The entries that have all of *attributes*."""
        return [Item(self, entry) for entry in self.read() if entry["attributes"].items() >= attributes.items()]

    def create_item(self, label: str, attributes: dict[str, str], secret: str, *, replace: bool) -> None:
        """Keep it, unless this is a service that only says so."""
        if _mode() == "keeps nothing":
            return
        rest = [entry for entry in self.read() if entry["attributes"] != attributes]
        self.write([*rest, {"label": label, "attributes": attributes, "secret": secret}])

    def read(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self._file.read_text("utf-8")) if self._file.exists() else []
        return found

    def write(self, entries: list[dict[str, Any]]) -> None:
        """Keep *entries* in place of all."""
        self._file.write_text(json.dumps(entries), "utf-8")


def dbus_init() -> Bus:
    if _mode() == "gone":
        raise SecretServiceNotAvailableException("the bus is gone")
    return Bus()


def check_service_availability(_: Bus) -> bool:
    """Whether somebody provides the service."""
    return _mode() != "no service"


def get_collection_by_alias(bus: Bus, alias: str) -> Collection:
    """The one that is called *alias*."""
    if _mode() == "no collection":
        raise ItemNotFoundException(alias)
    return Collection(bus)


def get_default_collection(bus: Bus) -> Collection:
    """The default one; the real library would ask the person for a new password where there is none."""
    if _mode() == "no collection":
        _hang()
    return Collection(bus)
