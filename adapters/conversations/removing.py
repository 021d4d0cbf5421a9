"""What is taken out of sight, and how it comes back.

It is a conversation without `touched`, which is in no list: one that was removed, a branch with the turns that were cut
off another one, and one without any turn.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from adapters.conversations import files_of_turns
from adapters.conversations.rows import COLUMNS, TOUCH
from domain.conversations.kept import Cut

_NOTE_REMOVED: Final = """
INSERT OR REPLACE INTO removed (conversation, at, touched)
SELECT key, strftime('%s', 'now'), touched FROM conversation WHERE key = ? AND touched IS NOT NULL
"""
_HIDE: Final = "UPDATE conversation SET touched = NULL WHERE key = ?"
_SHOW_AGAIN: Final = (
    "UPDATE conversation SET touched = removed.touched FROM removed WHERE key = ? AND conversation = key"
)
_TURN: Final = ", ".join(COLUMNS)
_COPY_TURNS: Final = (
    f"INSERT INTO turn (conversation, number, {_TURN}) SELECT ?, number, {_TURN} FROM turn "  # noqa: S608 - names of columns
    "WHERE conversation = ? AND number <= ? ORDER BY number"
)
_BRANCHES: Final = """
SELECT id, after, (SELECT count(*) FROM turn WHERE conversation = branch.conversation), at
FROM branch JOIN conversation ON conversation.key = branch.conversation WHERE source = ?
ORDER BY branch.conversation DESC
"""


def remove(database: sqlite3.Connection, key: int) -> None:
    """Hide the conversation and note since when; once more changes nothing."""
    database.execute(_NOTE_REMOVED, (key,))
    database.execute(_HIDE, (key,))


def restore(database: sqlite3.Connection, key: int) -> str:
    """Show it again in its old place, or put back what was cut off; the id of what is there now."""
    branch = database.execute("SELECT source, after FROM branch WHERE conversation = ?", (key,)).fetchone()
    if branch is not None:
        source, after = branch
        key = _put_back(database, key, source, after)
    else:
        database.execute(_SHOW_AGAIN, (key,))
        database.execute("DELETE FROM removed WHERE conversation = ?", (key,))
    name: str = database.execute("SELECT id FROM conversation WHERE key = ?", (key,)).fetchone()[0]
    return name


def _put_back(database: sqlite3.Connection, key: int, source: int, after: int) -> int:
    last = database.execute("SELECT max(number) FROM turn WHERE conversation = ?", (source,)).fetchone()[0] or 0
    database.execute("DELETE FROM branch WHERE conversation = ?", (key,))
    if last == after:
        database.execute(
            "UPDATE turn SET conversation = ?, number = number + ? WHERE conversation = ?", (source, after, key)
        )
        database.execute("DELETE FROM conversation WHERE key = ?", (key,))
        database.execute(TOUCH, (source,))
        return source
    # Downwards from where no number is in use: each row is checked against the others as it is changed.
    far = "UPDATE turn SET number = number + 1000000000 WHERE conversation = ?"
    database.execute(far, (key,))
    database.execute("UPDATE turn SET number = number - 1000000000 + ? WHERE conversation = ?", (min(after, last), key))
    database.execute(_COPY_TURNS, (key, source, after))
    files_of_turns.copy(database, key, source, after)
    database.execute(TOUCH, (key,))
    return key


def cut(database: sqlite3.Connection, key: int, after: int) -> str:
    """Move the turns behind number *after* to a branch; its id, or "" where there are none."""
    behind = "SELECT 1 FROM turn WHERE conversation = ? AND number > ? LIMIT 1"
    if database.execute(behind, (key, after)).fetchone() is None:
        return ""
    name = uuid4().hex
    copy = "SELECT ?, started, title, origin, 0 FROM conversation WHERE key = ?"
    made = database.execute(
        f"INSERT INTO conversation (id, started, title, origin, bytes) {copy}", (name, key)
    ).lastrowid
    hold = "INSERT INTO held (conversation, choice) SELECT ?, choice FROM held WHERE conversation = ?"
    database.execute(hold, (made, key))
    note = "INSERT INTO branch (conversation, source, after, at) VALUES (?, ?, ?, strftime('%s', 'now'))"
    database.execute(note, (made, key, after))
    move = "UPDATE turn SET conversation = ?, number = number - ? WHERE conversation = ? AND number > ?"
    database.execute(move, (made, after, key, after))
    if after == 0:
        database.execute(_HIDE, (key,))
    return name


def cuts(database: sqlite3.Connection, key: int) -> tuple[Cut, ...]:
    """The branches of the conversation, the last first."""
    rows = database.execute(_BRANCHES, (key,)).fetchall()
    return tuple(Cut(name, after, turns, datetime.fromtimestamp(at, UTC)) for name, after, turns, at in rows)
