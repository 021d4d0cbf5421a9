"""The list of conversations, and the search in what was said."""

from __future__ import annotations

import os
import re
import sqlite3
from typing import Any, Final

from adapters.conversations.rows import moment, origin_from, storable
from domain.conversation import Origin, Role
from domain.conversations.kept import Hit, Piece, Summary

_SUMMARY: Final = """
SELECT id, title, started, origin, bytes,
    (SELECT max(number) FROM turn WHERE conversation = conversation.key),
    (SELECT at FROM turn WHERE conversation = conversation.key ORDER BY number DESC LIMIT 1),
    (SELECT iif(json_valid(receipt), json_extract(receipt, '$.label'), NULL) FROM turn
        WHERE conversation = conversation.key AND receipt IS NOT NULL ORDER BY number DESC LIMIT 1)
FROM conversation
"""
_BY_AGE: Final = "WHERE touched IS NOT NULL ORDER BY touched DESC LIMIT ? OFFSET ?"
_BY_ID: Final = "WHERE touched IS NOT NULL AND substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 2"
_COUNT_BYTES: Final = """
UPDATE conversation SET bytes = (
    SELECT coalesce(sum(length(CAST(text AS BLOB)) + length(CAST(reasoning AS BLOB))), 0)
    FROM turn WHERE conversation = conversation.key
) + (
    SELECT coalesce(sum(length(content)), 0)
    FROM turn JOIN attached ON attached.turn = turn.key JOIN file USING (digest)
    WHERE turn.conversation = conversation.key
) WHERE id = ?
"""
_EVERYTHING: Final = -1

_WORDS_AROUND: Final = 24
_SHOWN: Final = 240
"""Characters of a snippet: a word may be as long as a text."""
_LEAD: Final = 60
"""How many of them may stand before the place."""
_SCANNED: Final = 20_000
"""Turns that are looked through letter by letter, the newest: some 50 ms."""

_HIT: Final = "SELECT conversation.id, conversation.title, turn.number, turn.role, turn.at"
_BY_WORDS: Final = f"""
{_HIT}, snippet(turn_words, 0, ?1, ?2, '', {_WORDS_AROUND})
FROM turn_words JOIN turn ON turn.key = turn_words.rowid JOIN conversation ON conversation.key = turn.conversation
WHERE turn_words MATCH ?3 AND conversation.touched IS NOT NULL ORDER BY turn_words.rowid DESC LIMIT ?4
"""
_TURNS: Final = f"""
{_HIT}, turn.text
FROM turn JOIN conversation ON conversation.key = turn.conversation
WHERE turn.key > (SELECT max(key) FROM turn) - {_SCANNED} AND conversation.touched IS NOT NULL
AND contains(turn.text) ORDER BY turn.key DESC LIMIT ?
"""  # noqa: S608 - constants of this module
_TITLES: Final = """
SELECT id, title, started FROM conversation
WHERE touched IS NOT NULL AND contains(title) ORDER BY touched DESC LIMIT ?
"""

_MESSAGES: Final = f"""
SELECT turn.text FROM turn JOIN conversation ON conversation.key = turn.conversation
WHERE turn.key > (SELECT max(key) FROM turn) - {_SCANNED} AND turn.role = '{Role.USER.value}'
AND conversation.touched IS NOT NULL AND coalesce(conversation.origin, ?1) = ?1 AND length(turn.text) <= ?2
ORDER BY turn.key DESC LIMIT ?3
"""  # noqa: S608 - constants of this module
_LONGEST_MESSAGE: Final = 100_000

_WITHOUT_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese: the index takes a whole sentence of them for one word."""


def summaries(database: sqlite3.Connection, *, limit: int | None, skip: int) -> tuple[Summary, ...]:
    """The conversations in which something was said, the last one added to first."""
    return _summaries(database, _BY_AGE, (_EVERYTHING if limit is None else limit, skip))


def with_id(database: sqlite3.Connection, start: str) -> tuple[Summary, ...]:
    """At most two whose id begins with *start*."""
    return _summaries(database, _BY_ID, (storable(start),))


def _summaries(database: sqlite3.Connection, which: str, values: tuple[str | int, ...]) -> tuple[Summary, ...]:
    rows = database.execute(_SUMMARY + which, values).fetchall()
    if uncounted := [(row[0],) for row in rows if row[4] is None]:
        database.executemany(_COUNT_BYTES, uncounted)
        rows = database.execute(_SUMMARY + which, values).fetchall()
    return tuple(_summary(*row) for row in rows)


def _summary(*row: Any) -> Summary:
    name, title, started, origin, size, turns, last_at, label = row
    return Summary(
        id=name,
        title=title,
        started=moment(started),
        last_at=moment(last_at),
        turns=turns,
        size=size,
        label=str(label or ""),
        origin=origin_from(origin),
    )


def search(database: sqlite3.Connection, text: str, limit: int) -> tuple[Hit, ...]:
    """Titles first, then turns, the newest first."""
    words = [word for word in storable(text).replace("\x00", " ").replace('"', " ").split() if word]
    if not words:
        return ()
    folded = [word.casefold() for word in words]
    database.create_function("contains", 1, lambda where: all(word in where.casefold() for word in folded))
    titles = [
        Hit(name, title, moment(started), _around(title, folded))
        for name, title, started in database.execute(_TITLES, (limit,))
    ]
    if all(any(letter.isalnum() for letter in word) and not _WITHOUT_SPACES.search(word) for word in words):
        turns = _by_words(database, words, limit - len(titles))
    else:
        rows = database.execute(_TURNS, (limit - len(titles),))
        turns = [_hit(row[:5], _around(row[5], folded)) for row in rows]
    return (*titles, *turns)


def messages(database: sqlite3.Connection, limit: int) -> tuple[str, ...]:
    """What people wrote in the app, the last one last."""
    rows = database.execute(_MESSAGES, (Origin.APP.value, _LONGEST_MESSAGE, limit)).fetchall()
    return tuple(text for (text,) in reversed(rows))


def _by_words(database: sqlite3.Connection, words: list[str], limit: int) -> list[Hit]:
    """By the index: each word is quoted, so that none is taken for an operator; the last may go on."""
    wanted = " ".join(f'"{word}"' for word in words) + "*"
    mark = os.urandom(8).hex()  # nobody can have written it
    rows = database.execute(_BY_WORDS, (f"<{mark}", f">{mark}", wanted, limit))
    return [_hit(row[:5], _marked(row[5], mark)) for row in rows]


def _hit(row: tuple[Any, ...], snippet: tuple[Piece, ...]) -> Hit:
    name, title, number, role, at = row
    return Hit(name, title, moment(at), snippet, number, Role(role))


def _marked(snippet: str, mark: str) -> tuple[Piece, ...]:
    """The pieces of a snippet of the index."""
    before, *found = snippet.split(f"<{mark}")
    pieces = [Piece(before)]
    for part in found:
        word, _, rest = part.partition(f">{mark}")
        pieces += [Piece(word, found=True), Piece(rest)]
    return _short(pieces)


def _around(text: str, folded: list[str]) -> tuple[Piece, ...]:
    """What stands around the first place of *text* where one of the words stands."""
    places = [(at, word) for word in folded if (at := text.casefold().find(word)) >= 0]
    if not places:
        return _short([Piece(text)])
    at, word = min(places)
    end = at + len(word)
    return _short([Piece(text[:at]), Piece(text[at:end], found=True), Piece(text[end : end + _SHOWN])])


def _short(pieces: list[Piece]) -> tuple[Piece, ...]:
    """*pieces* in the space of a few lines, the first place among them."""
    first, *rest = pieces
    short, room = [], _SHOWN
    lead = first.text if not rest else first.text[-_LEAD:]
    for piece in (Piece(lead), *rest):
        short.append(Piece(piece.text[:room], piece.found))
        room -= len(short[-1].text)
    return tuple(piece for piece in short if piece.text)
