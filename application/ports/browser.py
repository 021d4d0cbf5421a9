from __future__ import annotations

from typing import Protocol


class Browser(Protocol):
    """The person's web browser."""

    def open(self, url: str) -> bool:
        """Try to show *url*, without waiting; False where that is known to have failed."""
        ...
