"""What is remembered of the master key's place, in a file of its own. Needs the standard library alone.

    {"format": 1, "place": "keyring", "key": "0011223344556677", "backend": "...", "check": "1b2c3d4e"}

There is no secret in it, so a status can read it. With a passphrase, the key itself is in it, sealed.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from adapters.files.disk_errors import cannot_save
from adapters.files.private_file import FileRefused, private_folder, read_private
from adapters.json.check_sums import spaced_check_sum
from adapters.json.strict_json import NotJson, json_object
from domain.errors import StoreDamaged, StoreNewer, StoreNotWritable
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.records import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from pathlib import Path

NOTE_FILE: Final = "master-key.json"
KEY_FILE: Final = "master.key"
LOCK_FILE: Final = "master-key.lock"
FORMAT: Final = 1
_LIMIT: Final = 16 * 1024
"""Bytes; a note takes some hundred."""
_PATIENCE: Final = 15.0
"""Seconds. Who holds the lock may be waiting for a keyring, 3 s for each of a few calls."""

KEYRINGS: Final[Mapping[str, str]] = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service by libsecret",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet 4",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
}
"""The only back ends that are used, with their names for people. All of them encrypt what they keep."""


@dataclass(frozen=True, slots=True)
class KeyNote:
    """The note that says where one key is."""

    place: KeyPlace
    key: str
    """The key's id, see `key_id`."""
    backend: str = ""
    """Of a keyring: the class that speaks to it, one of `KEYRINGS`."""
    because: str = ""
    """Why the key is not in a keyring although that was wanted; "" where the place was chosen."""
    left: tuple[KeyNote, ...] = ()
    """Places that still hold a copy, since moving it was interrupted."""
    sealed: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """With a passphrase: the sealed key and how to derive what opens it."""

    def whereabouts(self) -> KeyWhereabouts:
        """The part of the note that people get to see."""
        return KeyWhereabouts(
            place=self.place,
            detail=KEYRINGS.get(self.backend, ""),
            because=self.because,
            left=tuple(note.place for note in self.left),
        )


class NoteFile:
    """The note of one home folder."""

    def __init__(self, *, home: Path) -> None:
        self._home = home
        self.path = home / NOTE_FILE

    def stamp(self) -> Hashable:
        """Changes with the note; costs one `stat`."""
        try:
            status = self.path.lstat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self) -> KeyNote | None:
        """The note, or None if nothing is remembered.

        Raises:
            StoreDamaged: It cannot be read, and must not be overwritten.
            StoreNewer: A newer program wrote it.
        """
        try:
            file = read_private(self.path, limit=_LIMIT)
        except FileRefused as refusal:
            raise StoreDamaged(str(self.path), str(refusal)) from None
        if file is None:
            return None
        try:
            members = json_object(file.content)
        except NotJson:
            raise self._damaged() from None
        version = members.get("format")
        if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
            raise StoreNewer(str(self.path), "a newer keyswitch wrote it, and this one does not know where the key is")
        note = _parsed(members)
        if note is None or members.get("check") != _check(members):
            raise self._damaged()
        return note

    def whereabouts(self) -> KeyWhereabouts | None:
        """What is known of the key's place without the key; None while there is none. Raises as `read` does."""
        note = self.read()
        if note is not None:
            return note.whereabouts()
        there = os.path.lexists(self._home / KEY_FILE)  # of a version that knew no other place, and no note
        return KeyWhereabouts(KeyPlace.FILE) if there else None

    def write(self, note: KeyNote) -> None:
        """Remember *note* durably, in place of what was remembered. Call it with the lock held.

        Raises:
            StoreNotWritable: It is not certain that the note would survive a power cut; a reader finds the old one or
                the new one, whole.
        """
        members = {"format": FORMAT, **_members(note)}
        content = json.dumps({**members, "check": _check(members)}).encode("ascii") + b"\n"
        from adapters.files.durable_write import durable_write, sweep_orphans

        sweep_orphans(self.path)
        try:
            durable_write(self.path, content)
        except OSError as error:
            raise StoreNotWritable(str(self.path), cannot_save(error)) from None

    @contextmanager
    def locked(self, *, timeout: float = _PATIENCE) -> Iterator[None]:
        """Be the one who makes or moves the key, across threads and processes. *timeout* is in seconds.

        Taken before the store's lock, never after it.

        Raises:
            StoreBusy: Somebody else was at it for all that time.
            StoreNotWritable: Nothing can be locked there.
        """
        from adapters.files.locks import exclusive

        try:
            private_folder(self._home)
        except OSError as error:
            raise StoreNotWritable(str(self._home), cannot_save(error)) from None
        with exclusive(self._home / LOCK_FILE, timeout=timeout):
            yield

    def _damaged(self) -> StoreDamaged:
        return StoreDamaged(str(self.path), "it is damaged, so that it is not known where the master key is")


def _members(note: KeyNote) -> dict[str, Any]:
    members: dict[str, Any] = {"place": note.place.value, "key": note.key}
    members |= {name: value for name in ("backend", "because") if (value := getattr(note, name))}
    members |= dict(note.sealed)
    return members | ({"left": [_members(copy) for copy in note.left]} if note.left else {})


def _check(members: Mapping[str, Any]) -> str:
    return spaced_check_sum({name: value for name, value in members.items() if name != "check"})


_SEALED: Final = ("cipher", "kdf", "nonce", "box")


def _parsed(members: object) -> KeyNote | None:
    """The note in *members*, or None if there is none."""
    left = members.get("left", []) if isinstance(members, dict) else None
    note = _one_parsed(members)
    if note is None or not isinstance(left, list):
        return None
    copies = tuple(copy for copy in map(_one_parsed, left) if copy is not None)
    return replace(note, left=copies) if len(copies) == len(left) else None


def _one_parsed(members: object) -> KeyNote | None:
    if not isinstance(members, dict):
        return None
    words = {name: members.get(name, "") for name in ("place", "key", "backend", "because")}
    if not all(isinstance(word, str) for word in words.values()) or words["place"] not in set(KeyPlace):
        return None
    sealed = {name: members[name] for name in _SEALED if name in members}
    return KeyNote(KeyPlace(words.pop("place")), **words, sealed=sealed)
