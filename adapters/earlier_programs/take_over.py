"""Taking over what other programs kept in the home folder: their sign-ins become records of ours, sealed.

The order makes it safe to stop anywhere and to begin anew. First the originals are kept (sealed, and read back), then
`auth.json` is replaced in one step, then what is left in plain text goes. Up to the second step nothing was changed;
after it only the third is missing, and a file that was kept is known by its content.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from adapters.earlier_formats.formats import (
    EarlierFile,
    NotAnEarlierFile,
    earlier_auth,
    earlier_auth_or_nothing,
    merged,
)
from adapters.earlier_programs.accounts_file import read_accounts
from adapters.files.durable_write import durable_write
from adapters.files.hard_links import other_names
from adapters.files.home_files import ACCOUNTS_FILE, AUTH_FILE
from adapters.files.private_file import FileRefused, read_private, sync_folder
from adapters.master_key.key import KeySource, MasterKey
from adapters.session_store.document import SIZE_LIMIT, Document
from adapters.session_store.originals import About, Original, Originals, Why
from adapters.session_store.sealed_record import seal_into
from adapters.session_store.store_file import StoreFile
from application.ports.clock import Clock
from application.ports.earlier_files import TakenOver
from domain.credential import CredentialRecord
from domain.errors import StoreDamaged, StoreLocked, StoreNotWritable, StoreWrongKey
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.session import OwnCredential

Bind = Callable[[OwnCredential], OwnCredential]
"""Gives a credential the client and addresses that it belongs to."""


@dataclass(frozen=True, slots=True)
class _Original:
    """A file of another program, as it stands or was kept."""

    path: Path
    content: bytes
    old: EarlierFile
    kept: Original | None = None


class EarlierFiles:
    """The files of other programs in one home folder."""

    def __init__(self, *, home: Path, keys: KeySource, bind: Bind, clock: Clock) -> None:
        self._home = home
        self._keys = keys
        self._bind = bind
        self._clock = clock
        self._file = StoreFile(home, keys)
        self._originals = Originals(home)

    def take_over(self) -> TakenOver:
        """As the port says."""
        document = self._file.read()
        if document.earlier is None and not document.fresh:
            return self._finish()
        now = self._clock.now()
        accounts = read_accounts(self._home, now)
        if document.earlier is None and not accounts.old.credentials:
            return TakenOver(problems=accounts.problems)
        master = self._file.master_key()
        with self._file.locked() as document:
            if document.earlier is None and not document.fresh:
                return TakenOver()  # another process was faster
            originals = self._standing(document, now)
            new = Document(document.path, mode=document.mode)
            taken = self._replaced(new, originals, master)
        refused = () if accounts.old.credentials else accounts.problems
        return replace(taken, problems=(*taken.problems, *refused))

    def put_back(self) -> bool:
        """As the port says."""
        return self._file.put_back()

    def notices(self) -> tuple[str, ...]:
        """What was noticed and put right, each a sentence for the owner."""
        return tuple(self._file.notices)

    def adopt(self, provider: Provider) -> tuple[CredentialRecord, ...]:
        """As the port says. The newest copy of each counts; what its owner had here before stays, no longer active."""
        self._file.put_back()
        master, now = self._file.master_key(), self._clock.now()
        with self._file.changing() as document:
            originals = [
                replace(original, old=_only(original.old, provider))
                for original in (
                    *self._replaced_by_others(master, now),
                    *self._standing_beside(now),
                    *self._standing_accounts(now),
                )
            ]
            wanted = [original for original in originals if original.old.credentials]
            if not wanted:
                return ()
            taken = self._replaced(document, wanted, master, adopting=provider)
            for original in wanted:
                if original.kept is not None:
                    self._originals.mark_adopted(original.kept, provider, now)
            return taken.records

    def restore(self, folder: str | None) -> tuple[str, ...]:
        """As the port says. Of each file the latest copy counts."""
        kept = {
            entry.about.file: entry
            for entry in self._originals.entries()
            if entry.about is not None and entry.about.why is Why.MIGRATED
        }
        if not kept:
            return ()
        master = self._keys.fetch()
        if master is None:
            raise StoreLocked(str(self._originals.path), "the copies are sealed, and the master key is missing")
        contents = {name: self._originals.content(entry, master) for name, entry in kept.items()}
        if folder is not None:
            return tuple(str(path) for path in _written_to(Path(folder), contents))
        with self._file.changing() as document:
            self._file.write_with_backup(document)  # which is what stays of our store
            for name, content in contents.items():
                _written(self._home / name, content)
        return tuple(str(self._home / name) for name in contents)

    def _replaced(
        self, document: Document, originals: list[_Original], master: MasterKey, *, adopting: Provider | None = None
    ) -> TakenOver:
        """Write *document* with what is in *originals*, once those are kept."""
        whole = merged(*(original.old for original in originals))
        problems = tuple(
            f"{original.path.name}: {problem}" for original in originals for problem in original.old.problems
        )
        file_state = [original for original in originals if original.kept is None]
        why, now = Why.REPLACED if adopting else Why.MIGRATED, self._clock.now()
        adopted = {adopting: now} if adopting else {}
        for original in file_state:
            about = About.of(original.old.records, original.content, file=original.path.name, kept_at=now, why=why)
            self._originals.keep(original.content, about, master, adopted=adopted)
        credentials = tuple(map(self._bind, whole.credentials))
        for credential in credentials:
            document = seal_into(document, credential, master, activate=credential.record.active)
        names = tuple(filter(None, (other_names(original.path) for original in file_state)))
        self._file.write(document)
        self._remove(original.path for original in file_state)
        return TakenOver(
            records=tuple(credential.record for credential in credentials),
            files=tuple(original.path.name for original in originals),
            kept_in=str(self._originals.path),
            problems=problems,
            other_names=names,
            unused=whole.unused,
        )

    def _standing(self, document: Document, now: datetime) -> list[_Original]:
        """What stands in the home folder before it is taken over for the first time."""
        found = self._standing_accounts(now)
        if document.earlier is not None:
            found.insert(0, _Original(self._file.path, document.earlier, earlier_auth(document.earlier, now)))
        return found

    def _standing_accounts(self, now: datetime) -> list[_Original]:
        accounts = read_accounts(self._home, now)
        if not accounts.old.credentials:
            return []  # what cannot be used stays where it is
        return [_Original(self._home / ACCOUNTS_FILE, accounts.content, accounts.old)]

    def _standing_beside(self, now: datetime) -> list[_Original]:
        """What another program has in `auth.json` where our store is beside it."""
        path = self._home / AUTH_FILE
        if self._file.path == path:
            return []
        try:
            file = read_private(path, limit=SIZE_LIMIT)
        except FileRefused:
            return []
        return [_Original(path, file.content, earlier_auth_or_nothing(file.content, now))] if file else []

    def _replaced_by_others(self, master: MasterKey, now: datetime) -> list[_Original]:
        """What other programs wrote over our file and nobody took over yet, the newest first."""
        found = []
        for kept in reversed(self._originals.entries()):
            if kept.about is None or kept.about.why is not Why.REPLACED:
                continue
            try:
                content = self._originals.content(kept, master)
                old = earlier_auth(content, now)
            except (StoreDamaged, StoreWrongKey, NotAnEarlierFile):
                continue  # it hides no other
            left = tuple(item for item in old.credentials if item.record.provider not in kept.adopted)
            found.append(_Original(self._home / kept.about.file, content, replace(old, credentials=left), kept))
        return found

    def _finish(self) -> TakenOver:
        """Remove what an interrupted run left in plain text although it is taken over and kept."""
        accounts = read_accounts(self._home, self._clock.now())
        left = self._home / ACCOUNTS_FILE
        kept = [entry for entry in self._originals.entries() if _is_of(entry, left.name, Why.MIGRATED)]
        if accounts.old.credentials and kept:
            master = self._keys.fetch()
            with self._file.locked():
                if master and any(self._originals.content(entry, master) == accounts.content for entry in kept):
                    self._remove([left])
        return TakenOver()

    def _remove(self, paths: Iterable[Path]) -> None:
        """Take away the plain-text files that are kept, other than the store's own place."""
        for path in paths:
            if path == self._file.path:
                continue
            try:
                path.unlink(missing_ok=True)
                sync_folder(path.parent)
            except OSError as error:
                raise StoreNotWritable(
                    str(path), f"it was taken over and cannot be removed ({error.strerror})"
                ) from None


def _written_to(folder: Path, contents: Mapping[str, bytes]) -> Iterator[Path]:
    for name, content in contents.items():
        path = folder / name
        if os.path.lexists(path):
            raise StoreNotWritable(str(path), "there is a file already, and it is not replaced")
        _written(path, content)
        yield path


def _written(path: Path, content: bytes) -> None:
    try:
        durable_write(path, content)
    except OSError as error:
        raise StoreNotWritable(str(path), f"it cannot be written ({error.strerror})") from None


def _only(old: EarlierFile, provider: Provider) -> EarlierFile:
    return EarlierFile(tuple(item for item in old.credentials if item.record.provider is provider))


def _is_of(kept: Original, name: str, why: Why) -> bool:
    return kept.about is not None and (kept.about.file, kept.about.why) == (name, why)
