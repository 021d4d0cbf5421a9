"""An error in one sentence: what happened, what was kept, what to type next."""

from __future__ import annotations

from domain.errors import ConfigError, KeyswitchError, LimitReached, Overloaded
from domain.untrusted import untrusted_line
from entrypoints import remedies


def trouble(error: KeyswitchError, *, kept: str = "") -> str:
    """*error* as the app says it. *kept* says what became of the text that was typed."""
    return " ".join(part for part in (sentence(error), kept, _next(error)) if part)


def sentence(error: KeyswitchError) -> str:
    """What happened, and until when, without what to do about it."""
    return " ".join(part for part in (_sentence(untrusted_line(str(error))), _when(error)) if part)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _when(error: KeyswitchError) -> str:
    if isinstance(error, LimitReached) and error.resets_at is not None:
        return f"It resets at {error.resets_at.astimezone():%a %H:%M}."
    if isinstance(error, Overloaded) and error.retry_after:
        return f"It asks to wait {error.retry_after:.0f} s."
    return ""


def _next(error: KeyswitchError) -> str:
    if isinstance(error, ConfigError):
        return "Edit it; the app follows by itself."
    line = remedies.typed_for(error)
    if line == "/model":
        return "Enter tries again, /model picks another model."
    return f"Run {line}" if line else "Enter tries again."
