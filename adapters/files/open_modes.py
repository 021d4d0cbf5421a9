"""Files of the home folder that others may touch: closed, and told of. A handful of system calls."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from adapters.files.private_file import OTHERS, READ, let_go, somebody_elses
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OURS: Final = (
    "agent",
    "auth.json",
    ".auth.json",
    "auth_accounts.json",
    "catalogue.json",
    "config.lock",
    "conversations.db",
    "events",
    "installation",
    "ledger",
    "locks",
    "master",
    "outbox",
    "registered-client.json",
)
"""How the names of our files begin. `config.toml` may be read by others; who may write it is another question."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file or folder that other users could touch until now."""

    path: Path
    mode: int
    closed: bool
    """Whether they no longer can."""

    @property
    def words(self) -> str:
        """The sentence that tells its owner."""
        was = f"{self.path} was open to others (mode {self.mode:04o}); it is no longer."
        return (
            was if self.closed else f"{self.path} is open to others (mode {self.mode:04o}), and cannot be closed here."
        )


def close_to_others(home: Path) -> tuple[Opened, ...]:
    """Take the access of all others away from *home* and our files in it; what was open.

    Its owner gets no access by that: a folder that may only be read stays so. A shared folder, which has the sticky
    bit, is left as it is, and so is everything that belongs to another user.
    """
    if sys.platform == "win32":  # permissions are kept elsewhere there
        return ()
    if not home.is_dir():  # whatever stands in its place is not ours
        return ()
    found = list(_closed(home, follow=True))
    with suppress(OSError), os.scandir(home) as entries:
        names = sorted(entry.name for entry in entries if entry.name.startswith(_OURS))
        for name in names:
            found += _closed(home / name, follow=False)
    return tuple(found)


def _closed(path: Path, *, follow: bool) -> Iterator[Opened]:
    try:
        status = path.stat(follow_symlinks=follow)
    except OSError:
        return
    mode = stat.S_IMODE(status.st_mode)
    if not mode & OTHERS or mode & stat.S_ISVTX or somebody_elses(status) or not _is_file_or_folder(status):
        return
    yield Opened(path, mode, _close(path, mode & ~OTHERS, follow=follow))


def _is_file_or_folder(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)


def _close(path: Path, mode: int, *, follow: bool) -> bool:
    """By its descriptor: the name may lead elsewhere by now. Without one where its owner may not read it."""
    try:
        descriptor = os.open(path, READ & ~os.O_NOFOLLOW if follow else READ)
    except OSError:
        return False
    try:
        os.fchmod(descriptor, mode)
    except OSError:
        return False
    finally:
        let_go(descriptor)
    return True
