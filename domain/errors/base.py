"""What every error has."""

from __future__ import annotations

from typing import ClassVar


class KeyswitchError(Exception):
    """Anything that keyswitch expects can happen."""

    code: ClassVar[str] = "error"
    """Stable: scripts match on it."""
    came: str = ""
    """The text of an answer that had come before the error. A program that asks for JSON gets it with the error."""
