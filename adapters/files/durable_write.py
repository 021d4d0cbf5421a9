"""Replacing a file so that a crash or a power cut leaves either the old content or the new one, whole.

`durable_write` does it at once. `reserved_file` takes the room first, before the new content is known: a full disk
shows itself while nothing is lost yet.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from adapters.files.private_file import CREATE, OWNER_ONLY, let_go, sync_folder, tighten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Unconfirmed(OSError):
    """The new content is in its place, and the disk did not confirm that it would survive a power cut."""


def durable_write(path: Path, content: bytes, *, synced: bool = True) -> None:
    """Put *content* in the place of *path*, 0600, and return once it would survive a power cut.

    Not *synced*, a power cut may leave the old content, the new one or neither; a killed process one of the two, whole.

    The temporary file lies in the same folder, since only a rename within a file system is atomic, and carries the
    process id, so that `sweep_orphans` can tell whose it was.

    Raises:
        Unconfirmed: The last step failed, after the exchange.
        OSError: The old content is untouched, and nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        write_new(temporary, content, synced=synced)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    try:
        if synced:
            sync_folder(path.parent)
    except OSError as error:
        raise Unconfirmed(error.errno, error.strerror) from error


def sweep_orphans(path: Path) -> None:
    """Remove the temporary files that processes which are gone left beside *path*.

    Call it with the lock held under which *path* is written. A file that cannot be removed is left for the next time.
    """
    pattern = re.compile(rf"\.{re.escape(path.name)}\.(\d{{1,10}})\.[0-9a-f]{{8}}\.tmp")
    with suppress(OSError), os.scandir(path.parent) as found:
        for file in found:
            match = pattern.fullmatch(file.name)
            if match and not is_running(int(match[1])):
                with suppress(OSError):
                    path.with_name(file.name).unlink()


def write_new(path: Path, content: bytes, *, synced: bool = True) -> None:
    """Make *path*, 0600, with *content*, on the disk if *synced*. Raises OSError, also where there is one already."""
    descriptor = os.open(path, CREATE, OWNER_ONLY)
    try:
        tighten(descriptor)  # the umask may have taken bits away that the owner needs
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if synced:
            os.fsync(descriptor)
    finally:
        let_go(descriptor)


def is_running(pid: int) -> bool:
    """Whether some process has that number now; True where nobody can tell."""
    if sys.platform != "win32":  # where signal 0 is no question but Ctrl+C
        try:
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (ProcessLookupError, OverflowError):
            return False
    return True


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
