"""The conversations that are kept, as lines with a number each; `/chats NUMBER` opens one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.attached.attachment import size_words
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.kept_conversations import KeptConversations
from entrypoints.words.conversations import (
    NOTHING_KEPT,
    age_words,
    messages_words,
    place_words,
    snippet_words,
    title_words,
)

_MOST: Final = 30
"""Lines that somebody who listens to them would still hear out."""

_OPENS: Final = "Run /chats NUMBER to open one, /chats remove NUMBER to remove it."


async def conversation_lines(kept: KeptConversations, now: datetime, glyphs: Glyphs) -> list[str]:
    """A line each, the last one first."""
    found = await kept.listed()
    kept.numbered = tuple(one.id for one in found[:_MOST])
    if not found:
        return [NOTHING_KEPT]
    lines = []
    for number, one in enumerate(found[:_MOST], 1):
        about = [
            untrusted_line(one.label),
            age_words(one.last_at, now),
            messages_words(one.turns),
            size_words(one.size),
        ]
        mark = f"{glyphs.active} " if one.id == kept.open_one else ""
        lines.append(f"{mark}{number}: {title_words(one.title)} ({', '.join(filter(None, about))})")
    more = len(found) - _MOST
    return [*lines, *([f"And {more} more: /search TEXT finds them."] if more > 0 else []), _OPENS]


async def hit_lines(kept: KeptConversations, search: str) -> list[str]:
    """A line for each conversation in which *search* is found, with the first place."""
    hits = {hit.conversation: hit for hit in reversed(await kept.found(search))}
    first = list(reversed(hits.values()))[:_MOST]
    kept.numbered = tuple(hit.conversation for hit in first)
    if not first:
        return [untrusted_line(f'Nothing was found for "{search}".')]
    lines = []
    for number, hit in enumerate(first, 1):
        snippet = f": {snippet_words(hit)}" if hit.turn is not None else ""
        lines.append(f"{number}: {title_words(hit.title)} ({place_words(hit)}){snippet}")
    return [*lines, _OPENS]
