"""One holder at a time, across threads and processes, until it lets go or dies.

The lock is the kernel's, on an open file: it goes when its holder does, so that no age ever has to tell a dead holder
from a suspended one. The file itself stays for good, because removing it would let a second holder in on a new file of
the same name. POSIX has it as `flock`; the other POSIX lock, `fcntl`, neither excludes threads nor survives that some
other part of the process closes the same file. Windows has it as `msvcrt.locking`, on the first byte.

Where the file system has no such lock, a file beside it that names its owner stands in (`owner_lock`). Whoever gets the
kernel's lock respects that file as well, and who made the file asks the kernel once more: a lock service that fails for
one process for a moment does not let two in.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from adapters.files.disk_errors import cannot_save
from adapters.files.private_file import OWNER_ONLY, SHARE, FileRefused, let_go, tighten
from domain.errors import StoreBusy, StoreNotWritable
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


_HELD_BY_OTHERS: Final = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})
"""flock answers with the first, msvcrt with one of the last two."""

_NO_LOCKS_HERE: Final = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
"""What network file systems without a lock service answer."""

_FIRST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.008
"""Seconds between two tries, or up to half as long: who polls rarely, or in step with others, is starved by those who
take the lock again and again. Waiting in the kernel has no time limit that works in a thread."""

_held: Final[set[int]] = set()


@dataclass(frozen=True, slots=True)
class _Hold:
    """A lock that this process holds."""

    descriptor: int
    owner: Path | None
    """The file that says so, where it takes one."""


class _Busy(Exception):
    """Somebody else holds the lock now."""


@contextmanager
def exclusive(path: Path, *, timeout: float) -> Iterator[None]:
    """Hold the lock on *path*, whose folder exists, until the context ends. *timeout* is in seconds.

    Raises:
        StoreBusy: Somebody else held it for all that time.
        StoreNotWritable: The file cannot be opened, or nothing can be locked there; going on without is no option.
    """
    hold = _acquire(path, timeout)
    descriptor = hold.descriptor
    _held.add(descriptor)
    try:
        yield
    finally:
        if descriptor in _held:
            _held.discard(descriptor)
            if hold.owner is not None:
                _give_back(hold.owner)
            # Unlocked first: a child that was just being started may hold a copy of the descriptor up to its exec.
            with suppress(OSError):  # closing it lets go as well, as soon as there is no copy
                _unlock(descriptor)
            let_go(descriptor)


def has_locks(folder: Path) -> bool:
    """Whether the kernel has locks for the file system of *folder*. Raises OSError where it cannot be asked."""
    if sys.platform == "win32":
        return True
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS_HERE:
            return False
        raise
    finally:
        let_go(descriptor)
    return True


def _acquire(path: Path, timeout: float) -> _Hold:
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        descriptor = _open(path)
        with suppress(_Busy):
            return _Hold(descriptor, _locked(descriptor, path))
        if time.monotonic() >= deadline:
            raise StoreBusy(str(path), f"another process held this lock for {timeout:g} s{_holder(path)}")
        time.sleep(min(pause * _unevenly(), max(deadline - time.monotonic(), 0)))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _unevenly() -> float:
    """A number from a half to 1, another one each time. `random` would take longer to import than all this takes."""
    return 0.5 + time.monotonic_ns() % 1000 / 2000


def _open(path: Path) -> int:
    try:
        return os.open(path, SHARE, OWNER_ONLY)
    except OSError as error:
        raise StoreNotWritable(str(path), cannot_save(error)) from None


def _locked(descriptor: int, path: Path) -> Path | None:
    """Hold the lock from now on; the file that says so, where there is one. Closes *descriptor* where that fails.

    Raises:
        _Busy: Somebody else holds it.
        StoreNotWritable: It cannot be held.
    """
    file = _owner_file(path)
    owner: Path | None = None
    kept = False
    try:
        by_kernel = _by_kernel(descriptor)
        if not by_kernel or os.path.lexists(file):
            owner = _by_owner(file)
        if not by_kernel:
            _by_kernel(descriptor)
        # Somebody may have cleared the folder meanwhile: a lock on a file without a name excludes nobody.
        if not _still_there(descriptor, path):
            raise _Busy
        tighten(descriptor)
        kept = True
        return owner
    except OSError as error:
        raise StoreNotWritable(str(path), f"this lock cannot be taken ({error.strerror})") from None
    finally:
        if not kept:
            if owner is not None:
                _give_back(owner)
            let_go(descriptor)


def _by_kernel(descriptor: int) -> bool:
    """Whether the kernel gave the lock; False where its file system has none.

    Raises:
        _Busy: Somebody else holds it.
        OSError: Something else is wrong.
    """
    try:
        _try_lock(descriptor)
    except OSError as error:
        if error.errno in _HELD_BY_OTHERS:
            raise _Busy from None
        if error.errno not in _NO_LOCKS_HERE:
            raise
        return False
    return True


def _by_owner(file: Path) -> Path:
    """*file*, once it names this process as its owner. Raises as `_locked` does."""
    from adapters.files.owner_locks import take_lock  # here and below: hardly any file system needs it

    try:
        if not take_lock(file):
            raise _Busy
    except FileRefused as nobody:
        raise StoreNotWritable(str(file), str(nobody)) from None
    except OSError as error:
        problem = f"this file system has no locks, and nothing can stand in for them ({error.strerror})"
        raise StoreNotWritable(str(file), problem) from None
    return file


def _give_back(file: Path) -> None:
    from adapters.files.owner_locks import give_back

    give_back(file)


def _holder(path: Path) -> str:
    """Who holds it, as far as a file says so: the rest of a sentence."""
    file = _owner_file(path)
    if not os.path.lexists(file):
        return ""
    from adapters.files.owner_locks import holder

    return f" ({holder(file)})"


def _owner_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.owner")


def _still_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _forget_in_child() -> None:
    """Close the copies that a forked child got, or the lock would outlive its holder in the child."""
    for descriptor in _held:
        let_go(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
