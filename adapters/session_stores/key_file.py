"""The master key in a file beside what it seals.

It keeps the tokens out of a backup or a synchronised folder that takes `auth.json` alone, and out of sight of whoever
glances at that file. It does not help against someone who can read the whole home folder.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from adapters.session_stores.durable_write import durable_write
from adapters.session_stores.key_source import KEY_BYTES, MasterKey
from adapters.session_stores.private_file import OWNER_ONLY, FileRefused, read_private
from domain.errors import StoreLocked, StoreNotWritable

KEY_FILE: Final = "master.key"
_LIMIT: Final = 4096
"""Bytes; the key takes 45."""


class KeyFile:
    """Keeps the master key as one line of Base64 in `master.key`, 0600."""

    def __init__(self, *, home: Path) -> None:
        self._path = home / KEY_FILE
        self._notices: tuple[str, ...] = ()

    def fetch(self) -> MasterKey | None:
        """The key, or None if there is no file. Raises as the protocol says."""
        try:
            file = read_private(self._path, limit=_LIMIT)
        except FileRefused as refusal:
            raise StoreLocked(str(self._path), str(refusal)) from None
        if file is None:
            return None
        if file.loose:
            self._close_to_others(file.mode)
        key = _decoded(file.content)
        if key is None:
            raise StoreLocked(str(self._path), f"it does not hold a key of {KEY_BYTES} bytes")
        return key

    def create(self) -> MasterKey:
        """Make a key. Raises as the protocol says."""
        if os.path.lexists(self._path):
            raise StoreLocked(str(self._path), "there is a key already, and it is not replaced")
        key = MasterKey(secrets.token_bytes(KEY_BYTES))
        try:
            # Not written in place: a crash would leave a file that is neither absent nor a key. The store's lock keeps
            # every other writer away between the question above and the exchange.
            durable_write(self._path, base64.b64encode(key.value) + b"\n")
        except OSError as error:
            raise StoreNotWritable(str(self._path), f"it cannot be written ({error.strerror})") from None
        return key

    def notices(self) -> tuple[str, ...]:
        """Whether others could read the key until now."""
        return self._notices

    def _close_to_others(self, mode: int) -> None:
        self._notices = (f"{self._path} was open to others (mode {mode:04o}).",)
        with suppress(OSError):
            self._path.chmod(OWNER_ONLY)


def _decoded(line: bytes) -> MasterKey | None:
    try:
        return MasterKey(base64.b64decode(line.strip(), validate=True))
    except (binascii.Error, ValueError):
        return None
