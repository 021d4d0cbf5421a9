"""What terminals send, where Textual reads it otherwise than people mean it."""

from __future__ import annotations

from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import Keys


def teach_alt_enter() -> None:
    """Read Alt+Enter as the new line that it is everywhere else.

    Terminals without the kitty protocol send ESC CR for it. Textual knows no such sequence and falls back to
    Enter, which would send a message that is half written.
    """
    table = cast("dict[str, tuple[Keys, ...]]", ANSI_SEQUENCES_KEYS)
    table.setdefault("\x1b\r", (Keys.ControlJ,))
