"""What a vendor says went wrong, before anyone has judged it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from unicodedata import category

_LONGEST: Final = 300
"""Characters of a vendor's message that are worth showing."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Controls, direction marks, private use, lone surrogates, line separators: nothing a message needs, and some of it
steers a terminal."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the vendor's own words."""

    kinds: tuple[str, ...]
    """Its codes, from the most to the least precise."""
    message: str = ""
    """Foreign text, as it came."""
    wait: float | None = None
    """Seconds to wait, where the body and not a header says so."""
    lasting: bool = False
    """A limit that waiting a minute does not lift: a daily quota, a spending cap."""


def readable(text: str, *, secret: str = "") -> str:
    """One line of *text* that is safe to show: no controls, no *secret*, no more than a few sentences."""
    if secret:
        text = text.replace(secret, "****")
    shown = "".join(" " if category(character) in _UNSEEN else character for character in text[: 4 * _LONGEST])
    line = re.sub(r"\s+", " ", shown).strip()
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
