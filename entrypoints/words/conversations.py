"""What is said of conversations that are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from domain.attached.attachment import size_words
from domain.conversation import Role
from domain.conversations.kept import Hit, Summary
from domain.errors import UsageError
from domain.text.untrusted import untrusted_line
from entrypoints.words.local_time import local

UNTITLED: Final = "Without a title"

LONGEST_TITLE: Final = 120
"""Characters of a title that a person gives."""

NOTHING_KEPT: Final = "No conversation is kept yet."

_SNIPPET: Final = 300
"""Letters of what was found that are shown at most."""


def given_title(text: str) -> str:
    """The title that a person gives, on one line. Raises UsageError where that is none, or a text."""
    title = untrusted_line(text)
    if not title:
        raise UsageError("A title has at least one letter that can be seen.")
    if len(title) > LONGEST_TITLE:
        raise UsageError(f"A title has at most {LONGEST_TITLE} characters, and this one has {len(title)}.")
    return title


def title_words(title: str) -> str:
    """What a conversation is called, in one line."""
    return untrusted_line(title) or UNTITLED


def messages_words(count: int) -> str:
    """How many messages there are, of both sides."""
    return f"{count} message{'' if count == 1 else 's'}"


def age_words(moment: datetime, now: datetime) -> str:
    """How old something is, in a few letters: `now`, `12 min`, `5 h`, `3 days`, and from a month on the day."""
    age = now - moment
    if age < timedelta(minutes=1):
        return "now"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} min"
    if age < timedelta(days=1):
        return f"{age // timedelta(hours=1)} h"
    if age < timedelta(days=30):
        return f"{age.days} day{'' if age.days == 1 else 's'}"
    return f"{local(moment):%Y-%m-%d}"


def place_words(hit: Hit) -> str:
    """Where something was found."""
    if hit.turn is None:
        return "in the title"
    return f"message {hit.turn}, {'you' if hit.role is Role.USER else 'answer'}"


def snippet_words(hit: Hit) -> str:
    """What was found, with the words around it, in one line."""
    return untrusted_line("".join(piece.text for piece in hit.snippet))[:_SNIPPET]


def details(summary: Summary) -> list[str]:
    """What a line about a conversation says: its id, how long it is, when it began."""
    return [
        untrusted_line(summary.id[:8]),
        messages_words(summary.turns),
        f"begun {local(summary.started):%Y-%m-%d}",
        size_words(summary.size),
    ]
