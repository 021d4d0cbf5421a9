"""What every error has."""

from __future__ import annotations

from typing import ClassVar


class KeyswitchError(Exception):
    """Anything that keyswitch expects can happen."""

    code: ClassVar[str] = "error"
    """Stable: scripts match on it."""
    answer_so_far: str = ""
    """The text that came before the error. A program that asks for JSON gets it with the error."""
