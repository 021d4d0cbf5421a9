"""Moving the master key from one place to another.

The same key is moved and nothing is sealed again: processes that are running hold it, and go on working. The note
decides where the key is looked for, and is replaced in one step, between the new copy being read back and the old one
being taken away; so at each moment the place that the note names has the key.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from adapters.files.home_files import store_path
from adapters.master_key.keeper import Holders, KeyKeeper, remove_copies
from adapters.master_key.key import MasterKey, key_id
from adapters.master_key.note import KeyNote, NoteFile
from adapters.session_store.auth_file import read_document
from adapters.session_store.document import Document
from domain.errors import (
    KeyringUnavailable,
    PassphraseNeeded,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreNotWritable,
    StoreWrongKey,
)
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.records import replace
from domain.text.secret import Secret


class KeyMover:
    """Moves the key of *home*, which *keys* fetches, between *holders*."""

    def __init__(self, *, home: Path, keys: KeyKeeper, holders: Holders) -> None:
        self._home = home
        self._keys = keys
        self._holders = holders
        self._note = NoteFile(home=home)

    @property
    def _store(self) -> Path:
        return store_path(self._home)

    def whereabouts(self) -> KeyWhereabouts | None:
        """Where the key is. Raises as the port says."""
        return self._note.whereabouts()

    def move(self, place: KeyPlace, *, passphrase: Secret | None = None) -> KeyWhereabouts:
        """Move the key to *place*. Raises as the port says."""
        with self._note.locked():
            document = read_document(self._store)
            key = self._current(document)
            if key is not None:
                self._refuse_wrong(key, document)
                note = self._moved(key, place, passphrase)
            elif document.entries:
                note = self._found(place, document)
            else:
                note = self._put(MasterKey.new(), place, passphrase, before=None)
            with suppress(StoreError):  # the key is where it should be; what is left is remembered
                note = remove_copies(note, self._holders, self._note)
            return note.whereabouts()

    def _current(self, document: Document) -> MasterKey | None:
        """The key, or None where there is none that matters."""
        try:
            return self._keys.fetch()
        except (StoreLocked, StoreWrongKey, StoreDamaged) as error:
            for_now = isinstance(error, KeyringUnavailable) and error.for_now
            if for_now or (document.entries and self._is_remembered()):
                raise
            return None

    def _is_remembered(self) -> bool:
        """Whether the note can be read. A damaged one is no reason not to look for the key where the owner says."""
        with suppress(StoreDamaged):
            self._note.read()
            return True
        return False

    def _refuse_wrong(self, key: MasterKey, document: Document) -> None:
        if document.entries and key_id(key) not in _sealed_with(document):
            raise StoreWrongKey(str(self._store), f"its records were sealed with another key than {self._keys.where()}")

    def _moved(self, key: MasterKey, place: KeyPlace, passphrase: Secret | None) -> KeyNote:
        before = self._note.read() or KeyNote(KeyPlace.FILE, key_id(key))
        if before.place is place and passphrase is None:
            chosen = replace(before, because="")
            self._note.write(chosen)
            return chosen
        return self._put(key, place, passphrase, before=before)

    def _put(self, key: MasterKey, place: KeyPlace, passphrase: Secret | None, *, before: KeyNote | None) -> KeyNote:
        """Keep *key* at *place* as well, and look for it there from now on."""
        if place is KeyPlace.PASSPHRASE:
            if passphrase is None:
                raise PassphraseNeeded(str(self._store), "a new passphrase was not given")
            self._holders.passphrase.give(passphrase)
        note = replace(self._announced(key, place, before), left=_copies(before, place))
        self._note.write(note)
        if self._note.read() != note or (
            place is not KeyPlace.PASSPHRASE and self._holders.at(place).fetch(note) != key
        ):
            raise StoreNotWritable(str(self._note.path), "the disk gave back something else than what was written")
        return note

    def _announced(self, key: MasterKey, place: KeyPlace, before: KeyNote | None) -> KeyNote:
        """Keep *key* at *place*; a crash before the note says so would leave a copy there that nobody knows of."""
        if before is None or place is KeyPlace.PASSPHRASE:  # where the copy is in the note itself
            return self._holders.at(place).keep(key)
        self._note.write(replace(before, left=(*before.left, KeyNote(place, key_id(key)))))
        try:
            return self._holders.at(place).keep(key)
        except StoreError:
            self._note.write(before)
            raise

    def _found(self, place: KeyPlace, document: Document) -> KeyNote:
        """The lost key of what is sealed, if it is at *place* after all; it is remembered again."""
        for name in sorted(_sealed_with(document)):
            note = KeyNote(place, name)
            key = self._holders.at(place).fetch(note) if place is not KeyPlace.PASSPHRASE else None
            if key is not None and key_id(key) == name:
                self._note.write(note)
                return note
        where = KeyWhereabouts(place).words
        problem = f"its records are sealed, and their master key is not in {where} either"
        raise StoreLocked(str(self._store), problem, code="key_missing")


def _copies(before: KeyNote | None, place: KeyPlace) -> tuple[KeyNote, ...]:
    """The copies to take away once the key is at *place*. One under a passphrase goes with the note."""
    if before is None:
        return ()
    copies = (replace(before, left=(), sealed={}, because=""), *before.left)
    return tuple(copy for copy in copies if copy.place not in (place, KeyPlace.PASSPHRASE))


def _sealed_with(document: Document) -> set[str]:
    """The ids of the keys that the records say they were sealed with."""
    return {str(entry.sealed.get("key")) for entry in document.entries if entry.record is not None}
