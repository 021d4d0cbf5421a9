"""What an error says in words, on the command line and in the app alike."""

from __future__ import annotations

from typing import Final

from domain.errors import KeyswitchError, LimitReached, Overloaded, UsageError
from domain.untrusted import untrusted_line
from domain.vendor_secrets import masked, masked_arguments

_NO_ARGUMENT: Final = "A key is never an argument, which others can see: keyswitch login claude --api-key asks for it."


def error_sentence(error: KeyswitchError) -> str:
    """What happened, what was kept, until when; safe for a terminal. What to do about it is not in it."""
    text = str(error)
    text = typed(text) if isinstance(error, UsageError) else untrusted_line(masked(text))
    if not text.endswith((".", "!", "?")):
        text += "."
    return " ".join([text, *_more(error)])


def typed(text: str) -> str:
    """A sentence that repeats what somebody typed, on one line. A key that was typed is not in it."""
    shown = untrusted_line(masked_arguments(text))
    if shown == untrusted_line(text):
        return shown
    stop = "" if shown.endswith((".", "!", "?")) else "."
    return f"{shown}{stop} {_NO_ARGUMENT}"


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
