from __future__ import annotations

from typing import Protocol


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
