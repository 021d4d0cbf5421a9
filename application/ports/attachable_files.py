from __future__ import annotations

from typing import Protocol

from domain.attached.attachment import Attachment


class AttachableFiles(Protocol):
    """Reads what a person attaches."""

    def read(self, path: str) -> Attachment:
        """The file at *path*, which begins in the current folder; a `~` stands for the person's own.

        Raises:
            UsageError: There is none, it cannot be read, or it must not or cannot be attached; one sentence says why.
        """
        ...

    def below(self) -> tuple[str, ...]:
        """The files of the current folder and deeper, nearest first, as far as they are found within a second or two.

        What is hidden or ignored is left out.
        """
        ...
