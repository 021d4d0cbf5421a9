"""Text that a server wrote, made fit for a message of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from domain.untrusted import untrusted_line

LONGEST: Final = 200
"""Characters; enough for the reason, too few to bury ours."""

_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_SHORTEST_SECRET: Final = 6
"""Anything shorter would be found in half the words of a sentence."""


def shown(text: object, *, hiding: Iterable[str] = ()) -> str:
    """*text* on one line, short, without what a terminal obeys and without the secrets in *hiding*.

    Empty where it is no string.
    """
    if not isinstance(text, str):
        return ""
    line = untrusted_line(text)
    for secret in hiding:
        if len(secret) >= _SHORTEST_SECRET:
            line = line.replace(secret, "…")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def error_code(text: object) -> str:
    """*text* if it looks like an error code (RFC 6749, 5.2), else empty."""
    return text if isinstance(text, str) and _CODE.fullmatch(text) else ""
