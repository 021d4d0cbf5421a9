from __future__ import annotations

from collections.abc import Callable

from domain.spending.limits import Promise


class MemoryPromises:
    """Promises of one window, or of several that share it."""

    def __init__(self) -> None:
        self.open: list[Promise] = []

    def make(self, promise: Promise, agree: Callable[[tuple[Promise, ...]], None]) -> None:
        agree(tuple(self.open))
        self.open.append(promise)

    def forget(self, promise_id: str) -> None:
        self.open = [one for one in self.open if one.id != promise_id]
