from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.conversations import answers_kept, files_of_turns, finding, removing
from adapters.conversations.database import database_of_conversations
from adapters.conversations.rows import (
    COLUMNS,
    TOUCH,
    held_from,
    held_text,
    moment,
    origin_from,
    storable,
    turn_from,
    turn_row,
)
from domain.conversation import Conversation, Origin, Turn, TurnState
from domain.conversations.kept import Cut, Hit, Summary
from domain.errors import StoreDamaged, StoreError
from domain.records import replace
from domain.selection import Held
from domain.text.moments import moment_text
from domain.usage.entry import Entry

_TURN: Final = ", ".join(COLUMNS)
_ADD_TURN: Final = (
    f"INSERT INTO turn (conversation, number, {_TURN}) "  # noqa: S608 - names and marks of this module, no input
    f"SELECT ?1, coalesce(max(number), 0) + 1, {', '.join(f'?{n}' for n in range(2, len(COLUMNS) + 2))} "
    "FROM turn WHERE conversation = ?1"
)
_SETTLE: Final = f"UPDATE turn SET ({_TURN}) = ({', '.join('?' * len(COLUMNS))}) WHERE key = ?"  # noqa: S608 - as above
_SAID: Final = ", ".join({"reasoning": "''", "receipt": "NULL"}.get(column, column) for column in COLUMNS)
_SOME: Final = "FROM turn WHERE conversation = ? AND number >= ? AND number < ? ORDER BY number"
_TURNS: Final = f"SELECT key, {_TURN} {_SOME}"
_TURNS_AS_SAID: Final = f"SELECT key, {_SAID} {_SOME}"
_COUNT: Final = "SELECT coalesce(max(number), 0) FROM turn WHERE conversation = ?"
_COUNT_OF: Final = (
    "SELECT coalesce(max(number), 0) FROM turn WHERE conversation = (SELECT key FROM conversation WHERE id = ?)"
)
_HOLD: Final = "INSERT OR REPLACE INTO held (conversation, choice) SELECT key, ? FROM conversation WHERE id = ?"
_OF_TURN: Final = "SELECT conversation, number FROM turn WHERE key = ?"
_LATEST: Final = "touched IS NOT NULL AND (?1 IS NULL OR origin IS NULL OR origin = ?1) ORDER BY touched DESC LIMIT 1"
_ONE: Final = (
    "id = ? AND (touched IS NOT NULL OR key NOT IN "
    "(SELECT conversation FROM removed UNION ALL SELECT conversation FROM branch))"
)
_BY_ID: Final = "SELECT key FROM conversation WHERE id = ?"


_EXCHANGE: Final = 2
"""Turns of one."""


class SqliteConversations:
    """Conversations in one SQLite database; any thread may call, one at a time is served."""

    def __init__(self, *, home: Path) -> None:
        self._database = database_of_conversations(home)
        self._path = self._database.path

    # What is said.

    def begin(self, conversation: Conversation) -> int:
        """Start a conversation; its id must be new."""
        with self._database.writing() as database:
            if database.execute(_BY_ID, (conversation.id,)).fetchone() is not None:
                raise StoreError(str(self._path), f"there is a conversation {conversation.id} already")
            origin = conversation.origin.value if conversation.origin else None
            row = (conversation.id, moment_text(conversation.started), storable(conversation.title), origin)
            insert = "INSERT INTO conversation (id, started, title, origin, bytes) VALUES (?, ?, ?, ?, 0)"
            key = database.execute(insert, row).lastrowid
            if conversation.held is not None:
                database.execute(_HOLD, (held_text(conversation.held), conversation.id))
            return _add(database, key, conversation.turns)

    def append(self, conversation_id: str, *turns: Turn) -> int:
        """Add turns durably; the conversation must have begun."""
        with self._database.writing() as database:
            key = self._key(database, conversation_id)
            database.execute("DELETE FROM removed WHERE conversation = ?", (key,))
            return _add(database, key, turns)

    def grow(self, key: int, text: str, reasoning: str = "") -> None:
        """Add a piece beside the turn: what it costs does not grow with what is there."""
        with self._database.writing() as database:
            add = "INSERT INTO piece (turn, text, reasoning) SELECT key, ?, ? FROM turn WHERE key = ?"
            database.execute(add, (storable(text), storable(reasoning), key))

    def settle(self, key: int, turn: Turn) -> None:
        """Put *turn* in the place of what came of it, in the same place of its conversation."""
        with self._database.writing() as database:
            if database.execute(_SETTLE, (*turn_row(turn), key)).rowcount == 0:
                raise StoreError(str(self._path), "the conversation was removed while the answer came")
            database.execute("DELETE FROM piece WHERE turn = ?", (key,))
            conversation, _ = database.execute(_OF_TURN, (key,)).fetchone()
            database.execute(f"{TOUCH} AND touched IS NOT NULL", (conversation,))

    def withdraw(self, key: int) -> None:
        """Take back an exchange; nothing happens where it is gone."""
        with self._database.writing() as database:
            found = database.execute(_OF_TURN, (key,)).fetchone()
            if found is None:
                return
            conversation, number = found
            last = database.execute(_COUNT, (conversation,)).fetchone()[0]
            both = (conversation, number - 1, number)
            if last > number:
                mark = "UPDATE turn SET state = ? WHERE conversation = ? AND number BETWEEN ? AND ?"
                database.execute(mark, (TurnState.FAILED.value, *both))
                return
            database.execute("DELETE FROM turn WHERE conversation = ? AND number BETWEEN ? AND ?", both)
            if number <= _EXCHANGE:
                database.execute("DELETE FROM conversation WHERE key = ?", (conversation,))

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what the conversation goes on with from now on; nothing happens where it has not begun."""
        with self._database.writing() as database:
            database.execute(_HOLD, (held_text(held), conversation_id))

    # What was said.

    def latest(self, *, turns: int = 30, origin: Origin | None = None) -> Conversation | None:
        """The one that was last added to; one without any turn does not count."""
        return self._found(_LATEST, (origin.value if origin else None,), turns)

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        """One conversation, with its last *turns* turns or all of them."""
        return self._found(_ONE, (conversation_id,), turns)

    def count(self, conversation_id: str) -> int:
        """One step into an index."""
        if not self._path.exists():
            return 0
        with self._database.reading() as database:
            count: int = database.execute(_COUNT_OF, (conversation_id,)).fetchone()[0]
            return count

    def stamp(self) -> Hashable:
        """What SQLite counts up with every change that others commit."""
        return self._database.stamp()

    def turns(self, conversation_id: str, *, first: int, count: int) -> tuple[Turn, ...]:
        """Some turns by their numbers."""
        return self._some(_TURNS, conversation_id, first, count)

    def said(self, conversation_id: str, *, first: int, count: int) -> tuple[Turn, ...]:
        """Half of the time for a turn would go to its receipt."""
        some = self._some(_TURNS_AS_SAID, conversation_id, first, count)
        return tuple(replace(turn, reasoning="") if turn.reasoning else turn for turn in some)  # of pieces

    def answers(self) -> Iterator[Entry]:
        """Receipts, without a text."""
        if self._path.exists():
            with self._database.reading() as database:
                yield from answers_kept.answers(database)

    # What is kept.

    def summaries(self, *, limit: int | None = None, skip: int = 0) -> tuple[Summary, ...]:
        """The list of conversations, the last one added to first."""
        if not self._path.exists():
            return ()
        with self._database.writing() as database, self._readable():  # sizes that nobody counted yet are noted
            return finding.summaries(database, limit=limit, skip=skip)

    def with_id(self, start: str) -> tuple[Summary, ...]:
        """At most two whose id begins so."""
        if not self._path.exists():
            return ()
        with self._database.writing() as database, self._readable():
            return finding.with_id(database, start)

    def search(self, text: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Where all words of *text* stand."""
        if not text.strip() or not self._path.exists():
            return ()
        with self._database.reading() as database, self._readable():
            return finding.search(database, text, limit)

    def messages(self, *, limit: int) -> tuple[str, ...]:
        """What people wrote, the last one last."""
        if not self._path.exists():
            return ()
        with self._database.reading() as database:
            return finding.messages(database, limit)

    def rename(self, conversation_id: str, title: str) -> None:
        """Give it another title."""
        with self._database.writing() as database:
            key = self._key(database, conversation_id)
            database.execute("UPDATE conversation SET title = ? WHERE key = ?", (storable(title), key))

    def remove(self, conversation_id: str) -> None:
        """Hide it; `leftovers.py` removes it for good."""
        with self._database.writing() as database:
            removing.remove(database, self._key(database, conversation_id))

    def restore(self, conversation_id: str) -> str:
        """Take a removal or a cut back."""
        with self._database.writing() as database:
            return removing.restore(database, self._key(database, conversation_id))

    def cut(self, conversation_id: str, *, after_turn: int) -> str:
        """Keep the turns aside, as a conversation that no list shows."""
        with self._database.writing() as database:
            return removing.cut(database, self._key(database, conversation_id), after_turn)

    def cuts(self, conversation_id: str) -> tuple[Cut, ...]:
        """What was cut off it, the last first."""
        with self._database.reading() as database:
            return removing.cuts(database, self._key(database, conversation_id))

    def close(self) -> None:
        """Let go of the files; the next call opens them again."""
        self._database.close()

    def _found(self, which: str, values: tuple[str | None, ...], turns: int | None) -> Conversation | None:
        if not self._path.exists():
            return None
        with self._database.reading() as database:
            query = f"SELECT key, id, started, title, origin FROM conversation WHERE {which}"  # noqa: S608 - of this module
            row = database.execute(query, values).fetchone()
            if row is None:
                return None
            key, name, started, title, origin = row
            count: int = database.execute(_COUNT, (key,)).fetchone()[0]
            earlier = 0 if turns is None else max(0, count - turns)
            choice = database.execute("SELECT choice FROM held WHERE conversation = ?", (key,)).fetchone()
            with self._readable():
                return Conversation(
                    id=name,
                    started=moment(started),
                    title=title,
                    turns=_read(database, _TURNS, key, earlier + 1, count),
                    held=_held(choice),
                    origin=origin_from(origin),
                    earlier=earlier,
                )

    def _some(self, which: str, conversation_id: str, first: int, count: int) -> tuple[Turn, ...]:
        if not self._path.exists():
            return ()
        with self._database.reading() as database, self._readable():
            found = database.execute(_BY_ID, (conversation_id,)).fetchone()
            return _read(database, which, found[0], first, count) if found else ()

    def _key(self, database: sqlite3.Connection, conversation_id: str) -> int:
        found = database.execute(_BY_ID, (conversation_id,)).fetchone()
        if found is None:
            raise StoreError(str(self._path), f"there is no conversation {conversation_id}")
        key: int = found[0]
        return key

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Rows that this program did not write are damage."""
        try:
            yield
        except (ValueError, TypeError, LookupError) as error:
            raise StoreDamaged(str(self._path), "something in it cannot be read") from error


def _add(database: sqlite3.Connection, conversation: int | None, turns: tuple[Turn, ...]) -> int:
    """Add *turns* to the conversation with that key; the key of the last of them, or 0."""
    last = 0
    for turn in turns:
        last = database.execute(_ADD_TURN, (conversation, *turn_row(turn))).lastrowid or 0
        files_of_turns.add(database, last, turn)
    if turns:
        database.execute(TOUCH, (conversation,))
    return last


def _read(database: sqlite3.Connection, which: str, conversation: int, first: int, count: int) -> tuple[Turn, ...]:
    """The turns that *which*, a query, finds of a conversation."""
    rows = database.execute(which, (conversation, first, first + count)).fetchall()
    files = files_of_turns.of_turns(database, conversation, first, count)
    turns = ((key, _with_pieces(database, key, turn_from(row))) for key, *row in rows)
    return tuple(replace(turn, attachments=files[key]) if key in files else turn for key, turn in turns)


def _with_pieces(database: sqlite3.Connection, key: int, turn: Turn) -> Turn:
    """*turn* with what came of it since it began, where it is on its way or nobody finished it."""
    if turn.state is not TurnState.BROKEN:
        return turn
    pieces = database.execute("SELECT text, reasoning FROM piece WHERE turn = ? ORDER BY key", (key,)).fetchall()
    text, reasoning = ("".join(parts) for parts in zip(("", ""), *pieces, strict=True))
    return replace(turn, text=turn.text + text, reasoning=turn.reasoning + reasoning)


def _held(row: tuple[str] | None) -> Held | None:
    """What a conversation goes on with; None also where that cannot be read: then whoever resumes it says so."""
    with suppress(ValueError, TypeError, LookupError):
        return held_from(row[0]) if row else None
    return None
