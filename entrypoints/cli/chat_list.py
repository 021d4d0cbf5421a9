"""`keyswitch chats`: the conversations that are kept, and what was found in them, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from application.use_cases.find_conversation import SHORT
from domain.attached.attachment import size_words
from domain.conversations.kept import Hit, Summary
from domain.text.untrusted import untrusted_line
from entrypoints.cli.output import columns, result, result_json, say, table, timestamp
from entrypoints.words.conversations import (
    NOTHING_KEPT,
    age_words,
    place_words,
    snippet_words,
    title_words,
)

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

_HEADINGS: Final = ("ID", "TITLE", "MODEL", "AGE", "SIZE")
_ROOMY: Final = 70
"""Columns of a terminal below which the model is left out, and the size from two thirds of them down."""


def show_list(summaries: Sequence[Summary], now: datetime, *, as_json: bool) -> int:
    """Print a line each, the latest first. Always exit code 0: a list is no failure."""
    if as_json:
        result_json({"schema": SCHEMA, "conversations": [summary_document(one) for one in summaries]})
        return 0
    if not summaries:
        say(f"{NOTHING_KEPT} Run: keyswitch")
        return 0
    room = columns()
    wanted = [name for name in _HEADINGS if _fits(name, room)]
    for line in table([tuple(wanted), *(_row(one, now, wanted) for one in summaries)], gives_way=1):
        result(line)
    return 0


def show_hits(hits: Sequence[Hit], text: str, *, as_json: bool) -> int:
    """Print where *text* was found: the place, and the words around it below."""
    if as_json:
        result_json({"schema": SCHEMA, "searched": text, "hits": [_hit_document(one) for one in hits]})
        return 0
    for hit in hits:
        for line in table([(hit.conversation[:SHORT], title_words(hit.title), place_words(hit))], gives_way=1):
            result(line)
        if hit.turn is not None:
            for line in table([(" " * SHORT, snippet_words(hit))], gives_way=1):
                result(line)
    if not hits:
        say(untrusted_line(f'Nothing was found for "{text}".'))
    return 0


def summary_document(summary: Summary) -> dict[str, Any]:
    """What programs read of a conversation."""
    return {
        "id": summary.id,
        "title": summary.title,
        "model": summary.label,
        "started": timestamp(summary.started),
        "last_at": timestamp(summary.last_at),
        "turns": summary.turns,
        "bytes": summary.size,
        "origin": summary.origin.value if summary.origin else None,
    }


def _hit_document(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.conversation,
        "title": hit.title,
        "turn": hit.turn,
        "role": hit.role.value if hit.role else None,
        "at": timestamp(hit.at),
        "snippet": "".join(piece.text for piece in hit.snippet),
        "found": [piece.text for piece in hit.snippet if piece.found],
    }


def _fits(name: str, room: int | None) -> bool:
    least = {"MODEL": _ROOMY, "SIZE": _ROOMY * 2 // 3}
    return room is None or room >= least.get(name, 0)


def _row(summary: Summary, now: datetime, wanted: Sequence[str]) -> tuple[str, ...]:
    texts = {
        "ID": summary.id[:SHORT],
        "TITLE": title_words(summary.title),
        "MODEL": untrusted_line(summary.label) or "-",
        "AGE": age_words(summary.last_at, now),
        "SIZE": size_words(summary.size),
    }
    return tuple(texts[name] for name in wanted)
