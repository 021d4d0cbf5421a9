"""Conversations that were kept before the program of a test begins."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from application.ports.conversation_store import ConversationStore
from domain.conversation import Conversation, Origin, Role, Turn
from domain.credential import CredentialKey
from domain.model import Preset
from domain.provider import Provider
from domain.selection import Held
from tests.support.conversations import an_answer
from tests.support.credentials import ANA, NOON

PARSER: Final = "3f9c2a417be04d5b9a61c2d8e7f00a13"
SKY: Final = "3f00aa00bb114d5b9a61c2d8e7f00a13"
LISBON: Final = "c0ffee00dead4d5b9a61c2d8e7f00a13"
LETTER: Final = "0badcafe00004d5b9a61c2d8e7f00a13"

HELD: Final = Held(
    Preset("claude-opus-4.1", "Claude Opus 4.1", "claude-opus-4-1", Provider.CLAUDE, family="Claude Opus"),
    CredentialKey(Provider.CLAUDE, "ana"),
    Provider.CLAUDE.facts.payer,
    ANA,
)
"""What the conversation about the parser goes on with."""


def keep(store: ConversationStore) -> None:
    """Four conversations, the one about the parser last added to."""
    rows = (
        (LETTER, "Translate a letter", "into Portuguese", timedelta(days=5)),
        (
            LISBON,
            "Plan for the week in Lisbon with two children and a very patient grandmother",
            "by tram",
            timedelta(3),
        ),
        (SKY, "Why is the sky blue?", "Because of the base colours.", timedelta(hours=20)),
        (PARSER, "Refactor the parser", "The base case compares the wrong token.", timedelta(hours=5)),
    )
    for name, title, answer, ago in rows:
        at = NOON - ago
        turns = (Turn(Role.USER, f"{title} Please explain it.", at), an_answer(answer, at=at))
        held = HELD if name == PARSER else None
        store.begin(Conversation(name, at, title, turns, held=held, origin=Origin.APP))
