from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from domain.attached.attachment import Attachment


class NewFiles(Protocol):
    """Writes files that a person asked for, where the person wants them."""

    def write(self, path: Path, pieces: Iterable[str], *, over: bool = False) -> bool:
        """Write the text that *pieces* make to *path*, a file that only its owner can read. Blocks.

        Without *over*, what is at *path* already stays as it is, and the answer is False. Where it fails, nothing is
        left behind, and what was there before is whole.

        Raises:
            UsageError: It would be in keyswitch's own folder.
            KeyswitchError: It cannot be written there; or whatever *pieces* raise.
        """
        ...


class OutputFile(Protocol):
    """A file that an answer is written to as it comes."""

    def write(self, text: str) -> None:
        """Add *text*; whoever looks sees it at once. Raises KeyswitchError where the disk takes no more."""
        ...

    def close(self) -> bool:
        """Nothing more comes; whether anything was written. Without, all is as it was before."""
        ...


class OutputFiles(Protocol):
    """Opens files that a person asked for, with the permissions of any new file of theirs."""

    def open(self, path: str, *, over: bool) -> OutputFile:
        """Open a new file; with *over* one that is there gives way to the first text.

        Raises:
            UsageError: It is there already, or in keyswitch's own folder, or no regular file.
            KeyswitchError: It cannot be written.
        """
        ...


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
