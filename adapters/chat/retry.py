"""How often, and how soon, a question is asked again before anything of its answer was shown."""

from __future__ import annotations

import random

from adapters.chat.failures import Failure
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """The convention of the vendors' own SDKs: two retries, 0.5 s doubling up to 8 s, less a random quarter."""

    retries: int = 2
    first: float = 0.5
    """Seconds before the first retry where the provider names no wait."""
    longest_guess: float = 8.0
    """Seconds."""
    longest_asked: float = 60.0
    """Seconds. If the provider asks for a longer wait, that is for the person to know at once."""

    def pause(self, failure: Failure, attempt: int) -> float | None:
        """Seconds to wait after attempt number *attempt* (from 0) failed; None: give up."""
        if not failure.again or attempt >= self.retries:
            return None
        if failure.wait is not None:
            return failure.wait if failure.wait <= self.longest_asked else None
        guess = min(self.first * float(2**attempt), self.longest_guess)
        return guess * (1 - random.random() / 4)  # noqa: S311 - spreads clients out, keeps no secret
