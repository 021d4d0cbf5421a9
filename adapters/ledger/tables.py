"""The tables of the ledger."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from typing import Final

from domain.conversation import Usage

VERSION: Final = 1
"""Kept in `PRAGMA user_version`; a database of a higher one is left alone."""

COUNTS: Final = tuple(field.name for field in fields(Usage))
"""The counts of an answer, each a column of its own."""

_LINE: Final = """
CREATE TABLE line (
    key      INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    account  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    payer    TEXT NOT NULL,
    model    TEXT NOT NULL,         -- the model that is billed
    rates    TEXT NOT NULL,         -- JSON: what the cost was computed from; '' where it was not
    reported INTEGER NOT NULL,      -- 1 where the vendor named the cost
    priced   INTEGER NOT NULL,      -- 0 where a plan pays or no price is known
    UNIQUE (provider, account, kind, payer, model, rates, reported, priced)
) STRICT
"""
_ENTRY: Final = """
CREATE TABLE entry (
    key          INTEGER PRIMARY KEY,
    at           TEXT NOT NULL,     -- ISO 8601, UTC
    day          TEXT NOT NULL,     -- of `at`
    line         INTEGER NOT NULL REFERENCES line (key),
    preset       TEXT NOT NULL,
    answered     TEXT NOT NULL,     -- the model, as the vendor named it; '' where it named none
    cost         TEXT,              -- US dollars, in decimal
    unpriced     TEXT NOT NULL,     -- why there is no cost
    request      TEXT NOT NULL,     -- the vendor's id of the request
    conversation TEXT NOT NULL,
    ending       TEXT NOT NULL
) STRICT
"""
_LIMIT: Final = """
CREATE TABLE limit_met (
    key       INTEGER PRIMARY KEY,
    at        TEXT NOT NULL,        -- ISO 8601, UTC
    provider  TEXT NOT NULL,
    account   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    payer     TEXT NOT NULL,
    model     TEXT NOT NULL,
    resets_at TEXT,                 -- as the provider told it
    lasts     INTEGER NOT NULL      -- 1 where somebody has to lift it
) STRICT
"""
_TOLD: Final = """
CREATE TABLE told (
    provider  TEXT NOT NULL,
    account   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    payer     TEXT NOT NULL,
    measure   TEXT NOT NULL,
    at        TEXT NOT NULL,
    allowed   INTEGER,
    remaining INTEGER,
    resets_at TEXT,
    PRIMARY KEY (provider, account, kind, payer, measure)
) STRICT, WITHOUT ROWID
"""
_DONE: Final = """
CREATE TABLE done (
    what TEXT PRIMARY KEY           -- what is done once in the life of a ledger
) STRICT, WITHOUT ROWID
"""

STATEMENTS: Final = (
    _LINE,
    _ENTRY,
    "CREATE INDEX entry_day ON entry (day, line)",
    "CREATE INDEX entry_conversation ON entry (conversation)",
    _LIMIT,
    _TOLD,
    _DONE,
    f"PRAGMA user_version = {VERSION}",
)


def missing(connection: sqlite3.Connection) -> list[str]:
    """The columns of counts that this ledger does not have yet: an answer may be counted in more ways some day."""
    there = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('entry')")}
    add = "ALTER TABLE entry ADD COLUMN {} INTEGER NOT NULL DEFAULT 0"
    return [add.format(name) for name in COUNTS if name not in there]
