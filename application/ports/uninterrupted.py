from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Uninterrupted(Protocol):
    """Runs what must come to its end once it has begun."""

    async def __call__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of *work*, which runs to its end even if the caller is cancelled or the program is ending.

        *work* may run in another thread and event loop, so it uses nothing that belongs to the caller's. It may block.
        """
        ...
