"""The master key in the operating system's keyring: one entry for each key, named after the key's id.

Only the key is there, 44 characters: Windows takes no more than 2,560 bytes an entry, and tokens are longer. As the id
names the entry, two homes never share one, and a new key never takes the place of an old one.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final

from adapters.files.home_files import AUTH_FILE
from adapters.master_key.key import MasterKey, key_id
from adapters.master_key.keyring_call import CALL_SECONDS, Keyring, KeyringAnswer
from adapters.master_key.note import KeyNote
from domain.errors import KeyringUnavailable, StoreWrongKey
from domain.master_key import KeyPlace

_IN_IT: Final = "its master key is in the keyring"
_NOT_YET: Final = "its master key was to go into the keyring"


class KeyringHolder:
    """Keeps master keys in the keyring, each in an entry of its own."""

    def __init__(self, *, home: Path, keyring: Keyring) -> None:
        self._store = str(home / AUTH_FILE)
        self._keyring = keyring

    def fetch(self, note: KeyNote | None) -> MasterKey | None:
        """The key; None if the keyring has no such entry. Raises as the protocol says."""
        if note is None:
            return None
        answer = self._keyring.get(_entry(note.key), backend=note.backend)
        if answer.outcome == "missing":
            return None
        self._check(answer, _IN_IT)
        key = _decoded(answer.value)
        if key is None or key_id(key) != note.key:
            problem = "the entry of its master key in the keyring holds something else"
            raise StoreWrongKey(self._store, problem)
        return key

    def keep(self, key: MasterKey) -> KeyNote:
        """Store *key*; the helper reads it back. Raises as the protocol says."""
        answer = self._keyring.put(_entry(key_id(key)), base64.b64encode(key.reveal()).decode("ascii"))
        self._check(answer, _NOT_YET)
        return KeyNote(KeyPlace.KEYRING, key_id(key), backend=answer.backend)

    def remove(self, note: KeyNote) -> None:
        """Delete the entry. Raises as the protocol says."""
        self._check(self._keyring.delete(_entry(note.key), backend=note.backend), _IN_IT)

    def _check(self, answer: KeyringAnswer, key: str) -> None:
        match answer.outcome:
            case "ok":
                return
            case "locked":
                problem = f"{key}, and the keyring is locked; unlock it and try again"
                raise KeyringUnavailable(self._store, problem, code="keyring_locked")
            case "timed out":
                problem = f"{key}, and the keyring did not answer within {CALL_SECONDS:g} s"
                raise KeyringUnavailable(self._store, problem, code="keyring_timeout")
            case _:
                problem = f"{key}, and the keyring cannot be used"
                raise KeyringUnavailable(self._store, problem, code="keyring_unusable", detail=answer.detail)


def _entry(key: str) -> str:
    return f"master key {key}"


def _decoded(value: str) -> MasterKey | None:
    try:
        return MasterKey(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return None
