"""What is said after a crash: where it happened, and no value of any variable."""

from __future__ import annotations

import traceback
from typing import Final

from rich.text import Text

CRASHED: Final = 70
"""EX_SOFTWARE of sysexits.h."""


def crash_text(error: BaseException, draft: str) -> Text:
    """Frames without their variables, and the kind of the error without its text: that may quote a token."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    parts = [
        "keyswitch stopped because of a fault in itself. Sign-ins and stored conversations are untouched.\n",
        f"{frames}{type(error).__module__}.{type(error).__qualname__}\n",
    ]
    if draft.strip():
        parts.append(f"Your text, not sent:\n{draft}\n")
    return Text("\n".join(parts))
