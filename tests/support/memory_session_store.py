from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from application.ports.session_store import Removed, Reservation, Stored
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import StoreBusy, StoreError
from domain.session import OwnCredential, Session
from domain.store_trouble import StoreTrouble


class MemorySessionStore:
    """A session store that forgets with its process; the errors set on it are raised as a real one would."""

    def __init__(self) -> None:
        self.refuse_to_load: StoreError | None = None
        self.refuse_to_write: StoreError | None = None
        self.refuse_to_reserve: StoreError | None = None
        self.refuse_to_commit: list[StoreError] = []
        """Raised by as many commits, one after the other."""
        self.refuse_to_rescue: StoreError | None = None
        self.troubles: tuple[StoreTrouble, ...] = ()
        self._rescued: dict[CredentialKey, Session] = {}
        self._credentials: dict[CredentialKey, OwnCredential] = {}
        self._writes = 0
        self._lock = threading.Lock()
        self._rights: dict[CredentialKey, threading.Lock] = {}

    def stored(self) -> Stored:
        """What is there, without trouble but what a test puts in."""
        return Stored(self.records(), self.troubles)

    def records(self) -> tuple[CredentialRecord, ...]:
        """What is known of every stored credential."""
        return tuple(credential.record for credential in self._credentials.values())

    def load(self, key: CredentialKey) -> OwnCredential | None:
        """The credential, or None."""
        if self.refuse_to_load is not None:
            raise self.refuse_to_load
        return self._credentials.get(key)

    def ready(self) -> None:
        """Whether it could be written."""
        if self.refuse_to_write is not None:
            raise self.refuse_to_write

    def save(self, credential: OwnCredential, *, activate: bool = False) -> None:
        """Store it; its place and its mark stay."""
        with self._changing():
            record = credential.record
            before = self._credentials.get(record.key)
            active = activate or (before.record.active if before else record.active)
            self._credentials[record.key] = replace(credential, record=replace(record, active=active))
            if active:
                self._take_mark_from_rivals(record.key)

    def annotate(self, record: CredentialRecord) -> None:
        with self._changing():
            stored = self._credentials.get(record.key)
            if stored is not None and stored.record.version == record.version:
                noted = replace(
                    stored.record,
                    tombstone=record.tombstone,
                    setback=record.setback,
                    intent=record.intent,
                    rejection=record.rejection,
                )
                self._credentials[record.key] = replace(stored, record=noted)

    def activate(self, key: CredentialKey) -> bool:
        """Move the active mark to it."""
        with self._changing():
            stored = self._credentials.get(key)
            if stored is None:
                return False
            self._credentials[key] = replace(stored, record=replace(stored.record, active=True))
            self._take_mark_from_rivals(key)
            return True

    def remove(self, key: CredentialKey) -> Removed | None:
        with self._changing():
            self._rescued.pop(key, None)
            credential = self._credentials.pop(key, None)
            if credential is None:
                return None
            return Removed(None if self.refuse_to_load is not None else credential)

    def copied(self, record: CredentialRecord) -> StoreError:
        """The error for a copy."""
        return StoreError.of_copied_home("memory", record.provider, record.elsewhere)

    def go_on_here(self) -> tuple[CredentialRecord, ...]:
        """Make this the place of all."""
        copies = tuple(record for record in self.records() if record.elsewhere)
        for record in copies:
            stored = self._credentials[record.key]
            self._credentials[record.key] = replace(stored, record=replace(record, elsewhere=""))
        return copies

    def reserve(self, key: CredentialKey) -> AbstractContextManager[Reservation]:
        """Keep room for a renewal."""
        return self._reserved(key)

    def rescued(self, key: CredentialKey) -> Session | None:
        """What an earlier renewal could not store."""
        kept, stored = self._rescued.get(key), self._credentials.get(key)
        if kept is None or stored is None or not kept.record.version.is_next_after(stored.record.version):
            return None
        return kept

    def renewing(self, key: CredentialKey, *, timeout: float) -> AbstractContextManager[None]:
        """Hold the one right to renew it."""
        return self._renewing(key, timeout)

    def stamp(self) -> Hashable:
        """Changes with every write."""
        return self._writes

    def _take_mark_from_rivals(self, key: CredentialKey) -> None:
        for other_key, other in self._credentials.items():
            rival = (other_key.provider, other_key.kind) == (key.provider, key.kind) and other_key != key
            if rival and other.record.active:
                self._credentials[other_key] = replace(other, record=replace(other.record, active=False))

    @contextmanager
    def _reserved(self, key: CredentialKey) -> Iterator[Reservation]:
        if self.refuse_to_reserve is not None:
            raise self.refuse_to_reserve
        self._rescued.pop(key, None)
        yield _MemoryReservation(self)

    @contextmanager
    def _renewing(self, key: CredentialKey, timeout: float) -> Iterator[None]:
        with self._lock:
            right = self._rights.setdefault(key, threading.Lock())
        if not right.acquire(timeout=timeout):
            raise StoreBusy("memory", f"somebody else renewed this credential for {timeout:g} s")
        try:
            yield
        finally:
            right.release()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        if self.refuse_to_write is not None:
            raise self.refuse_to_write
        with self._lock:
            before = dict(self._credentials)
            yield
            self._writes += self._credentials != before


class _MemoryReservation:
    def __init__(self, store: MemorySessionStore) -> None:
        self._store = store

    def commit(self, session: Session) -> bool:
        store = self._store
        if store.refuse_to_commit:
            raise store.refuse_to_commit.pop(0)
        stored = store._credentials.get(session.record.key)
        if stored is not None and stored.record.version == session.record.version:
            return True
        if stored is None or not session.record.version.is_next_after(stored.record.version):
            return False
        store.save(session)
        return True

    def rescue(self, session: Session) -> None:
        if self._store.refuse_to_rescue is not None:
            raise self._store.refuse_to_rescue
        self._store._rescued[session.record.key] = session
