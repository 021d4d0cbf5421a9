"""What is known of the stored credentials without the master key. Needs the standard library alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.files.home_files import backup_path, store_path
from adapters.master_key.note import KEY_FILE, NoteFile
from adapters.session_store.auth_file import file_stamp, read_document
from application.ports.session_store import Stored
from domain.errors import StoreError, StoreLocked, StoreWrongKey
from domain.master_key import KeyPlace
from domain.store_trouble import StoreTrouble

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from pathlib import Path

    from adapters.session_store.document import Document, FileState
    from domain.credential import CredentialRecord


class StoreReader:
    """The port's `StoreReader` over one home folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._note = NoteFile(home=home)

    @property
    def _path(self) -> Path:
        return store_path(self._home)

    def stored(self) -> Stored:
        """What is there, and what of it cannot be used. As the port says."""
        try:
            document = read_document(self._path)
        except StoreError as error:
            return Stored((), (StoreTrouble(error),))
        if document.earlier is not None:
            return Stored(_earlier_records(document))
        troubles = (*document.damaged, *self._without_key(document))
        return Stored(document.records, troubles, tuple(_notices(document)))

    def records(self) -> tuple[CredentialRecord, ...]:
        """Every credential that can be read, from an older program's file too. Raises as `read_document` does."""
        document = read_document(self._path)
        return document.records if document.earlier is None else _earlier_records(document)

    def damaged(self) -> tuple[StoreTrouble, ...]:
        """The trouble with each record that cannot be read. Raises as `read_document` does."""
        return read_document(self._path).damaged

    def file_state(self) -> FileState:
        """Whose file stands in the place of our store. Raises as `read_document` does."""
        return read_document(self._path).file_state

    def notices(self) -> tuple[str, ...]:
        """What its owner should know and need not mend. Raises as `read_document` does."""
        return tuple(_notices(read_document(self._path)))

    def stamp(self) -> Hashable:
        """The stamp of the file. As the port says."""
        return file_stamp(self._path)

    def _without_key(self, document: Document) -> Iterator[StoreTrouble]:
        """The records whose key is known to be gone, or another, as far as that can be told without asking for it."""
        sealed = [entry for entry in document.entries if entry.record is not None]
        if not sealed:
            return
        try:
            note = self._note.read()
        except StoreError as error:
            yield from (StoreTrouble(error, entry.key) for entry in sealed)
            return
        in_file = note is None or (note.place is KeyPlace.FILE and not note.left)
        if in_file and not os.path.lexists(self._home / KEY_FILE):
            problem = "its records are sealed, and their master key is missing from a key file"
            missing = StoreLocked(str(self._path), problem, code="key_missing")
            yield from (StoreTrouble(missing, entry.key) for entry in sealed)
            return
        for entry in sealed:
            if note is not None and entry.key is not None and entry.sealed.get("key") != note.key:
                whose = f"{entry.key.provider.label} ({entry.key.kind.label})"
                problem = f"the record of {whose} was sealed with another master key"
                yield StoreTrouble(StoreWrongKey(str(self._path), problem), entry.key)


def _earlier_records(document: Document) -> tuple[CredentialRecord, ...]:
    from adapters.earlier_formats.formats import earlier_auth  # it is hardly ever needed

    assert document.earlier is not None  # noqa: S101 - the callers look first
    return earlier_auth(document.earlier, datetime.now(UTC)).records


def _notices(document: Document) -> Iterator[str]:
    if document.mended is not None:
        copy = backup_path(document.path)
        what = "damaged" if document.spoiled is not None else f"older than {copy.name}"
        yield f"{document.path} is {what}; what {copy} holds counts, and is put back by the next command that writes."
    for record in document.records:
        if record.older_copy:
            yield older_copy_words(record)
        if record.elsewhere:
            yield copied_words(record)


def copied_words(record: CredentialRecord) -> str:
    """That this is a copy of a session that another place renews, before anything is sent."""
    what = f"The {record.provider.label} sign-in ({record.label}) is a copy of the one that is renewed in"
    here = "here it is used while its access token lasts, and not renewed. To go on here, and there no longer"
    both = f"To keep both, sign in anew here: keyswitch login {record.provider}"
    return f"{what} {record.elsewhere}: {here}: keyswitch refresh --here. {both}"


def older_copy_words(record: CredentialRecord) -> str:
    """That only an older version of a credential is there, before anything is sent."""
    return (
        f"The {record.provider.label} sign-in ({record.label}) is an older copy: a later one was stored here, and is "
        "gone. It is used while its access token lasts, and renewed once; the provider may refuse that."
    )
