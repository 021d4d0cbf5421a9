"""The session store: `auth.json`, sealed with a master key from a key source."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from adapters.session_stores.auth_file import (
    AUTH_FILE,
    BACKUP_FILE,
    DamagedRecord,
    Document,
    RecordReader,
    read_document,
)
from adapters.session_stores.durable_write import Unconfirmed, durable_write, sweep_orphans
from adapters.session_stores.file_lock import exclusive
from adapters.session_stores.key_source import KeySource, MasterKey
from adapters.session_stores.private_file import private_folder
from adapters.session_stores.record_codec import Entry, active_mark, bound_part, new_entry, with_notes
from adapters.session_stores.record_notes import NOTES
from adapters.session_stores.reserved_file import ReservedFile, reserved_file
from application.ports.session_store import Reservation
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import StoreDamaged, StoreError, StoreLocked, StoreNotWritable, StoreWrongKey
from domain.secret import Secret
from domain.session import ApiKey, Credential, Session

LOCK_FILE: Final = "auth.json.lock"
LOCK_FOLDER: Final = "locks"

STORE_PATIENCE: Final = 10.0
"""Seconds to wait for the store. Its holders do no more than read and replace one file, which takes milliseconds."""

HEADROOM: Final = 64 * 1024
"""Bytes by which a store may grow in one renewal: neighbours may sign in meanwhile, and tokens get longer."""

_TOKENS: Final = ("access_token", "refresh_token", "id_token")
_VISIBLE: Final = frozenset(map(chr, range(0x21, 0x7F)))
"""What a token may hold: a line end in one would end the header that carries it (RFC 9110, 5.5)."""


class SealedFileStore:
    """Credentials in one file of a home folder, shared by every process that uses the folder.

    The port's `SessionStore`, and beside it `damaged` and `notices`. Who renews takes the lock of `renewing` first and
    the store's own, which each writing call takes and gives back, second; never the other way round.
    """

    def __init__(self, *, home: Path, keys: KeySource) -> None:
        self._home = home
        self._path = home / AUTH_FILE
        self._backup = home / BACKUP_FILE
        self._keys = keys
        self._reader = RecordReader(home)
        self._notices: dict[str, None] = {}

    def records(self) -> tuple[CredentialRecord, ...]:
        """What is known without the master key. Raises as the port says."""
        return self._reader.records()

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """What the file holds and cannot be used. Raises as `records` does."""
        return self._reader.damaged()

    def stamp(self) -> Hashable:
        """Changes with the file."""
        return self._reader.stamp()

    def notices(self) -> tuple[str, ...]:
        """What was noticed and put right since this store was made, each a sentence for the owner."""
        return (*self._notices, *self._keys.notices())

    def load(self, key: CredentialKey) -> Credential | None:
        """The credential with its secrets. Raises as the port says."""
        entry = read_document(self._path).find(key)
        if entry is None:
            return None
        if entry.record is None:
            raise StoreDamaged(str(self._path), f"the record of {_name(key)} is damaged: {entry.problem}")
        return self._opened(entry, entry.record)

    def save(self, credential: Credential, *, activate: bool = False) -> None:
        """Store *credential*. Raises as the port says, and `StoreError` where a token could not be sent in a header.

        Which credential is active is the store's to say: what was active stays so, whatever an old copy says. A new
        one takes the mark that it brings.
        """
        import adapters.session_stores.sealing  # noqa: F401 - before the lock: it takes longer than all under it

        secrets = self._secrets(credential)
        master = self._keys.fetch()
        with self._changing() as document:
            self._write(_placed(document, credential.record, secrets, master or self._first_key(document), activate))

    def annotate(self, record: CredentialRecord) -> None:
        """Store the notes of *record*, for which no key is needed. Raises as the port says."""
        with self._changing() as document:
            entry = document.find(record.key)
            if entry is None or entry.record is None or not _same_tokens(entry.record, record):
                return
            noted = replace(entry.record, **{name: getattr(record, name) for name in NOTES})
            if noted != entry.record:
                self._write(document.put(record.key, with_notes(entry, noted)))

    def activate(self, key: CredentialKey) -> bool:
        """Move the active mark to *key*, for which no key is needed. Raises as the port says."""
        with self._changing() as document:
            entry = document.find(key)
            if entry is None or entry.record is None:
                return False
            changed = _one_active(document.put(key, active_mark(entry, active=True)), entry.record)
            if changed != document:
                self._write(changed)
            return True

    def remove(self, key: CredentialKey) -> bool:
        """Forget *key*, in the backup as well. Raises as the port says."""
        with self._changing() as document:
            if document.find(key) is None:
                return False
            self._write(document.without(key))
            self._forget_in_backup(key)
            with suppress(OSError):
                self._rescue_path(key).unlink(missing_ok=True)
            return True

    def reserve(self, key: CredentialKey) -> AbstractContextManager[Reservation]:
        """Keep room for a renewal of *key*. Raises as the port says."""
        return self._reserved(key)

    def rescued(self, key: CredentialKey) -> Session | None:
        """What an earlier renewal could not store. Raises as the port says."""
        try:
            file = read_document(self._rescue_path(key), backup=False)
        except StoreError:
            return None  # the zeros of a reservation whose process died, or nothing that could be used
        entry, stored = file.find(key), read_document(self._path).find(key)
        if entry is None or stored is None or entry.record is None or stored.record is None:
            return None
        if not _is_next(entry.record, stored.record):
            return None
        credential = self._opened(entry, entry.record)
        return credential if isinstance(credential, Session) else None

    def renewing(self, key: CredentialKey, *, timeout: float) -> AbstractContextManager[None]:
        """Hold the right to renew *key*. Raises as the port says, and `StoreNotWritable` where it has no lock file."""
        return self._renewing(key, timeout)

    @contextmanager
    def _reserved(self, key: CredentialKey) -> Iterator[Reservation]:
        import adapters.session_stores.sealing  # noqa: F401 - between answer and rename no time is to be lost

        master = self._keys.fetch()
        if master is None:
            raise self._key_missing()
        self._make_private(self._home)
        with ExitStack() as stack:
            try:
                size = self._path.stat().st_size if self._path.exists() else 0
                file = stack.enter_context(reserved_file(self._rescue_path(key), size + HEADROOM))
            except OSError as error:
                raise StoreNotWritable(str(self._path), f"no room can be reserved ({error.strerror})") from None
            yield _Reservation(partial(self._commit, master, file), partial(self._rescue, master, file))

    def _commit(self, master: MasterKey, file: ReservedFile, session: Session) -> bool:
        record, secrets = session.record, self._secrets(session)
        with self._changing() as document:
            entry = document.find(record.key)
            if entry is not None and entry.record is not None and _same_tokens(entry.record, record):
                return True  # an earlier try of this very renewal
            if entry is None or entry.record is None or not _is_next(record, entry.record):
                return False
            placed = _placed(document, record, secrets, master, activate=False)
            self._write(placed, lambda content: file.replace(self._path, content))
            return True

    def _rescue(self, master: MasterKey, file: ReservedFile, session: Session) -> None:
        alone = _placed(Document(self._path), session.record, self._secrets(session), master, activate=False)
        try:
            file.keep(alone.render())
        except OSError as error:
            raise StoreNotWritable(str(self._path), f"nothing can be kept beside it ({error.strerror})") from None

    def _rescue_path(self, key: CredentialKey) -> Path:
        return self._home / f".{AUTH_FILE}.{_digest(key)}.rescue"

    @contextmanager
    def _renewing(self, key: CredentialKey, timeout: float) -> Iterator[None]:
        folder = self._home / LOCK_FOLDER
        self._make_private(self._home)
        self._make_private(folder)
        with exclusive(folder / f"{_digest(key)}.lock", timeout=timeout):
            yield

    @contextmanager
    def _changing(self) -> Iterator[Document]:
        """The document as it is now, for as long as nobody else can write another."""
        self._make_private(self._home)
        with exclusive(self._home / LOCK_FILE, timeout=STORE_PATIENCE):
            document = read_document(self._path)
            document.refuse_to_write()
            yield document

    def _write(self, document: Document, put: Callable[[bytes], None] | None = None) -> None:
        """Write *document*, by *put* where the way is not the usual one."""
        content = document.render()
        sweep_orphans(self._path)
        try:
            if put is None:
                durable_write(self._path, content)
            else:
                put(content)
        except Unconfirmed as error:
            problem = f"the disk did not confirm the last write, which a power cut could undo ({error.strerror})"
            raise StoreNotWritable(str(self._path), problem) from None
        except OSError as error:
            raise StoreNotWritable(str(self._path), f"it cannot be written ({error.strerror})") from None
        self._notice(document)
        if not document.damaged:  # or the good copy of a damaged record would go
            sweep_orphans(self._backup)
            with suppress(OSError):  # the file itself is safe by now
                durable_write(self._backup, content)

    def _notice(self, document: Document) -> None:
        if document.mode is not None:
            self._notices[f"{self._path} was open to others (mode {document.mode:04o}); it is no longer."] = None
        if document.restored:
            self._notices[f"{self._path} was gone; the sign-ins were restored from {self._backup}."] = None

    def _forget_in_backup(self, key: CredentialKey) -> None:
        """Make sure that the backup does not hold *key* either: it may be older, or its last write may have failed."""
        with suppress(StoreError):
            backup = read_document(self._backup)
            if backup.find(key) is None:
                return
            try:
                durable_write(self._backup, backup.without(key).render())
            except OSError:
                with suppress(OSError):
                    self._backup.unlink()

    def _first_key(self, document: Document) -> MasterKey:
        """The key that another process made just now, else a new one; never one beside records of a lost key."""
        master = self._keys.fetch()
        if master is None and document.entries:
            raise self._key_missing()
        return master or self._keys.create()

    def _opened(self, entry: Entry, record: CredentialRecord) -> Credential:
        from adapters.session_stores.sealing import OtherKey, SealBroken, unseal

        master = self._keys.fetch()
        if master is None:
            raise self._key_missing()
        try:
            secrets = unseal(entry.sealed, entry.bound, master)
        except OtherKey:
            problem = f"the record of {_name(record.key)} was sealed with another master key"
            raise StoreWrongKey(str(self._path), problem) from None
        except SealBroken as broken:
            raise StoreDamaged(str(self._path), f"the record of {_name(record.key)} is damaged: {broken}") from None
        return self._credential(record, secrets)

    def _credential(self, record: CredentialRecord, secrets: dict[str, Any]) -> Credential:
        names = ("api_key",) if record.kind is CredentialKind.API_KEY else _TOKENS
        given = {name: secrets[name] for name in names if secrets.get(name) is not None}
        if not all(_sendable(value) for value in given.values()):
            raise StoreDamaged(str(self._path), f"a token of {_name(record.key)} holds more than visible ASCII")
        values = {name: Secret(value) for name, value in given.items()}
        if names[0] not in values:
            raise StoreDamaged(str(self._path), f"the record of {_name(record.key)} holds no {names[0]}")
        if record.kind is CredentialKind.API_KEY:
            return ApiKey(record, values["api_key"])
        return Session(record, **values)

    def _secrets(self, credential: Credential) -> dict[str, Secret]:
        given: dict[str, Secret | None]
        if isinstance(credential, ApiKey):
            given = {"api_key": credential.value}
        else:
            given = {name: getattr(credential, name) for name in _TOKENS}
        secrets = {name: secret for name, secret in given.items() if secret is not None}
        for name, secret in secrets.items():
            if not _sendable(secret.reveal()):
                problem = f"the {name} of {_name(credential.record.key)} is empty or holds more than visible ASCII"
                raise StoreError(str(self._path), f"{problem}, and was not stored")
        return secrets

    def _key_missing(self) -> StoreLocked:
        problem = (
            "its records are sealed, and their master key is missing; put the key back, or log out and sign in again"
        )
        return StoreLocked(str(self._path), problem)

    def _make_private(self, folder: Path) -> None:
        try:
            if private_folder(folder):
                self._notices[f"{folder} was open to others; it is no longer."] = None
        except OSError as error:
            raise StoreNotWritable(str(folder), f"this folder cannot be used ({error.strerror})") from None


@dataclass(frozen=True, slots=True)
class _Reservation:
    """The port's `Reservation`."""

    commit: Callable[[Session], bool]
    rescue: Callable[[Session], None]


def _placed(
    document: Document, record: CredentialRecord, secrets: Mapping[str, Secret], master: MasterKey, activate: bool
) -> Document:
    """*document* with *record* and its sealed *secrets* in their place."""
    from adapters.session_stores.sealing import seal

    before = document.find(record.key)
    marked = before.record.active if before and before.record else record.active
    record = replace(record, active=activate or marked)
    sealed = seal(secrets, bound_part(record, before=before), master)
    changed = document.put(record.key, new_entry(record, sealed, before=before))
    return _one_active(changed, record) if record.active else changed


def _one_active(document: Document, record: CredentialRecord) -> Document:
    """*document* with *record* as the only active one of its provider and kind."""

    def others(entry: Entry) -> bool:
        other = entry.record
        return other is not None and other.key != record.key and _group(other) == _group(record)

    entries = (active_mark(entry, active=False) if others(entry) else entry for entry in document.entries)
    return replace(document, entries=tuple(entries))


def _group(record: CredentialRecord) -> tuple[object, object]:
    return record.provider, record.kind


def _same_tokens(stored: CredentialRecord, copy: CredentialRecord) -> bool:
    return (stored.generation, stored.session_id) == (copy.generation, copy.session_id)


def _is_next(later: CredentialRecord, earlier: CredentialRecord) -> bool:
    """Whether *later* is what one renewal makes of *earlier*."""
    return (later.generation, later.session_id) == (earlier.generation + 1, earlier.session_id)


def _digest(key: CredentialKey) -> str:
    """A file name for *key*, whatever its account holds."""
    return sha256(str(key).encode("utf-8", errors="surrogatepass")).hexdigest()[:32]


def _sendable(token: object) -> bool:
    return isinstance(token, str) and bool(token) and _VISIBLE.issuperset(token)


def _name(key: CredentialKey) -> str:
    """*key* for a sentence: no account, which may be an address, and is foreign text."""
    return f"{key.provider.label} ({key.kind.label})"
