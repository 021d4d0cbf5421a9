from __future__ import annotations

import os
import sqlite3
import stat
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.conversations import schema
from adapters.conversations.rows import (
    COLUMNS,
    held_from,
    held_text,
    moment,
    storable,
    turn_from,
    turn_row,
)
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
from domain.conversation import Conversation, Turn
from domain.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer, StoreNotWritable
from domain.selection import Held
from domain.text.moments import moment_text

NAME: Final = "conversations.db"
_LOCK_NAME: Final = "conversations.lock"
_SIDES: Final = ("-journal", "-wal", "-shm")
"""What SQLite makes beside it."""
_PATIENCE: Final = 5.0
"""Seconds to wait for another process's write, which takes milliseconds."""

_TURN: Final = ", ".join(COLUMNS)
_MARKS: Final = ", ".join("?" * len(COLUMNS))
_ADD_TURN: Final = (
    f"INSERT INTO turn (conversation, number, {_TURN}) "  # noqa: S608 - names and marks of this module, no input
    f"SELECT ?1, coalesce(max(number), 0) + 1, {', '.join(f'?{n}' for n in range(2, len(COLUMNS) + 2))} "
    "FROM turn WHERE conversation = ?1"
)
_LAST_TURNS: Final = f"SELECT {_TURN} FROM turn WHERE conversation = ? ORDER BY number DESC LIMIT ?"  # noqa: S608 - as above
_TOUCH: Final = (
    "UPDATE conversation SET touched = (SELECT coalesce(max(touched), 0) + 1 FROM conversation) WHERE key = ?"
)
_HOLD: Final = "INSERT OR REPLACE INTO held (conversation, choice) SELECT key, ? FROM conversation WHERE id = ?"
_NO_LIMIT: Final = -1

_NOT_WRITABLE: Final = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM}
)
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY: Final = 0xFF
"""The low byte of SQLite's extended result codes is the primary one (sqlite.org/rescode.html)."""


class SqliteConversations:
    """Conversations in one SQLite database; any thread may call, one at a time is served.

    The write-ahead log is synced at every commit: a turn that was appended survives a power cut.
    """

    def __init__(self, *, home: Path) -> None:
        self._path = home / NAME
        self._turnstile = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closer: weakref.finalize[[], SqliteConversations] | None = None

    def begin(self, conversation: Conversation) -> None:
        """Start a conversation; its id must be new."""
        with self._database() as database:
            known = database.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation.id,)).fetchone()
            if known:
                raise StoreError(str(self._path), f"there is a conversation {conversation.id} already")
            row = (conversation.id, moment_text(conversation.started), storable(conversation.title))
            added = database.execute("INSERT INTO conversation (id, started, title) VALUES (?, ?, ?)", row)
            if conversation.held is not None:
                database.execute(_HOLD, (held_text(conversation.held), conversation.id))
            for turn in conversation.turns:
                database.execute(_ADD_TURN, (added.lastrowid, *turn_row(turn)))
            if conversation.turns:
                database.execute(_TOUCH, (added.lastrowid,))

    def append(self, conversation_id: str, turn: Turn) -> None:
        """Add a turn durably; the conversation must have begun."""
        with self._database() as database:
            found = database.execute("SELECT key FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
            if found is None:
                raise StoreError(str(self._path), f"there is no conversation {conversation_id}")
            database.execute(_ADD_TURN, (found[0], *turn_row(turn)))
            database.execute(_TOUCH, found)

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what the conversation goes on with from now on; nothing happens where it has not begun."""
        with self._database() as database:
            database.execute(_HOLD, (held_text(held), conversation_id))

    def latest(self, *, turns: int = 30) -> Conversation | None:
        """The one that was last added to; one without any turn does not count."""
        return self._found("WHERE touched IS NOT NULL ORDER BY touched DESC LIMIT 1", (), turns)

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        """One conversation, with its last *turns* turns or all of them."""
        return self._found("WHERE id = ?", (conversation_id,), _NO_LIMIT if turns is None else turns)

    def close(self) -> None:
        """Let go of the files; the next call opens them again."""
        with self._turnstile:
            self._connection = None
            if self._closer is not None:
                self._closer()

    def _found(self, which: str, values: tuple[str, ...], turns: int) -> Conversation | None:
        if not self._path.exists():
            return None
        with self._database() as database:
            query = f"SELECT key, id, started, title FROM conversation {which}"  # noqa: S608 - one of two constants
            row = database.execute(query, values).fetchone()
            if row is None:
                return None
            rows = database.execute(_LAST_TURNS, (row[0], turns)).fetchall()
            choice = database.execute("SELECT choice FROM held WHERE conversation = ?", row[:1]).fetchone()
        key, name, started, title = row
        try:
            spoken = tuple(turn_from(turn) for turn in reversed(rows))
            return Conversation(id=name, started=moment(started), title=title, turns=spoken, held=_held(choice))
        except (ValueError, TypeError, LookupError) as error:
            problem = f"a turn of conversation {key} cannot be read"
            raise StoreDamaged(str(self._path), problem) from error

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """The open database, in a transaction that is kept if nothing is raised."""
        with self._turnstile, self._our_errors():
            if self._connection is None:
                self._connection = self._open()
                self._closer = weakref.finalize(self, self._connection.close)
            with self._connection as database:
                yield database

    def _open(self) -> sqlite3.Connection:
        self._claim()
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, check_same_thread=False)
        try:
            self._bring_up_to_date(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
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
            descriptor = os.open(self._path, SHARE, OWNER_ONLY)
        except OSError as error:
            if self._path.is_symlink():
                raise StoreDamaged(str(self._path), LINK) from None
            raise StoreNotWritable(str(self._path), cannot_save(error)) from None
        try:
            _refuse_odd(self._path, os.fstat(descriptor))
            for side in _SIDES:
                path = self._path.with_name(NAME + side)
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
        if self._version(connection) > schema.VERSION:
            raise StoreNewer(str(self._path), "a newer keyswitch wrote it")
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'held'").fetchone() is None:
            connection.execute(schema.HELD)

    def _create(self, connection: sqlite3.Connection) -> None:
        """Make the tables, unless another process just did.

        The lock is for the change of the journal's mode, for which SQLite does not wait until others are done.
        """
        with exclusive(self._path.with_name(_LOCK_NAME), timeout=_PATIENCE):
            if self._version(connection) != 0:
                return
            connection.execute("PRAGMA journal_mode = WAL")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement in schema.STATEMENTS:
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
            path = str(self._path)
            if code in _HELD:
                raise StoreBusy(path, f"another process was writing to it for {_PATIENCE:g} s") from error
            if code == sqlite3.SQLITE_FULL:
                raise StoreNotWritable(path, "cannot save: disk full") from error
            if code in _NOT_WRITABLE:
                raise StoreNotWritable(path, f"it cannot be written ({error})") from error
            raise StoreDamaged(path, f"it cannot be read ({error})") from error


def _held(row: tuple[str] | None) -> Held | None:
    """What a conversation goes on with; None also where that cannot be read: then whoever resumes it says so."""
    with suppress(ValueError, TypeError, LookupError):
        return held_from(row[0]) if row else None
    return None


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
