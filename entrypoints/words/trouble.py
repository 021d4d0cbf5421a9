"""An error in one sentence: what happened, what was kept, what to type next."""

from __future__ import annotations

from typing import Final

from domain.errors import ConfigError, HomeCopied, KeyswitchError
from entrypoints.words import remedies
from entrypoints.words.errors import error_sentence

AGAIN: Final = "Enter tries again"
AGAIN_BY_ITSELF: Final = "It is tried again by itself"
AGAIN_FROM_HISTORY: Final = "Up brings your text back, Enter sends it again"


def trouble(error: KeyswitchError, *, kept: str = "", again: str = AGAIN) -> str:
    """*error* as the app says it. *kept* says what became of the text that was typed, *again* how to send it again."""
    return " ".join(part for part in (error_sentence(error), kept, _next(error, again)) if part)


def _next(error: KeyswitchError, again: str) -> str:
    if isinstance(error, ConfigError):
        return "Edit it; the app follows by itself."
    if isinstance(error, HomeCopied):
        return ""  # it says itself what to run, in a shell
    line = remedies.typed_for(error)
    if line == "/model":
        return f"{again}, /model picks another model."
    return f"Run {line}" if line else f"{again}."
