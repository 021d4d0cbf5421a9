"""What is put right when the database is opened: answers that nobody finished, conversations removed for good."""

from __future__ import annotations

import sqlite3
from typing import Final

UNDO: Final = 3600
"""Seconds for which what was removed can be restored."""

_DUE: Final = (
    "SELECT removed.conversation FROM removed JOIN conversation ON conversation.key = removed.conversation "
    "WHERE conversation.touched IS NULL AND removed.at <= strftime('%s', 'now') - ?"
)


def clear_away(connection: sqlite3.Connection) -> None:
    """Do both, where there is anything to do."""
    if connection.execute("SELECT 1 FROM piece LIMIT 1").fetchone() is not None:
        _join_pieces(connection)
    if connection.execute(f"{_DUE} LIMIT 1", (UNDO,)).fetchone() is not None:
        _remove_for_good(connection)


def _join_pieces(connection: sqlite3.Connection) -> None:
    """Put the pieces of each answer into its turn, where a search finds them.

    A process that is still at such an answer goes on adding pieces, and settles it at its end as if nothing was done.
    """
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for (turn,) in connection.execute("SELECT DISTINCT turn FROM piece").fetchall():
            pieces = connection.execute("SELECT text, reasoning FROM piece WHERE turn = ? ORDER BY key", (turn,))
            text, reasoning = ("".join(parts) for parts in zip(*pieces.fetchall(), strict=True))
            more = "UPDATE turn SET text = text || ?, reasoning = reasoning || ? WHERE key = ?"
            connection.execute(more, (text, reasoning, turn))
        connection.execute("DELETE FROM piece")


def _remove_for_good(connection: sqlite3.Connection) -> None:
    """Together with what was cut off them, and with zeros in their place in the file."""
    connection.execute("PRAGMA secure_delete = ON")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        due = connection.execute(_DUE, (UNDO,)).fetchall()
        aside = "DELETE FROM conversation WHERE key IN (SELECT conversation FROM branch WHERE source = ?)"
        connection.executemany(aside, due)
        connection.executemany("DELETE FROM conversation WHERE key = ?", due)
