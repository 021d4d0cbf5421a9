"""Taking over what other programs kept in the home folder: their sign-ins become records of ours, sealed.

The order makes it safe to stop anywhere and to begin anew. First the originals are kept (sealed, and read back), then
`auth.json` is replaced in one step, then what is left in plain text goes. Up to the second step nothing was changed;
after it only the third is missing, and a file that was kept is known by its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from adapters.session_stores.auth_file import Document
from adapters.session_stores.kept_files import About, KeptFile, KeptFiles, Why
from adapters.session_stores.key_source import KeySource, MasterKey
from adapters.session_stores.old_formats import NotOld, OldFile, merged, old_auth
from adapters.session_stores.older_accounts import ACCOUNTS_FILE, read_accounts
from adapters.session_stores.private_file import sync_folder
from adapters.session_stores.sealed_record import placed
from adapters.session_stores.store_file import StoreFile
from application.ports.clock import Clock
from domain.credential import CredentialRecord
from domain.errors import StoreDamaged, StoreNotWritable, StoreWrongKey
from domain.provider import Provider
from domain.session import Credential

Bind = Callable[[Credential], Credential]
"""Gives a credential the client and addresses that it belongs to."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What became of files of other programs."""

    records: tuple[CredentialRecord, ...] = ()
    """What is ours now."""
    files: tuple[Path, ...] = ()
    """Whose contents were taken over, and are kept."""
    problems: tuple[str, ...] = ()
    """What could not be, each with its place before it: `auth.json: claude: it is no JSON object`."""
    unused: tuple[str, ...] = ()
    """Names of members that mean nothing to keyswitch."""


@dataclass(frozen=True, slots=True)
class _Original:
    """One of those files, as it stands or was kept."""

    path: Path
    content: bytes
    old: OldFile
    kept: KeptFile | None = None


class OlderFiles:
    """The files of other programs in one home folder."""

    def __init__(self, *, home: Path, keys: KeySource, bind: Bind, clock: Clock) -> None:
        self._home = home
        self._keys = keys
        self._bind = bind
        self._clock = clock
        self._file = StoreFile(home, keys)
        self._kept = KeptFiles(home)

    def take_over(self) -> TakenOver:
        """Make the sign-ins of an earlier program ours; nothing where that was done before, or there is none.

        Raises:
            StoreDamaged: Nothing in its file can be used, or must be; it was left alone.
            StoreError: It cannot be done now; nothing was changed.
        """
        document = self._file.read()
        if document.older is None and not document.fresh:
            return self._finish()
        now = self._clock.now()
        accounts = read_accounts(self._home, now)
        if document.older is None and not accounts.old.credentials:
            return TakenOver(problems=accounts.problems)
        import adapters.session_stores.sealing  # noqa: F401 - before the lock: it takes longer than all under it

        master = self._file.master_key()
        with self._file.locked() as document:
            if document.older is None and not document.fresh:
                return TakenOver()  # another process was faster
            originals = self._standing(document, now)
            new = replace(Document(self._file.path), mode=document.mode)
            taken = self._replaced(new, originals, master, why=Why.MIGRATED)
        refused = () if accounts.old.credentials else accounts.problems
        return replace(taken, problems=(*taken.problems, *refused))

    def adopt(self, provider: Provider) -> tuple[CredentialRecord, ...]:
        """Make the sign-ins of *provider* ours that another program left here after us; () where there are none.

        The newest copy of each counts. What its owner had here before stays, but no longer as the active one.

        Raises:
            StoreError: It cannot be done now; nothing was changed.
        """
        self._file.put_back()
        master, now = self._file.master_key(), self._clock.now()
        with self._file.changing() as document:
            originals = [
                replace(original, old=_only(original.old, provider))
                for original in (*self._replaced_by_others(master, now), *self._standing_accounts(now))
            ]
            wanted = [original for original in originals if original.old.credentials]
            if not wanted:
                return ()
            taken = self._replaced(document, wanted, master, why=Why.REPLACED)
            for original in wanted:
                if original.kept is not None:
                    self._kept.mark_adopted(original.kept, provider, now)
            return taken.records

    def _replaced(self, document: Document, originals: list[_Original], master: MasterKey, *, why: Why) -> TakenOver:
        """Write *document* with what is in *originals*, once those are kept."""
        whole = merged(*(original.old for original in originals))
        problems = tuple(
            f"{original.path.name}: {problem}" for original in originals for problem in original.old.problems
        )
        if not whole.credentials and problems:
            problem = f"an older program wrote it, and nothing in it can be used ({'; '.join(whole.problems)})"
            raise StoreDamaged(str(self._file.path), problem)
        standing = [original for original in originals if original.kept is None]
        now = self._clock.now()
        for original in standing:
            about = About.of(original.old.records, original.content, file=original.path.name, kept_at=now, why=why)
            self._kept.keep(original.content, about, master)
        credentials = tuple(map(self._bind, whole.credentials))
        for credential in credentials:
            document = placed(document, credential, master, activate=credential.record.active)
        self._file.write(document)
        self._remove(original.path for original in standing)
        return TakenOver(
            tuple(credential.record for credential in credentials),
            tuple(original.path for original in originals),
            problems,
            whole.unused,
        )

    def _standing(self, document: Document, now: datetime) -> list[_Original]:
        """What stands in the home folder before it is taken over for the first time."""
        found = self._standing_accounts(now)
        if document.older is not None:
            found.insert(0, _Original(self._file.path, document.older, old_auth(document.older, now)))
        return found

    def _standing_accounts(self, now: datetime) -> list[_Original]:
        accounts = read_accounts(self._home, now)
        if not accounts.old.credentials:
            return []  # what cannot be used stays where it is
        return [_Original(self._home / ACCOUNTS_FILE, accounts.content, accounts.old)]

    def _replaced_by_others(self, master: MasterKey, now: datetime) -> list[_Original]:
        """What other programs wrote over our file and nobody took over yet, the newest first."""
        found = []
        for kept in reversed(self._kept.entries()):
            if kept.about is None or kept.about.why is not Why.REPLACED:
                continue
            try:
                content = self._kept.content(kept, master)
                old = old_auth(content, now)
            except (StoreDamaged, StoreWrongKey, NotOld):
                continue  # it hides no other
            left = tuple(item for item in old.credentials if item.record.provider not in kept.adopted)
            found.append(_Original(self._home / kept.about.file, content, replace(old, credentials=left), kept))
        return found

    def _finish(self) -> TakenOver:
        """Remove what an interrupted run left in plain text although it is taken over and kept."""
        accounts = read_accounts(self._home, self._clock.now())
        left = self._home / ACCOUNTS_FILE
        kept = [entry for entry in self._kept.entries() if _is_of(entry, left.name, Why.MIGRATED)]
        if accounts.old.credentials and kept:
            master = self._keys.fetch()
            with self._file.locked():
                if master and any(self._kept.content(entry, master) == accounts.content for entry in kept):
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


def _only(old: OldFile, provider: Provider) -> OldFile:
    return OldFile(tuple(item for item in old.credentials if item.record.provider is provider))


def _is_of(kept: KeptFile, name: str, why: Why) -> bool:
    return kept.about is not None and (kept.about.file, kept.about.why) == (name, why)
