"""A database of ours as a file: opened, claimed, brought up to date, its errors made ours."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.files.disk_errors import cannot_save
from adapters.files.locks import exclusive
from adapters.files.private_file import (
    LINK,
    NOT_REGULAR,
    OTHERS,
    OWNER_ONLY,
    READ,
    SHARE,
    SOMEBODY_ELSES,
    let_go,
    somebody_elses,
    tighten,
)
from domain.errors import StoreBusy, StoreDamaged, StoreNewer, StoreNotWritable
from domain.records import dataclass

_SIDES: Final = ("-journal", "-wal", "-shm")
"""What SQLite makes beside it."""
_NOT_WRITABLE: Final = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM}
)
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY: Final = 0xFF
"""The low byte of SQLite's extended result codes is the primary one (sqlite.org/rescode.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a database of ours holds, and how one of an earlier version becomes that."""

    version: int
    """Kept in `PRAGMA user_version`; a database of a higher one is left alone."""
    statements: Sequence[str]
    """What makes an empty database one of this version, in one transaction."""
    missing: Callable[[sqlite3.Connection], list[str]]
    """What makes the parts that a database of the same version does not have yet."""
    clear_away: Callable[[sqlite3.Connection], object]
    """What is put right each time that it is opened."""
    patience: float = 5.0
    """Seconds to wait for another process's write, which takes milliseconds."""


class Database:
    """One SQLite database in the home folder; any thread may use it, one at a time is served.

    The write-ahead log is synced at every commit: what was written survives a power cut.
    """

    def __init__(self, path: Path, form: Form) -> None:
        self.path = path
        self._form = form
        self._patience = form.patience
        self._turnstile = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened = 0
        self._file: os.stat_result | None = None
        """Which file is open."""
        self._closer: weakref.finalize[[], Database] | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The open database as it is at one moment, whoever writes meanwhile."""
        with self._transaction("BEGIN") as database:
            yield database

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The open database, in a transaction that is kept if nothing is raised."""
        with self._transaction("BEGIN IMMEDIATE") as database:
            yield database

    def stamp(self) -> Hashable:
        """The same as long as nobody else committed anything, as far as that can be told without waiting."""
        if not self._turnstile.acquire(blocking=False):
            return object()
        try:
            with self._our_errors():
                found = self._connection.execute("PRAGMA data_version").fetchone() if self._connection else None
        finally:
            self._turnstile.release()
        return (self._opened, *found) if found else object()

    def close(self) -> None:
        """Let go of the files; the next call opens them again."""
        with self._turnstile:
            self._let_go()

    def _let_go(self) -> None:
        self._connection = None
        if self._closer is not None:
            self._closer()

    def _is_another(self) -> bool:
        """Whether the file was removed or replaced since it was opened: what is written to it now, nobody reads."""
        with suppress(OSError):
            return self._file is None or not os.path.samestat(self._file, self.path.stat())
        return True

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._turnstile, self._our_errors():
            if self._connection is not None and self._is_another():
                self._let_go()
            if self._connection is None:
                self._connection = self._open()
                self._opened += 1
                self._closer = weakref.finalize(self, self._connection.close)
            with self._connection as database:
                database.execute(begin)
                yield database

    def _open(self) -> sqlite3.Connection:
        self._claim()
        connection = sqlite3.connect(self.path, timeout=self._patience, check_same_thread=False)
        try:
            self._bring_up_to_date(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._form.clear_away(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _claim(self) -> None:
        """Make the file its owner's alone before SQLite does; the side files get the same mode, also those of a crash.

        A link in its place is refused: SQLite follows none to its side files, but one to the file itself. It would wait
        for ever for the other end of a pipe.
        """
        try:
            descriptor = os.open(self.path, SHARE, OWNER_ONLY)
        except OSError as error:
            if self.path.is_symlink():
                raise StoreDamaged(str(self.path), LINK) from None
            raise StoreNotWritable(str(self.path), cannot_save(error)) from None
        try:
            self._file = os.fstat(descriptor)
            _refuse_odd(self.path, self._file)
            for side in _SIDES:
                path = self.path.with_name(self.path.name + side)
                with suppress(FileNotFoundError):
                    status = path.lstat()
                    _refuse_odd(path, status)
                    if status.st_mode & OTHERS:
                        _close_to_others(path)
            with suppress(OSError):
                tighten(descriptor)
        finally:
            let_go(descriptor)

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        if self._version(connection) == 0:
            self._create(connection)
        if self._version(connection) > self._form.version:
            raise StoreNewer(str(self.path), "a newer keyswitch wrote it")
        if not self._form.missing(connection):
            return
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in self._form.missing(connection):  # another process may just have made some
                connection.execute(statement)

    def _create(self, connection: sqlite3.Connection) -> None:
        """Make the tables, unless another process just did.

        The lock is for the change of the journal's mode, for which SQLite does not wait until others are done.
        """
        with exclusive(self.path.with_suffix(".lock"), timeout=self._patience):
            if self._version(connection) != 0:
                return
            connection.execute("PRAGMA journal_mode = WAL")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement in self._form.statements:
                    connection.execute(statement)

    def _version(self, connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        """Turn what SQLite raises into what the port promises."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
            path = str(self.path)
            if code in _HELD:
                raise StoreBusy(path, f"another process was writing to it for {self._patience:g} s") from error
            if code == sqlite3.SQLITE_FULL:
                raise StoreNotWritable(path, "cannot save: disk full") from error
            if code in _NOT_WRITABLE:
                raise StoreNotWritable(path, f"it cannot be written ({error})") from error
            raise StoreDamaged(path, f"it cannot be read ({error})") from error


def _close_to_others(path: Path) -> None:
    with suppress(OSError):  # as with the file itself: it is ours, and its folder is closed
        descriptor = os.open(path, READ)
        try:
            tighten(descriptor)
        finally:
            let_go(descriptor)


def _refuse_odd(path: Path, status: os.stat_result) -> None:
    """Raises StoreDamaged where SQLite must not open *path*."""
    if not stat.S_ISREG(status.st_mode):
        raise StoreDamaged(str(path), LINK if stat.S_ISLNK(status.st_mode) else NOT_REGULAR)
    if somebody_elses(status):
        raise StoreDamaged(str(path), SOMEBODY_ELSES)
