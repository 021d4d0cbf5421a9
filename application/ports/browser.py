from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Browser(Protocol):
    """The person's web browser."""

    def showing(self, url: str) -> AbstractContextManager[bool]:
        """Try to show *url*, without waiting; False where that is known to have failed.

        No other user of the machine learns *url* by it. What showing it took is removed at the end of the context.
        """
        ...
