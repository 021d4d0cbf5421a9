"""What an error says in words, on the command line and in the app alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from domain.errors import KeyswitchError, LimitReached, Overloaded, UsageError
from domain.text.durations import duration_words
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import masked, masked_arguments
from entrypoints.words.local_time import moment_words, time_words, until_when_words

_NO_ARGUMENT: Final = "A key is never an argument, which others can see: keyswitch login claude --api-key asks for it."

_LONG: Final = 120
"""Seconds. Nobody looks at a clock for a shorter wait."""


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
            resets = _resets(error.resets_at, error.resets_in)
            # OpenAI asks a program for this link wherever a plan's limit is told of.
            manage = f"Manage usage: {error.manage_url}" if error.manage_url else ""
            return [part for part in (resets, manage) if part]
        case Overloaded() if error.retry_after:
            until = f", until {time_words(error.retry_at)}" if error.retry_at and error.retry_after > _LONG else ""
            return [f"It asks to wait {duration_words(error.retry_after)}{until}."]
        case _:
            return []


def _resets(at: datetime | None, left: timedelta | None) -> str:
    if at is None:
        return ""
    return f"It resets {moment_words(at) if left is None else until_when_words(left, at)}."
