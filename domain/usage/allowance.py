"""What a provider tells of its own limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Measure(StrEnum):
    """What a limit counts."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    INPUT_TOKENS = "input tokens"
    OUTPUT_TOKENS = "output tokens"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a provider told of one of its limits, in an answer or an error."""

    measure: Measure
    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    """Aware, in UTC: when there is all of it again."""
