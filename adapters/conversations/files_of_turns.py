"""The files of turns: each content is kept once, however often it was attached, and as long as a turn has it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from adapters.conversations.rows import storable
from domain.attached.attachment import Attachment
from domain.conversation import Turn

_KEEP: Final = "INSERT OR IGNORE INTO file (digest, media_type, content) VALUES (?, ?, ?)"
_ATTACH: Final = "INSERT INTO attached (turn, place, name, digest) VALUES (?, ?, ?, ?)"
_OF_TURNS: Final = """
SELECT turn.key, name, media_type, content
FROM turn JOIN attached ON attached.turn = turn.key JOIN file USING (digest)
WHERE conversation = ? AND number >= ? AND number < ? ORDER BY number, place
"""
_COPY: Final = """
INSERT INTO attached (turn, place, name, digest) SELECT copy.key, place, name, digest
FROM turn AS copy JOIN turn AS source USING (number) JOIN attached ON attached.turn = source.key
WHERE copy.conversation = ? AND source.conversation = ? AND number <= ?
"""


def add(database: sqlite3.Connection, key: int, turn: Turn) -> None:
    """Keep the files of *turn*, which was stored as *key*."""
    for place, file in enumerate(turn.attachments):
        digest = file.digest
        database.execute(_KEEP, (digest, file.media_type, file.content))
        database.execute(_ATTACH, (key, place, storable(file.name), digest))


def of_turns(
    database: sqlite3.Connection, conversation: int, first: int, count: int
) -> Mapping[int, tuple[Attachment, ...]]:
    """The files of some turns of a conversation, by the keys of those that have any."""
    found: defaultdict[int, tuple[Attachment, ...]] = defaultdict(tuple)
    for key, name, media_type, content in database.execute(_OF_TURNS, (conversation, first, first + count)):
        found[key] += (Attachment(name, media_type, content),)
    return found


def copy(database: sqlite3.Connection, conversation: int, source: int, after: int) -> None:
    """Give the copies of turns, up to number *after* of *source*, the files of those."""
    database.execute(_COPY, (conversation, source, after))
