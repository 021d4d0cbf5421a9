from __future__ import annotations

from typing import Protocol

from domain.text.written import Written


class DraftStore(Protocol):
    """Keeps what was written and not sent for the next run. Raises `StoreError` where the disk fails."""

    def take(self) -> Written | None:
        """What a window left that is gone, the latest of it. What this one keeps takes the place of that.

        Every open window has a place of its own.
        """
        ...

    def keep(self, written: Written) -> bool:
        """Have *written* kept, and nothing else; whether it is. Nothing is where it is empty, or holds a key.

        Nor before `take`, or where too many windows are open, or for more than a megabyte.
        """
        ...

    def let_go(self) -> None:
        """This window is about to end."""
        ...
