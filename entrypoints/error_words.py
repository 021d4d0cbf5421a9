"""What an error says in words, on the command line and in the app alike."""

from __future__ import annotations

from domain.errors import KeyswitchError, LimitReached, Overloaded
from domain.untrusted import untrusted_line


def error_sentence(error: KeyswitchError) -> str:
    """What happened, what was kept, until when; safe for a terminal. What to do about it is not in it."""
    text = untrusted_line(str(error))
    if not text.endswith((".", "!", "?")):
        text += "."
    return " ".join([text, *_more(error)])


def _more(error: KeyswitchError) -> list[str]:
    match error:
        case LimitReached():
            resets = f"It resets at {error.resets_at.astimezone():%a %H:%M}." if error.resets_at else ""
            # OpenAI asks a program for this link wherever a plan's limit is told of.
            manage = f"Manage usage: {error.manage_url}" if error.manage_url else ""
            return [part for part in (resets, manage) if part]
        case Overloaded() if error.retry_after:
            return [f"It asks to wait {error.retry_after:.0f} s."]
        case _:
            return []
