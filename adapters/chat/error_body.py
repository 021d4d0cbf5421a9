"""What a vendor says went wrong, before anyone has judged it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from domain.records import dataclass

LONGEST_MESSAGE: Final = 300
"""Characters of a vendor's message that are worth showing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the vendor's own words."""

    kinds: tuple[str, ...]
    """Its codes, from the most to the least precise."""
    message: str = ""
    """Foreign text, as it came."""
    wait: float | None = None
    """Seconds to wait, where the body and not a header says so."""
    resets_at: datetime | None = None
    """Aware, in UTC: when the limit is lifted, where the body says so."""
    quotas: tuple[str, ...] = ()
    """The names of the quotas that it says are used up."""
    status: int | None = None
    """The HTTP status that it stands for, where the body says so: an error in a stream has no other."""


def status_of(code: object) -> int | None:
    """The HTTP status of an error that *code* is, as a number or in digits; None if it is none."""
    digits = str(code) if isinstance(code, int | str) and not isinstance(code, bool) else ""
    return int(digits) if re.fullmatch(r"[45]\d\d", digits) else None
