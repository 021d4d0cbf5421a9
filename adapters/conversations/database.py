"""The database of the conversations: which file it is, and what is in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from adapters.conversations import schema
from adapters.conversations.leftovers import clear_away
from adapters.sqlite.sqlite_file import Database, Form

NAME: Final = "conversations.db"


def database_of_conversations(home: Path) -> Database:
    """The database in the folder *home*; it is opened when it is first used."""
    return Database(home / NAME, FORM)


def _missing(connection: sqlite3.Connection) -> list[str]:
    """What makes the parts of the schema that this database does not have yet."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    columns = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('conversation')")}
    added = [statement for name, statement in schema.COLUMNS_ADDED.items() if name not in columns]
    return [*added, *(statement for name, statement in schema.ADDED.items() if name not in there)]


FORM: Final = Form(version=schema.VERSION, statements=schema.STATEMENTS, missing=_missing, clear_away=clear_away)
