"""The first and the last line of the window: they stand around the conversation, and around the list of models."""

from __future__ import annotations

from entrypoints.chat.fitting import NARROW
from entrypoints.chat.status_line import header, status_line
from entrypoints.tui.window import Window
from entrypoints.words.parked import number_parked


def first_line(window: Window, width: int) -> str:
    """What the conversation is called, and who is signed in."""
    conversation = window.controller.conversation
    title = conversation.title if conversation else ""
    return header(window.window_state, title, window.glyphs, width)


def last_line(window: Window, width: int) -> str:
    """What answers, who pays, and which keys help."""
    conversation = window.controller.conversation
    turns = conversation.turns if conversation else ()
    outbox = window.controller.outbox
    here, in_all = len(outbox.here), len(outbox.listed)
    parked = number_parked(in_all if width < NARROW else here, in_all) if in_all else ""
    trouble = bool(window.trouble)
    return status_line(window.window_state, turns, window.glyphs, width, trouble=trouble, parked=parked)
