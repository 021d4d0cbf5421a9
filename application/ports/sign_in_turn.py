from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class SignInTurn(Protocol):
    """One sign-in at a time in one home: two would open two browsers, and one code would go to the wrong window."""

    def take(self) -> AbstractContextManager[None]:
        """Hold the turn until the context ends or the process dies. Does not wait.

        Raises:
            SignInUnderWay: Another window holds it.
            StoreNotWritable: The home has no place for it.
        """
        ...
