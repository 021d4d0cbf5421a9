"""The session store: `auth.json`, sealed with a master key from a key source."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import ReservedFile, reserved_file
from adapters.files.home_files import AUTH_FILE
from adapters.files.locks import exclusive
from adapters.files.private_file import private_subfolder
from adapters.master_key.key import KeySource, MasterKey
from adapters.session_store.auth_file import file_stamp, read_document
from adapters.session_store.document import Document
from adapters.session_store.home_place import is_same_machine, place_of
from adapters.session_store.reading_records import StoreReader
from adapters.session_store.record import NOTES, Entry, active_mark, mark_broken, with_home, with_notes
from adapters.session_store.sealed_record import require_sendable, seal_into, unseal_credential, with_one_active
from adapters.session_store.store_file import StoreFile
from application.ports.event_log import EventLog
from application.ports.session_store import Removed, Reservation, Stored
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import StoreDamaged, StoreError, StoreNotWritable
from domain.records import dataclass, replace
from domain.session import OwnCredential, Session
from domain.store_trouble import StoreTrouble

LOCK_FOLDER: Final = "locks"

HEADROOM: Final = 64 * 1024
"""Bytes by which a store may grow in one renewal: neighbours may sign in meanwhile, and tokens get longer."""


class SealedFileStore:
    """Credentials in one file of a home folder, shared by every process that uses the folder.

    The port's `SessionStore`, and beside it `damaged` and `notices`. Who renews takes the lock of `renewing` first and
    the store's own, which each writing call takes and gives back, second; never the other way round.
    """

    def __init__(self, *, home: Path, keys: KeySource, events: EventLog | None = None) -> None:
        self._home = home
        self._file = StoreFile(home, keys, events)
        self._keys = keys
        self._reader = StoreReader(home)

    @property
    def _path(self) -> Path:
        return self._file.path

    def stored(self) -> Stored:
        """What is there, and what of it cannot be used. As the port says."""
        return self._reader.stored()

    def records(self) -> tuple[CredentialRecord, ...]:
        """What is known without the master key. Raises as the port says."""
        return self._reader.records()

    def damaged(self) -> tuple[StoreTrouble, ...]:
        """What the file holds and cannot be used. Raises as `records` does."""
        return self._reader.damaged()

    def stamp(self) -> Hashable:
        """A value that changes whenever the file does."""
        return file_stamp(self._path)

    def notices(self) -> tuple[str, ...]:
        """What was noticed and put right since this store was made, each a sentence for the owner."""
        return (*self._file.notices, *self._keys.notices())

    def load(self, key: CredentialKey) -> OwnCredential | None:
        """The credential with its secrets. Raises as the port says."""
        document = read_document(self._path)
        entry = document.find(key)
        if entry is None:
            hidden = [trouble for trouble in document.damaged if trouble.key is None]
            if hidden:
                raise hidden[0].error
            return None
        if entry.record is None:
            raise next(trouble for trouble in document.damaged if trouble.key == key).error
        try:
            return self._opened(entry, entry.record)
        except StoreDamaged:
            copy = self._file.copy_of(key)
            if copy is not None and copy.record is not None and not entry.record.is_newer_than(copy.record):
                with suppress(StoreError):
                    return self._in_place_of(entry, copy, self._opened(copy, copy.record))
            with suppress(StoreError):
                self._exchange(entry, mark_broken(entry))
            raise

    def _in_place_of(self, entry: Entry, copy: Entry, credential: OwnCredential) -> OwnCredential:
        """*credential*, of *copy*, which takes the place of *entry* if the disk takes it."""
        assert copy.record is not None  # noqa: S101 - it was opened
        with suppress(StoreError):
            self._exchange(entry, copy)
            self._file.notice_restored((copy.record.key,), damaged=True)
        return credential

    def _exchange(self, entry: Entry, other: Entry) -> None:
        with self._file.changing() as document:
            if entry.key is not None and document.find(entry.key) == entry:
                self._file.write(document.put(entry.key, other))

    def ready(self) -> None:
        """Look whether a credential could be sealed and stored. Raises as the port says."""
        master = self._keys.fetch()
        with self._file.changing() as document:
            sealed = bool(document.entries)
        if master is None and sealed:
            self._file.key_of_records()  # raises where the key is lost, rather than made since the first look

    def save(self, credential: OwnCredential, *, activate: bool = False) -> None:
        """Store *credential*. Raises as the port says, and `StoreError` where a token could not be sent in a header.

        Which credential is active is the store's to say: what was active stays so, whatever an old copy says. A new
        one takes the mark that it brings.
        """
        import adapters.session_store.sealing  # noqa: F401 - before the lock: it takes longer than all under it

        require_sendable(self._path, credential)
        master = self._file.master_key()
        with self._file.changing() as document:
            # Whoever signs in anew mends what the damage hid, which may have been this very record.
            mended = document if document.find(credential.record.key) else document.without_one_nameless()
            changed = seal_into(mended, credential, master, activate=activate)
            self._file.write(changed, obtained=credential.record.key)

    def annotate(self, record: CredentialRecord) -> None:
        """Store the notes of *record*, for which no key is needed. Raises as the port says."""
        with self._file.changing() as document:
            entry = document.find(record.key)
            if entry is None or entry.record is None or entry.record.version != record.version:
                return
            noted = replace(entry.record, **{name: getattr(record, name) for name in NOTES})
            if noted != entry.record:
                self._file.write(document.put(record.key, with_notes(entry, noted)))

    def activate(self, key: CredentialKey) -> bool:
        """Move the active mark to *key*, for which no key is needed. Raises as the port says."""
        with self._file.changing() as document:
            entry = document.find(key)
            if entry is None or entry.record is None:
                return False
            changed = with_one_active(document.put(key, active_mark(entry, active=True)), entry.record)
            if changed != document:
                self._file.write(changed)
            return True

    def remove(self, key: CredentialKey) -> Removed | None:
        """Forget *key*, in the backup as well. Raises as the port says."""
        try:
            master = self._keys.fetch()  # before the lock: a keyring may be slow
        except StoreError:
            master = None
        with self._file.changing() as document:
            entry = document.find(key)
            if entry is None:
                return None
            removed = Removed(self._legible(entry, master))
            self._file.forget_in_backup(key)
            self._file.write(document.without(key))
            with suppress(OSError):
                self._rescue_path(key).unlink(missing_ok=True)
            return removed

    def copied(self, record: CredentialRecord) -> StoreError:
        """The error for a copy. As the port says."""
        return StoreError.of_copied_home(str(self._path), record.provider, record.elsewhere)

    def go_on_here(self) -> tuple[CredentialRecord, ...]:
        """Make this the place of all sessions. Raises as the port says."""
        with self._file.changing() as document:
            copies = [entry for entry in document.entries if entry.record and entry.record.elsewhere]
            if not copies:
                return ()
            place = place_of(self._home)
            entries = tuple(with_home(entry, place) if entry in copies else entry for entry in document.entries)
            self._file.write(replace(document, entries=entries))
        for path in {Path(entry.home["path"]) for entry in copies if is_same_machine(entry.home)}:  # type: ignore[index,arg-type]  # read as such before
            with suppress(StoreError):
                StoreFile(path, self._keys).give_up([entry.record for entry in copies if entry.record], place)
        return tuple(entry.record for entry in copies if entry.record)

    def reserve(self, key: CredentialKey) -> AbstractContextManager[Reservation]:
        """Keep room for a renewal of *key*. Raises as the port says."""
        return self._reserved(key)

    def rescued(self, key: CredentialKey) -> Session | None:
        """What an earlier renewal could not store. Raises as the port says."""
        try:
            file = read_document(self._rescue_path(key), backup=False)
        except StoreError:
            return None  # the zeros of a reservation whose process died, or nothing that could be used
        entry = file.find(key)
        if entry is None or entry.record is None:
            return None
        stored = read_document(self._path).find(key)
        if stored is None or stored.record is None or not entry.record.version.is_next_after(stored.record.version):
            return None
        credential = self._opened(entry, entry.record)
        return credential if isinstance(credential, Session) else None

    def renewing(self, key: CredentialKey, *, timeout: float) -> AbstractContextManager[None]:
        """Hold the right to renew *key*. Raises as the port says, and `StoreNotWritable` where it has no lock file."""
        return self._renewing(key, timeout)

    @contextmanager
    def _reserved(self, key: CredentialKey) -> Iterator[Reservation]:
        import adapters.session_store.sealing  # noqa: F401 - between answer and rename no time is to be lost

        master = self._file.key_of_records()
        self._file.make_private(self._home)
        with ExitStack() as stack:
            try:
                size = self._path.stat().st_size if self._path.exists() else 0
                file = stack.enter_context(reserved_file(self._rescue_path(key), size + HEADROOM))
            except OSError as error:
                raise StoreNotWritable(str(self._rescue_path(key)), cannot_save(error)) from None
            yield _Reservation(partial(self._commit, master, file), partial(self._rescue, master, file))

    def _commit(self, master: MasterKey, file: ReservedFile, session: Session) -> bool:
        record = session.record
        require_sendable(self._path, session)
        with self._file.changing() as document:
            entry = document.find(record.key)
            if entry is not None and entry.record is not None and entry.record.version == record.version:
                return True  # an earlier try of this very renewal
            if entry is None or entry.record is None or not record.version.is_next_after(entry.record.version):
                return False
            changed = seal_into(document, session, master)
            self._file.write(changed, lambda content: file.replace(changed.path, content), obtained=record.key)
            return True

    def _rescue(self, master: MasterKey, file: ReservedFile, session: Session) -> None:
        require_sendable(self._path, session)
        alone = seal_into(Document(self._path), session, master)
        try:
            file.keep(alone.render())
        except OSError as error:
            raise StoreNotWritable(str(self._path), cannot_save(error)) from None

    def _rescue_path(self, key: CredentialKey) -> Path:
        return self._home / f".{AUTH_FILE}.{_digest(key)}.rescue"

    @contextmanager
    def _renewing(self, key: CredentialKey, timeout: float) -> Iterator[None]:
        folder = self._home / LOCK_FOLDER
        self._file.make_private(self._home)
        try:
            private_subfolder(folder)
        except OSError as error:
            raise StoreNotWritable(str(folder), cannot_save(error)) from None
        with exclusive(folder / f"{_digest(key)}.lock", timeout=timeout):
            yield

    def _legible(self, entry: Entry, master: MasterKey | None) -> OwnCredential | None:
        if entry.record is None or master is None:
            return None
        with suppress(StoreError):
            return unseal_credential(self._path, entry, entry.record, master)
        return None

    def _opened(self, entry: Entry, record: CredentialRecord) -> OwnCredential:
        return unseal_credential(self._path, entry, record, self._file.key_of_records())


@dataclass(frozen=True, slots=True)
class _Reservation:
    """The room that is kept for a renewed session, as the port has it."""

    commit: Callable[[Session], bool]
    rescue: Callable[[Session], None]


def _digest(key: CredentialKey) -> str:
    """A file name for *key*, whatever its account holds."""
    return sha256(str(key).encode("utf-8", errors="surrogatepass")).hexdigest()[:32]
