"""Room for the next version of a file, taken before it is known: a full disk shows itself while nothing is lost yet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.files.durable_write import Unconfirmed
from adapters.files.private_file import CREATE, OWNER_ONLY, let_go, sync_folder, tighten


class ReservedFile:
    """An open file with room on the disk. It becomes another file by a rename, or keeps what it was given."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._used = False
        self._placed = False

    @property
    def used(self) -> bool:
        """Whether something was kept in it, or it is another file by now."""
        return self._used

    def keep(self, content: bytes) -> None:
        """Hold *content* durably under the file's own name; nothing where it is another file by now.

        Raises:
            OSError: It is not held.
        """
        if not self._placed:
            self._write(content)
            self._used = True
            sync_folder(self._path.parent)

    def replace(self, target: Path, content: bytes) -> None:
        """Put *content* in the place of *target*, in the same folder, durably. May be tried again after a failure.

        Raises:
            Unconfirmed: The last step failed, after the exchange.
            OSError: *target* is untouched.
        """
        self._write(content)
        self._used = True  # from here on it is a whole copy, worth keeping even if the rename fails
        self._path.replace(target)
        self._placed = True
        try:
            sync_folder(target.parent)
        except OSError as error:
            raise Unconfirmed(error.errno, error.strerror) from error

    def _write(self, content: bytes) -> None:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.ftruncate(self._descriptor, len(content))
        os.fsync(self._descriptor)


@contextmanager
def reserved_file(path: Path, size: int) -> Iterator[ReservedFile]:
    """A new file at *path*, 0600, with room for *size* bytes. It is gone in the end unless it was used.

    Raises:
        OSError: There is no room, or no file can be made there.
    """
    with suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, CREATE, OWNER_ONLY)
    file = ReservedFile(path, descriptor)
    try:
        tighten(descriptor)
        _allocate(descriptor, size)
        yield file
    finally:
        let_go(descriptor)
        if not file.used:
            with suppress(OSError):
                path.unlink()


def _allocate(descriptor: int, size: int) -> None:
    """Have the file system set blocks aside; writing zeros does the same where it cannot be asked (macOS, Windows)."""
    allocate = getattr(os, "posix_fallocate", None)
    if allocate is not None:
        allocate(descriptor, 0, size)
        return
    rest = memoryview(bytes(size))
    while rest:
        rest = rest[os.write(descriptor, rest) :]
