"""The bytes of the config file: read whole or not at all, replaced whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.files.private_file import let_go, somebody_elses
from domain.errors import ConfigError, StoreError
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

LIMIT: Final = 1024 * 1024
"""Bytes. Far more than anyone writes by hand; a larger file is something else under this name."""

_LOCK_NAME: Final = "config.lock"
_LONGEST_WAIT: Final = 5.0
"""Seconds. A writer holds the lock for some milliseconds."""
_OWNER_ONLY: Final = 0o600
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Without waiting: a pipe in the file's place would hang otherwise."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the file holds."""

    raw: bytes
    mode: int
    """Permission bits."""
    foreign: bool = False
    """It belongs to a user who is neither the one of this process nor root."""
    open_folder: str = ""
    """A folder on the way to it in which others can put another file in its place; "" where there is none."""

    @property
    def writable_by_others(self) -> bool:
        """Whether the bits let anyone else change it. Windows keeps permissions elsewhere."""
        return os.name == "posix" and bool(self.mode & _WRITABLE_BY_OTHERS)


class ConfigFile:
    """One file in the home folder. A link in its place is followed: people keep their settings elsewhere."""

    def __init__(self, *, path: Path) -> None:
        self.path = path
        self._swept = False

    def stamp(self) -> Hashable:
        """Changes whenever the file may have changed; one `stat`."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def read(self) -> Content | None:
        """What it holds; None if there is none.

        Raises:
            ConfigError: It is no regular file, larger than `LIMIT`, or cannot be read.
        """
        try:
            descriptor = os.open(self.path, _FLAGS)
        except FileNotFoundError:
            if self.path.is_symlink():
                raise self.problem("it is a link to a file that does not exist") from None
            return None
        except OSError as error:
            raise self.problem(f"it cannot be read ({error.strerror})") from None
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise self.problem("it is a folder" if stat.S_ISDIR(found.st_mode) else "it is no regular file")
            raw = _read_up_to(descriptor, LIMIT + 1)
        except OSError as error:
            raise self.problem(f"it cannot be read ({error.strerror})") from None
        finally:
            let_go(descriptor)
        if len(raw) > LIMIT:
            raise self.problem(f"it is larger than {LIMIT} bytes")
        foreign = found.st_uid != 0 and somebody_elses(found)
        return Content(raw, stat.S_IMODE(found.st_mode), foreign, _open_folder(self.path))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one writer, across threads and processes.

        Raises:
            ConfigError: Somebody else was writing for too long, or nothing can be locked there.
        """
        from adapters.files.locks import exclusive

        lock = exclusive(self.path.with_name(_LOCK_NAME), timeout=_LONGEST_WAIT)
        try:
            lock.__enter__()
        except StoreError as error:
            raise self.problem(f"it cannot be locked for writing: {error}".rstrip(".")) from error
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def replace(self, raw: bytes, previous: Content | None) -> None:
        """Put *raw* in the place of *previous*, durably and with its mode. Call it with the lock held.

        Raises:
            ConfigError: It cannot be written; the file holds what it held.
        """
        from adapters.files.disk_errors import cannot_save, reason
        from adapters.files.durable_write import Unconfirmed, durable_write, sweep_orphans

        target = Path(os.path.realpath(self.path))
        if not self._swept:
            sweep_orphans(target)
            self._swept = True
        try:
            durable_write(target, raw)
            if previous is not None and previous.mode != _OWNER_ONLY:
                target.chmod(previous.mode)
        except Unconfirmed as error:
            with suppress(OSError):
                _restore(target, previous)
            raise self.problem(f"the disk did not confirm a change ({reason(error)})") from error
        except OSError as error:
            raise self.problem(cannot_save(error)) from error

    def problem(self, sentence: str) -> ConfigError:
        """An error about this file."""
        return ConfigError(str(self.path), sentence)


def _open_folder(path: Path) -> str:
    """The folder of *path*, or of what it is a link to, if others can put a file into the place of *path* there.

    In a shared folder, which has the sticky bit, only its owner can.
    """
    if os.name != "posix":
        return ""
    linked = [Path(os.path.realpath(path)).parent] if path.is_symlink() else []
    for folder in (path.parent, *linked):
        try:
            found = folder.stat()
        except OSError:
            continue
        mine = found.st_uid == 0 or not somebody_elses(found)
        if not mine or (found.st_mode & _WRITABLE_BY_OTHERS and not found.st_mode & stat.S_ISVTX):
            return str(folder)
    return ""


def _read_up_to(descriptor: int, size: int) -> bytes:
    """Up to *size* bytes: an editor may be writing the file in place, so its length is not trusted."""
    parts: list[bytes] = []
    while size > 0 and (part := os.read(descriptor, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _restore(target: Path, previous: Content | None) -> None:
    from adapters.files.durable_write import Unconfirmed, durable_write

    if previous is None:
        target.unlink()
        return
    with suppress(Unconfirmed):  # the disk is as doubtful as before
        durable_write(target, previous.raw)
    target.chmod(previous.mode)
