from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from domain.spending.limits import Promise


class Promises(Protocol):
    """Keeps what is about to be spent, for all windows of one home. Raises `StoreError` where the disk fails."""

    def make(self, promise: Promise, agree: Callable[[tuple[Promise, ...]], None]) -> None:
        """Note *promise*, if *agree* has nothing against it: it is told all others, and raises what it has.

        No other window makes one meanwhile. A promise stays where its process is gone: what it was about may
        have been sent.
        """
        ...

    def forget(self, promise_id: str) -> None:
        """What was promised is spent and noted in the ledger, or nothing was sent."""
        ...
