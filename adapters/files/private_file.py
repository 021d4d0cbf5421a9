"""Files that only their owner may touch: how they are opened, and which are refused."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from domain.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path

OWNER_ONLY: Final = 0o600
OTHERS: Final = 0o077
"""The permission bits of everybody but the owner."""

# Windows knows neither links to refuse here nor descriptors that survive exec, but would translate line ends.
_GUARDED: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _GUARDED
"""Without waiting: opening a pipe that somebody put in the place would hang otherwise."""
CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _GUARDED
SHARE: Final = os.O_RDWR | os.O_CREAT | _GUARDED


_NO_FOLDER_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})
"""What file systems answer that cannot sync a folder; there is nothing better to be had on them."""


LINK: Final = "it is a symbolic link, which is not followed"
NOT_REGULAR: Final = "it is no regular file"
SOMEBODY_ELSES: Final = "it belongs to another user"


class FileRefused(Exception):
    """The file is there and must not be used; the text says why, as the rest of a sentence about it."""


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """What a file held, and whether others could have seen it."""

    content: bytes
    mode: int

    @property
    def loose(self) -> bool:
        """Whether others have any access. Windows keeps permissions elsewhere, and a home there is private."""
        return sys.platform != "win32" and bool(self.mode & OTHERS)


def read_private(path: Path, *, limit: int, closing: bool = False) -> PrivateFile | None:
    """What *path* holds, None if there is nothing. *limit* is in bytes.

    With *closing* a file that was open to others is closed to them, where that is possible.

    Raises:
        FileRefused: It is a link, no regular file, somebody else's, larger than *limit*, or cannot be read.
    """
    descriptor = _opened(path)
    if descriptor is None:
        return None
    try:
        status = os.fstat(descriptor)
        _refuse_unfit(status, limit)  # before it is a file object: of a folder there is none
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(limit + 1)
        if closing and status.st_mode & OTHERS:
            with suppress(OSError):  # a read-only file system, say; the caller learns the mode
                tighten(descriptor)  # and not by its name, which may lead elsewhere by now
    except OSError as error:
        raise FileRefused(f"it cannot be read ({error.strerror})") from None
    finally:
        let_go(descriptor)
    if len(content) > limit:
        raise FileRefused(f"it is larger than {limit} bytes")
    return PrivateFile(content, stat.S_IMODE(status.st_mode))


def first_bytes(path: Path, count: int) -> bytes | None:
    """The first *count* bytes of *path* or all that it has, None if there is nothing; whoever owns it.

    Raises:
        FileRefused: It is a link, no regular file, or cannot be read.
    """
    descriptor = _opened(path)
    if descriptor is None:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileRefused(NOT_REGULAR)
        return os.read(descriptor, count)
    except OSError as error:
        raise FileRefused(f"it cannot be read ({error.strerror})") from None
    finally:
        let_go(descriptor)


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        if os.path.islink(path):  # noqa: PTH114 - pathlib raises where the folder may not be entered
            raise FileRefused(LINK) from None
        raise FileRefused(f"it cannot be read ({error.strerror})") from None


def tighten(descriptor: int) -> None:
    """Take everybody else's access to an open file away, and give the owner theirs whatever the umask was."""
    if hasattr(os, "fchmod"):  # Windows has it from Python 3.13 on, and needs it nowhere
        os.fchmod(descriptor, OWNER_ONLY)


def let_go(descriptor: int) -> None:
    """Close a file that was only read, or is safe on the disk already.

    What a close can report is no loss then. Linux gives the descriptor back whatever it reports, also after EINTR.
    """
    with suppress(OSError):
        os.close(descriptor)


def somebody_elses(status: os.stat_result) -> bool:
    """Whether another user owns the file. Windows keeps owners elsewhere, and a home there is private."""
    return sys.platform != "win32" and status.st_uid != os.geteuid()


def private_folder(folder: Path) -> bool:
    """Make *folder* if it is missing, and make sure that it is its owner's alone; whether that was news.

    A folder with the sticky bit is a shared one (`/tmp`), and left as it is: what lies in it is 0600 itself.

    Raises:
        OSError: It cannot be made, or belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        mode = folder.stat().st_mode
        if not stat.S_ISDIR(mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
        loose = sys.platform != "win32" and bool(mode & OTHERS) and not mode & stat.S_ISVTX
        if loose:
            folder.chmod(stat.S_IMODE(mode) & ~OTHERS)  # its owner gets no access that was not there
        return loose
    folder.chmod(0o700)  # the umask may have taken bits away that the owner needs
    sync_folder(folder.parent)
    return False


def private_subfolder(folder: Path) -> bool:
    """As `private_folder`, for one of ours in the home folder: in its place a link leads nowhere.

    Raises:
        OSError: It is a link, cannot be made, or belongs to somebody else.
    """
    if folder.is_symlink():
        raise OSError(errno.ELOOP, LINK)
    return private_folder(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the names in *folder* would survive a power cut.

    Raises:
        OSError: The disk did not confirm it.
    """
    if sys.platform != "win32":  # Windows opens no folders, and journals a rename by itself
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_FOLDER_SYNC:
                raise
        finally:
            let_go(descriptor)


def _refuse_unfit(status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise FileRefused(NOT_REGULAR)
    if somebody_elses(status):
        raise FileRefused(SOMEBODY_ELSES)
    if status.st_size > limit:
        raise FileRefused(f"it is larger than {limit} bytes")
