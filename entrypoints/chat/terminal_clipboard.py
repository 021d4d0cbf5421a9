"""What a terminal is told to have it copy: OSC 52, which also goes through SSH."""

from __future__ import annotations

import os
from base64 import b64encode
from typing import Final

LONGEST: Final = 74_994
"""Bytes. Of a longer text terminals keep a part or nothing: many stop reading after 100,000 letters of base 64."""

_WITHOUT: Final = frozenset({"", "dumb", "linux", "unknown"})
"""Kinds of terminal that have no clipboard; some would print the sequence."""


def fits_terminal(text: str) -> bool:
    """Whether this terminal may take *text*."""
    return os.environ.get("TERM", "") not in _WITHOUT and len(text.encode("utf-8", "replace")) <= LONGEST


def as_base64(text: str) -> str:
    """*text* as it stands in the sequence."""
    return b64encode(text.encode("utf-8", "replace")).decode("ascii")
