"""`auth.json` with its lock and its backup: the one place that replaces the file.

Another program may have written its own file there. Ours takes its place back before anything else is written, and what
stood there is kept, sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from adapters.earlier_formats.formats import NotAnEarlierFile, earlier_auth
from adapters.files.disk_errors import cannot_save, reason
from adapters.files.durable_write import Unconfirmed, durable_write, sweep_orphans
from adapters.files.home_files import BESIDE_FILE, SPOILED_FILE, backup_path, store_path
from adapters.files.locks import exclusive
from adapters.files.private_file import private_folder
from adapters.master_key.key import KeySource, MasterKey
from adapters.session_store.auth_file import read_document
from adapters.session_store.document import Document
from adapters.session_store.generations import remember_versions
from adapters.session_store.home_place import place_of
from adapters.session_store.originals import About, Originals, Why
from adapters.session_store.record import Entry, with_home
from application.ports.event_log import EventLog
from domain.accounts import tag
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import StoreBusy, StoreDamaged, StoreError, StoreLocked, StoreNotWritable
from domain.records import replace

LOCK_FILE: Final = "auth.json.lock"

STORE_PATIENCE: Final = 30.0
"""Seconds to wait for the store. Its holders do no more than read and replace one file, which takes milliseconds; on a
busy disk with many of them in line, some hundred."""


_MOST_RETURNS: Final = 3
"""How often in a row another program's file is set aside before that counts as a quarrel."""


class StoreFile:
    """The file of one home folder, and what was noticed and put right about it."""

    def __init__(self, home: Path, keys: KeySource, events: EventLog | None = None) -> None:
        self.home = home
        self._events = events
        self._keys = keys
        self._originals = Originals(home)
        self.notices: dict[str, None] = {}
        """Sentences for the owner, each once."""

    @property
    def path(self) -> Path:
        """Where the store is now."""
        return store_path(self.home)

    @property
    def backup(self) -> Path:
        """Where the last good copy of the store is."""
        return backup_path(self.path)

    def read(self) -> Document:
        """What the store holds now. Raises as `read_document` does."""
        return read_document(self.path)

    @contextmanager
    def locked(self) -> Iterator[Document]:
        """The document as it is now, for as long as nobody else can write another.

        Raises:
            StoreBusy: Another process held it for too long.
            StoreNotWritable: Nothing can be locked there.
            StoreDamaged, StoreNewer: As `read_document` says.
        """
        self.make_private(self.home)
        with exclusive(self.home / LOCK_FILE, timeout=STORE_PATIENCE):
            yield self._in_its_place(read_document(self.path))

    @contextmanager
    def changing(self) -> Iterator[Document]:
        """As `locked`, for whoever is going to write: with our own file in its place.

        Raises:
            StoreError: Also where the file must not be rewritten.
            StoreLocked: Another program's file cannot be sealed without the master key; it stays.
        """
        for _ in range(_MOST_RETURNS):
            with self.locked() as document:
                if document.replacement is None:
                    document.refuse_to_write()
                    yield document
                    return
            self.put_back()
        raise StoreBusy(str(self.path), "another program writes its own file there again and again")

    def _in_its_place(self, document: Document) -> Document:
        """*document*, to be written beside the file of another program that had the place first."""
        if document.others is None:
            return document
        return Document(self.home / BESIDE_FILE, fresh=True, others=document.others)

    def put_back(self) -> bool:
        """Put our file back where another program's stands, a damaged one, an older one or none; whether that was so.

        What another program wrote, and what is damaged, is kept.

        It may have to be called again where the other program writes at the same moment.

        Raises:
            StoreError: It cannot be done; both files are as they were.
        """
        document = self.read()
        if not document.displaced:
            return False
        master = self.master_key() if document.replacement is not None else None
        with self.locked() as document:
            if document.replacement is not None:
                if master is None:  # it appeared just now
                    return True
                self._keep(document.replacement, master)
            elif not document.displaced:
                return False
            self.write(document)
        return True

    def master_key(self) -> MasterKey:
        """The key, made now if there is none; never one beside records that were sealed with a lost one.

        Call it without the lock held, as a keyring may be slow. Whoever seals something made the key first: a key
        that is missing is looked for again once there are records, and `create` returns the one that is there by then.

        Raises:
            StoreLocked: It is out of reach, or lost.
            StoreNotWritable: It cannot be kept.
        """
        master = self._keys.fetch()
        if master is None and self.read().entries:
            return self.key_of_records()
        if master is None:
            self.make_private(self.home)
            master = self._keys.create()
        return master

    def key_of_records(self) -> MasterKey:
        """The key, where records that it sealed have been seen. Raises `StoreLocked`: it is out of reach, or lost."""
        master = self._keys.fetch()
        if master is None:
            raise self._key_missing()
        return master

    def _key_missing(self) -> StoreLocked:
        """The error for records without their key."""
        problem = (
            f"its records are sealed, and their master key is missing from {self._keys.where()}; put the key back, "
            "or log out and sign in again"
        )
        return StoreLocked(str(self.path), problem, code="key_missing")

    def _keep(self, content: bytes, master: MasterKey) -> None:
        now = datetime.now(UTC)
        try:
            records = earlier_auth(content, now).records
        except NotAnEarlierFile:
            records = ()
        about = About.of(records, content, file=self.path.name, kept_at=now, why=Why.REPLACED)
        self._originals.keep(content, about, master)
        notice = (
            f"{self.path} was another program's; your sign-ins are back, and its file is in {self._originals.path}."
        )
        self.notices[notice] = None

    def write(
        self,
        document: Document,
        put: Callable[[bytes], None] | None = None,
        *,
        obtained: CredentialKey | None = None,
    ) -> None:
        """Write *document*, by *put* where the way is not the usual one. Call it with the lock held.

        *obtained* is the credential whose tokens are new in it: no earlier knowledge of it counts any more.

        Raises:
            StoreNotWritable: The old content is there, or it is not certain that the new one would survive a power cut.
            StoreDamaged: It cannot be written as it is.
        """
        document = self._at_home(document, obtained)
        content, path = document.render(), document.path
        try:
            if document.spoiled is not None:
                durable_write(self.home / SPOILED_FILE, document.spoiled)
            if put is None:
                sweep_orphans(path)
                durable_write(path, content)
            else:
                put(content)
        except Unconfirmed as error:
            problem = f"the disk did not confirm the last write, which a power cut could undo ({reason(error)})"
            raise StoreNotWritable(str(path), problem) from None
        except OSError as error:
            raise StoreNotWritable(str(path), cannot_save(error)) from None
        self._notice(document)
        sweep_orphans(self.backup)
        with suppress(OSError):  # the file itself is safe by now; what the copy knew better is in it
            durable_write(self.backup, content)
        known = document.mended.known if document.mended else ()
        remember_versions(self.home, document.records, proven=obtained, known=known)

    def _at_home(self, document: Document, obtained: CredentialKey | None) -> Document:
        """*document* with this place at each record that is no copy of another place's, and at *obtained*."""
        place = place_of(self.home)
        entries = tuple(
            with_home(entry, place) if entry.record and (entry.key == obtained or not entry.record.elsewhere) else entry
            for entry in document.entries
        )
        return replace(document, entries=entries)

    def write_with_backup(self, document: Document) -> None:
        """As `write`, and make sure that the last good copy is this very document.

        Raises:
            StoreDamaged: Something in it is damaged, so that it is no good copy.
            StoreNotWritable: As `write` says, or the copy could not be written.
        """
        if document.damaged:
            raise StoreDamaged(str(self.path), "a record in it is damaged, and there would be no copy of it")
        self.write(document)
        try:
            copied = self.backup.read_bytes() == self.path.read_bytes()
        except OSError:
            copied = False
        if not copied:
            raise StoreNotWritable(str(self.backup), "the copy of the store could not be written")

    def give_up(self, records: Iterable[CredentialRecord], place: Mapping[str, Any]) -> None:
        """Note that the sessions of *records* are at home in *place* from now on, and copies here.

        Raises:
            StoreError: It cannot be noted.
        """
        sessions = {(record.key, record.session_id) for record in records}

        def given_up(entry: Entry) -> Entry:
            record = entry.record
            if record is None or (record.key, record.session_id) not in sessions:
                return entry
            moved = with_home(entry, place)
            return replace(moved, record=replace(record, elsewhere=str(place["path"])))

        with self.changing() as document:
            self.write(replace(document, entries=tuple(map(given_up, document.entries))))

    def copy_of(self, key: CredentialKey) -> Entry | None:
        """The entry of *key* in the good copy, whatever the store itself says."""
        with suppress(StoreError):
            return read_document(self.backup).find(key)
        return None

    def forget_in_backup(self, key: CredentialKey) -> None:
        """Make sure that the backup does not hold *key*. It goes there first: what is only there would come back."""
        with suppress(StoreError):
            backup = read_document(self.backup)
            if backup.find(key) is None:
                return
            try:
                durable_write(self.backup, backup.without(key).render())
            except OSError:
                with suppress(OSError):
                    self.backup.unlink()

    def make_private(self, folder: Path) -> None:
        """Make *folder* its owner's alone. Raises `StoreNotWritable` where that cannot be."""
        try:
            if private_folder(folder):
                self.notices[f"{folder} was open to others; it is no longer."] = None
        except OSError as error:
            raise StoreNotWritable(str(folder), cannot_save(error)) from None

    def _notice(self, document: Document) -> None:
        if document.mode is not None:
            self.notices[f"{self.path} was open to others (mode {document.mode:04o}); it is no longer."] = None
        if document.mended is not None:
            damaged = document.spoiled is not None
            kept = f" The damaged file is kept as {self.home / SPOILED_FILE}." if damaged else ""
            self.notice_restored(document.mended.restored, damaged=damaged, kept=kept)
        if document.restored and document.replacement is None:
            self.notices[f"{self.path} was gone; the sign-ins were restored from {self.backup}."] = None

    def notice_restored(self, keys: tuple[CredentialKey, ...], *, damaged: bool, kept: str = "") -> None:
        """Say once what the backup gave back; *kept* is one more sentence."""
        whose = ", ".join(dict.fromkeys(key.provider.label for key in keys))
        back = f"; restored from {self.backup}: {whose}" if whose else ""
        what = "was damaged" if damaged else f"was older than {self.backup.name}"
        self.notices[f"{self.path} {what}{back}.{kept}"] = None
        if self._events is not None:
            for key in keys:
                reason = "damaged" if damaged else "older"
                self._events.record("record_restored", provider=key.provider.value, account=tag(key), reason=reason)
