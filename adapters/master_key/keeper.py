"""The key source of a home folder: wherever the key was put once, it is looked for there and nowhere else.

The choice is made with the first key and remembered. If that place is out of reach later, the store is locked and says
why; a new key somewhere else would be a silent downgrade, and would leave what is sealed unreadable.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from pathlib import Path

from adapters.files.home_files import AUTH_FILE
from adapters.master_key.in_file import KeyFile
from adapters.master_key.in_passphrase import PassphraseHolder
from adapters.master_key.key import KeyHolder, MasterKey, key_id
from adapters.master_key.note import KeyNote, NoteFile
from application.settings import KeyPreference
from domain.errors import (
    KeyringUnavailable,
    StoreError,
    StoreLocked,
    StoreWrongKey,
)
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.records import dataclass, replace
from domain.text.secret import Secret


@dataclass(frozen=True, slots=True)
class Holders:
    """All places that can keep the master key."""

    file: KeyFile
    keyring: KeyHolder
    passphrase: PassphraseHolder

    def at(self, place: KeyPlace) -> KeyHolder:
        """The place of the kind *place*."""
        holders: Mapping[KeyPlace, KeyHolder] = {
            KeyPlace.FILE: self.file,
            KeyPlace.KEYRING: self.keyring,
            KeyPlace.PASSPHRASE: self.passphrase,
        }
        return holders[place]


class KeyKeeper:
    """Fetches the key once per process; asks the place again only when another key was put in the note.

    *wanted* reads from the config where a first key should go.
    """

    def __init__(self, *, home: Path, holders: Holders, wanted: Callable[[], KeyPreference]) -> None:
        self._store = str(home / AUTH_FILE)
        self._note = NoteFile(home=home)
        self._holders = holders
        self._wanted = wanted
        self._one_at_a_time = threading.Lock()
        self._known: tuple[Hashable, MasterKey] | None = None
        self._failed: tuple[float, StoreLocked] | None = None

    def fetch(self) -> MasterKey | None:
        """The key, from memory where it was fetched before. Raises as the protocol says."""
        arrived = time.monotonic()
        stamp = self._note.stamp()
        if self._known is not None and self._known[0] == stamp and stamp is not None:
            return self._known[1]
        with self._one_at_a_time:
            if self._failed is not None and self._failed[0] >= arrived:  # while this call waited for its turn
                raise self._failed[1].with_traceback(None)
            try:
                return self._fetch()
            except StoreLocked as error:
                self._failed = time.monotonic(), error
                raise

    def create(self) -> MasterKey:
        """Make the key where it belongs. Raises as the protocol says, and ConfigError."""
        with self._note.locked():
            return self.fetch() or self._make()

    def where(self) -> str:
        """The words that name the place in a sentence."""
        note = self._note.read()
        if note is None or note.place is KeyPlace.FILE:
            return self._holders.file.where()
        return note.whereabouts().words

    def notices(self) -> tuple[str, ...]:
        """Sentences for the owner if other users could read the key file until now."""
        return self._holders.file.notices()

    def whereabouts(self) -> KeyWhereabouts | None:
        """What is remembered of the place. Raises as the port says."""
        return self._note.whereabouts()

    def needs_passphrase(self) -> bool:
        """Whether the key can be had only after `unlock`. Raises as the port says."""
        note = self._note.read()
        if note is None or note.place is not KeyPlace.PASSPHRASE:
            return False
        return self._known is None or key_id(self._known[1]) != note.key

    def unlock(self, passphrase: Secret) -> None:
        """Open the key with *passphrase*. Raises as the port says."""
        if self.needs_passphrase():
            self._holders.passphrase.give(passphrase)
            self.fetch()

    def _fetch(self) -> MasterKey | None:
        stamp = self._note.stamp()
        key = self._fetch_once(stamp)
        # It may have been moved between reading the note and looking there.
        return self._fetch() if key is None and self._note.stamp() != stamp else key

    def _fetch_once(self, stamp: Hashable) -> MasterKey | None:
        note = self._note.read()
        if note is None:
            key = self._holders.file.fetch()  # a version that knew no other place made it, or making it was cut off
            if key is not None:
                self._remember(KeyNote(KeyPlace.FILE, key_id(key)))
            return key
        key = self._remembered(note)
        if key is None:
            return None
        if note.place is not KeyPlace.FILE:  # which is read each time: that costs nothing, and shows that it is gone
            self._known = stamp, key
        if note.left:
            self._finish_moving(key)
        return key

    def _remembered(self, note: KeyNote) -> MasterKey | None:
        if self._known is not None and key_id(self._known[1]) == note.key and note.place is not KeyPlace.FILE:
            return self._known[1]  # it was only moved
        key = self._holders.at(note.place).fetch(note)
        if key is not None and key_id(key) != note.key:
            problem = f"{self.where()} holds another master key than the one that was put there"
            raise StoreWrongKey(self._store, problem)
        return key

    def _make(self) -> MasterKey:
        key = MasterKey.new()
        note = self._kept(key, self._note.read())
        self._note.write(note)
        if note.place is not KeyPlace.FILE:
            self._known = self._note.stamp(), key
        return key

    def _kept(self, key: MasterKey, note: KeyNote | None) -> KeyNote:
        """*key* at the place that is remembered, else the one that is wanted."""
        if note is not None:
            return replace(self._holders.at(note.place).keep(key), because=note.because)
        wanted = self._wanted()
        if wanted is not KeyPreference.AUTO:
            return self._holders.at(KeyPlace(wanted.value)).keep(key)
        try:
            return self._holders.keyring.keep(key)
        except KeyringUnavailable as error:
            return replace(self._holders.file.keep(key), because=_reason(error))

    def _remember(self, note: KeyNote) -> None:
        """Write *note*, which is missing."""
        with suppress(StoreError), self._note.locked(timeout=0):  # a later call will do
            if self._note.read() is None:
                self._note.write(note)

    def _finish_moving(self, key: MasterKey) -> None:
        """Take away what an interrupted move left, now that the key was had from its new place."""
        with suppress(StoreError), self._note.locked(timeout=0):  # a later call will do
            note = self._note.read()
            if note is not None and note.key == key_id(key):
                remove_copies(note, self._holders, self._note)


def remove_copies(note: KeyNote, holders: Holders, file: NoteFile) -> KeyNote:
    """Remove the copies of the key that *note* says were left, and return it without that remark, which is written.

    Call it with the lock held.

    Raises:
        StoreError: A place is out of reach; the remark stays.
    """
    if not note.left:
        return note
    for copy in note.left:
        holders.at(copy.place).remove(copy)
    alone = replace(note, left=())
    file.write(alone)
    return alone


def _reason(error: KeyringUnavailable) -> str:
    """Why the keyring was not used, as a part of a sentence."""
    words = {"keyring_locked": "the keyring was locked", "keyring_timeout": "the keyring did not answer in time"}
    return words.get(error.code, error.detail)
