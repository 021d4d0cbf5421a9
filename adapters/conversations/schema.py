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

HELD: Final = """
CREATE TABLE IF NOT EXISTS held (
    conversation INTEGER PRIMARY KEY REFERENCES conversation (key) ON DELETE CASCADE,
    choice       TEXT NOT NULL      -- JSON: the model and the credential that it goes on with
) STRICT
"""
"""Made where it is missing, under the same version: a keyswitch that does not know the table leaves it alone."""

STATEMENTS: Final = (
    _CONVERSATION,
    "CREATE INDEX conversation_touched ON conversation (touched)",
    _TURN,
    "CREATE UNIQUE INDEX turn_place ON turn (conversation, number)",
    "CREATE VIRTUAL TABLE turn_words USING fts5 (text, content = 'turn', content_rowid = 'key')",
    _WORDS_ADDED,
    _WORDS_REMOVED,
    HELD,
    f"PRAGMA user_version = {VERSION}",
)
"""What makes an empty database one of this version, in one transaction."""
