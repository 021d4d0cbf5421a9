"""The master key in a file beside what it seals.

It keeps the tokens out of a backup or a synchronised folder that takes `auth.json` alone, and out of sight of whoever
glances at that file. It does not help against someone who can read the whole home folder.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final

from adapters.files.disk_errors import cannot_save, reason
from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.private_file import FileRefused, read_private, sync_folder
from adapters.master_key.key import KEY_BYTES, MasterKey, key_id
from adapters.master_key.note import KEY_FILE, KeyNote, NoteFile
from domain.errors import StoreLocked, StoreNotWritable
from domain.master_key import KeyPlace

_LIMIT: Final = 4096
"""Bytes; the key takes 45."""


class KeyFile:
    """Keeps the master key as one line of Base64 in `master.key`, 0600. A key source by itself, and a holder."""

    def __init__(self, *, home: Path) -> None:
        self._path = home / KEY_FILE
        self._lock = NoteFile(home=home)
        self._notices: tuple[str, ...] = ()

    def fetch(self, note: KeyNote | None = None) -> MasterKey | None:
        """The key, or None if there is no file. Raises as the protocols say."""
        try:
            file = read_private(self._path, limit=_LIMIT, closing=True)
        except FileRefused as refusal:
            raise StoreLocked(str(self._path), str(refusal)) from None
        if file is None:
            return None
        if file.loose:
            self._notices = (f"{self._path} was open to others (mode {file.mode:04o}).",)
        key = _decoded(file.content)
        if key is None:
            raise StoreLocked(str(self._path), f"it does not hold a key of {KEY_BYTES} bytes")
        return key

    def create(self) -> MasterKey:
        """Make a key. Raises as the protocol says."""
        with self._lock.locked():
            key = self.fetch()
            if key is None:
                key = MasterKey.new()
                self.keep(key)
            return key

    def keep(self, key: MasterKey) -> KeyNote:
        """Write *key*; another one that is there already is not replaced. Raises as the protocol says."""
        there = self.fetch()
        if there is not None and there != key:
            raise StoreLocked(str(self._path), "there is another key already, and it is not replaced")
        # Not written in place: a crash would leave a file that is neither absent nor a key. The lock keeps every
        # other writer away between the question above and the exchange.
        sweep_orphans(self._path)
        try:
            durable_write(self._path, base64.b64encode(key.reveal()) + b"\n")
        except OSError as error:
            raise StoreNotWritable(str(self._path), cannot_save(error)) from None
        if self.fetch() != key:
            raise StoreNotWritable(str(self._path), "the disk gave back something else than what was written")
        return KeyNote(KeyPlace.FILE, key_id(key))

    def remove(self, note: KeyNote) -> None:
        """Unlink the file if it holds that key. Raises as the protocol says."""
        there = self.fetch()
        if there is None or key_id(there) != note.key:
            return
        try:
            self._path.unlink()
            sync_folder(self._path.parent)
        except OSError as error:
            raise StoreNotWritable(str(self._path), f"it cannot be removed ({reason(error)})") from None

    def where(self) -> str:
        """The path of the key file."""
        return str(self._path)

    def notices(self) -> tuple[str, ...]:
        """Sentences for the owner if other users could read the key until now."""
        return self._notices


def _decoded(line: bytes) -> MasterKey | None:
    try:
        return MasterKey(base64.b64decode(line.strip(), validate=True))
    except (binascii.Error, ValueError):
        return None
