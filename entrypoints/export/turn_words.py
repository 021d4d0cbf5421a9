"""What every form of an export says around the text of a turn."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.conversation import Conversation, Role, Turn
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import UNICODE
from entrypoints.chat.receipts import measures, stamp
from entrypoints.words.answer_endings import ending_sentence
from entrypoints.words.local_time import local, time_words

UNTITLED: Final = "Conversation without a title"


def title_of(conversation: Conversation) -> str:
    """What the conversation is called."""
    return untrusted_line(conversation.title) or UNTITLED


def begun_words(conversation: Conversation) -> str:
    """Which conversation it is and when it began."""
    return f"Conversation {untrusted_line(conversation.id)}, begun {_day(conversation.started)}."


def speaker(turn: Turn) -> str:
    """Who said *turn* and when; of an answer also by which sign-in, who paid and what it took. It names no account."""
    if turn.role is Role.USER:
        return f"You{UNICODE.dot}{_day(turn.at)}"
    who = untrusted_line(stamp(turn.receipt, UNICODE)) if turn.receipt else "Answer"
    return f"{who}{UNICODE.dot}{local(turn.at):%Y-%m-%d} {measures(turn, UNICODE)}"


def files_of(turn: Turn) -> str:
    """The files that went along with *turn*, a line each; "" where there were none."""
    return "\n".join(untrusted_line(str(file)) for file in turn.attachments)


def remark(turn: Turn) -> str:
    """Why an answer ended, where that is not that it was done, was stopped or broke off; else ""."""
    return ending_sentence(turn) if turn.role is Role.ASSISTANT else ""


def _day(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d} {time_words(at)}"
