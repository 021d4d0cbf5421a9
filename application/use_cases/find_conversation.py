"""Find the conversation that a person means."""

from __future__ import annotations

from typing import Final

from application.ports.conversation_store import ConversationStore
from domain.conversations.kept import Summary
from domain.errors import UnknownName, UsageError
from domain.text.suggestion import nearest

SHORT: Final = 8
"""Letters of an id that people get to see: sixteen to the eighth is enough for one person's conversations."""

_KNOWN: Final = 500
"""The latest conversations, among whose ids and titles a near miss is looked for."""


def find_conversation(store: ConversationStore, typed: str) -> Summary:
    """The conversation whose id begins with *typed*.

    Raises:
        UnknownName: There is none; it carries the nearest one.
        UsageError: There are several.
        StoreError: The store cannot be read.
    """
    start = typed.strip().casefold()
    found = store.with_id(start) if start else ()
    exact = next((one for one in found if one.id == start), None)
    if exact is not None or len(found) == 1:
        return exact or found[0]
    if found:
        several = " and ".join(f"{one.id} ({one.title})" for one in found)
        raise UsageError(f'More than one conversation begins with "{typed}": {several}. Write more of it.')
    raise UnknownName("unknown_chat", typed, suggestion=_near_miss(store, start))


def _near_miss(store: ConversationStore, typed: str) -> str | None:
    """The beginning of the id that was most likely meant; a title, or a part of one, means its conversation."""
    if not typed:
        return None
    summaries = store.summaries(limit=_KNOWN)
    ids = {one.id[: len(typed)]: one.id[:SHORT] for one in summaries}
    titles = {one.title.casefold(): one.id[:SHORT] for one in summaries}
    if part := next((name for title, name in titles.items() if typed in title), None):
        return part
    known = {**titles, **ids}
    near = nearest(typed, known)
    return known[near] if near is not None else None
