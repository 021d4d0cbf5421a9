"""The tables of the conversation database."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
"""Kept in `PRAGMA user_version`; a database of a higher one is left alone."""

_CONVERSATION: Final = """
CREATE TABLE conversation (
    key     INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    started TEXT NOT NULL,          -- ISO 8601, UTC
    title   TEXT NOT NULL,
    touched INTEGER                 -- counts up with every turn of any conversation; NULL before the first
) STRICT
"""
_TURN: Final = """
CREATE TABLE turn (
    key          INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    number       INTEGER NOT NULL,  -- from 1, without gaps
    role         TEXT NOT NULL,
    text         TEXT NOT NULL,
    at           TEXT NOT NULL,     -- ISO 8601, UTC
    state        TEXT NOT NULL,
    reasoning    TEXT NOT NULL,
    stop         TEXT,
    receipt      TEXT               -- JSON
) STRICT
"""
_WORDS_ADDED: Final = """
CREATE TRIGGER turn_added AFTER INSERT ON turn BEGIN
    INSERT INTO turn_words (rowid, text) VALUES (new.key, new.text);
END
"""
_WORDS_REMOVED: Final = """
CREATE TRIGGER turn_removed AFTER DELETE ON turn BEGIN
    INSERT INTO turn_words (turn_words, rowid, text) VALUES ('delete', old.key, old.text);
END
"""

_HELD: Final = """
CREATE TABLE IF NOT EXISTS held (
    conversation INTEGER PRIMARY KEY REFERENCES conversation (key) ON DELETE CASCADE,
    choice       TEXT NOT NULL      -- JSON: the model and the credential that it goes on with
) STRICT
"""
_PIECE: Final = """
CREATE TABLE IF NOT EXISTS piece (
    key       INTEGER PRIMARY KEY,
    turn      INTEGER NOT NULL REFERENCES turn (key) ON DELETE CASCADE,
    text      TEXT NOT NULL,        -- what came of an answer since the piece before; the turn's own text stands first
    reasoning TEXT NOT NULL
) STRICT
"""
_REMOVED: Final = """
CREATE TABLE IF NOT EXISTS removed (
    conversation INTEGER PRIMARY KEY REFERENCES conversation (key) ON DELETE CASCADE,
    at           INTEGER NOT NULL,  -- seconds since 1970
    touched      INTEGER            -- what conversation.touched was; there it is NULL meanwhile
) STRICT
"""
_BRANCH: Final = """
CREATE TABLE IF NOT EXISTS branch (
    conversation INTEGER PRIMARY KEY REFERENCES conversation (key) ON DELETE CASCADE,
    source       INTEGER NOT NULL REFERENCES conversation (key) ON DELETE CASCADE,
    after        INTEGER NOT NULL,  -- its turns, numbered from 1, stood behind this number of the source
    at           INTEGER NOT NULL   -- seconds since 1970
) STRICT
"""
_FILE: Final = """
CREATE TABLE IF NOT EXISTS file (
    digest     TEXT PRIMARY KEY,    -- SHA-256 of the content
    media_type TEXT NOT NULL,
    content    BLOB NOT NULL
) STRICT
"""
_ATTACHED: Final = """
CREATE TABLE IF NOT EXISTS attached (
    turn   INTEGER NOT NULL REFERENCES turn (key) ON DELETE CASCADE,
    place  INTEGER NOT NULL,        -- from 0, in the order in which they were attached
    name   TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES file (digest),
    PRIMARY KEY (turn, place)
) STRICT, WITHOUT ROWID
"""
_FILE_UNUSED: Final = """
CREATE TRIGGER IF NOT EXISTS file_unused AFTER DELETE ON attached BEGIN
    DELETE FROM file WHERE digest = old.digest AND NOT EXISTS (SELECT 1 FROM attached WHERE digest = old.digest);
END
"""
_SIZE: Final = "length(CAST({row}.text AS BLOB)) + length(CAST({row}.reasoning AS BLOB))"
_NEW, _OLD = _SIZE.format(row="new"), _SIZE.format(row="old")
_GREW: Final = f"""
CREATE TRIGGER IF NOT EXISTS conversation_grew AFTER INSERT ON turn BEGIN
    UPDATE conversation SET bytes = bytes + {_NEW} WHERE key = new.conversation;
END
"""  # noqa: S608 - columns' names, no input
_SHRANK: Final = f"""
CREATE TRIGGER IF NOT EXISTS conversation_shrank AFTER DELETE ON turn BEGIN
    UPDATE conversation SET bytes = bytes - ({_OLD}) WHERE key = old.conversation;
END
"""  # noqa: S608 - as above
_CHANGED: Final = f"""
CREATE TRIGGER IF NOT EXISTS turn_changed AFTER UPDATE OF text, reasoning ON turn BEGIN
    INSERT INTO turn_words (turn_words, rowid, text) VALUES ('delete', old.key, old.text);
    INSERT INTO turn_words (rowid, text) VALUES (new.key, new.text);
    UPDATE conversation SET bytes = bytes - ({_OLD}) + {_NEW} WHERE key = new.conversation;
END
"""  # noqa: S608 - as above
_MOVED: Final = f"""
CREATE TRIGGER IF NOT EXISTS turn_moved AFTER UPDATE OF conversation ON turn BEGIN
    UPDATE conversation SET bytes = bytes - ({_OLD}) WHERE key = old.conversation;
    UPDATE conversation SET bytes = bytes + {_NEW} WHERE key = new.conversation;
END
"""  # noqa: S608 - as above
_FILES_OF: Final = (
    "(SELECT coalesce(sum(length(content)), 0) FROM attached JOIN file USING (digest) WHERE attached.turn = {row}.key)"
)
_FILE_ADDED: Final = """
CREATE TRIGGER IF NOT EXISTS file_added AFTER INSERT ON attached BEGIN
    UPDATE conversation SET bytes = bytes + (SELECT length(content) FROM file WHERE digest = new.digest)
    WHERE key = (SELECT conversation FROM turn WHERE key = new.turn);
END
"""
_FILES_LEFT: Final = f"""
CREATE TRIGGER IF NOT EXISTS files_left BEFORE DELETE ON turn BEGIN
    UPDATE conversation SET bytes = bytes - {_FILES_OF.format(row="old")} WHERE key = old.conversation;
END
"""  # noqa: S608 - as above
_FILES_MOVED: Final = f"""
CREATE TRIGGER IF NOT EXISTS files_moved AFTER UPDATE OF conversation ON turn BEGIN
    UPDATE conversation SET bytes = bytes - {_FILES_OF.format(row="old")} WHERE key = old.conversation;
    UPDATE conversation SET bytes = bytes + {_FILES_OF.format(row="new")} WHERE key = new.conversation;
END
"""  # noqa: S608 - as above

COLUMNS_ADDED: Final = {
    "origin": "ALTER TABLE conversation ADD COLUMN origin TEXT",
    "bytes": "ALTER TABLE conversation ADD COLUMN bytes INTEGER",
}
"""Columns of `conversation`, with what adds each. NULL in `bytes`: nobody has counted yet."""
ADDED: Final = {
    "held": _HELD,
    "piece": _PIECE,
    "piece_turn": "CREATE INDEX IF NOT EXISTS piece_turn ON piece (turn)",
    "removed": _REMOVED,
    "branch": _BRANCH,
    "file": _FILE,
    "attached": _ATTACHED,
    "attached_digest": "CREATE INDEX IF NOT EXISTS attached_digest ON attached (digest)",
    "file_unused": _FILE_UNUSED,
    "file_added": _FILE_ADDED,
    "files_left": _FILES_LEFT,
    "files_moved": _FILES_MOVED,
    "conversation_grew": _GREW,
    "conversation_shrank": _SHRANK,
    "turn_changed": _CHANGED,
    "turn_moved": _MOVED,
}
"""Made where they are missing, under the same version: a keyswitch that does not know them leaves them alone.

It appends turns and reads them, and the triggers keep the size right meanwhile. It shows nothing of what was removed or
cut off, for that has no `touched`.
"""

STATEMENTS: Final = (
    _CONVERSATION,
    "CREATE INDEX conversation_touched ON conversation (touched)",
    _TURN,
    "CREATE UNIQUE INDEX turn_place ON turn (conversation, number)",
    "CREATE VIRTUAL TABLE turn_words USING fts5 (text, content = 'turn', content_rowid = 'key')",
    _WORDS_ADDED,
    _WORDS_REMOVED,
    f"PRAGMA user_version = {VERSION}",
)
"""What makes an empty database one of this version, in one transaction; what is added comes after it."""
