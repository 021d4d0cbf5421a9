"""The sockets that lead to laptops: found by their folder, and looked at before a byte is sent into one.

Whoever can put a socket there, or connect in the place of the owner's `sshd`, would read what is asked.
"""

from __future__ import annotations

import os
import stat
from itertools import chain
from typing import TYPE_CHECKING, Final

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SUFFIX: Final = ".sock"

_OTHERS: Final = 0o077
"""The permission bits of everybody but the owner."""


@dataclass(frozen=True, slots=True)
class FoundSockets:
    """What lies in the folders."""

    paths: tuple[str, ...] = ()
    """Those that may be used, by name."""
    notices: tuple[str, ...] = ()
    """A sentence on each that may not, for its owner."""


def found_sockets(folders: Iterable[Path], mine: Callable[[str], bool]) -> FoundSockets:
    """Look through *folders*; *mine* tells by the name whether a socket is of this machine: homes may be shared.

    It costs one look at each folder that is not there.
    """
    found = [_found_in(folder, mine) for folder in folders]
    return FoundSockets(tuple(chain(*(one.paths for one in found))), tuple(chain(*(one.notices for one in found))))


def _found_in(folder: Path, mine: Callable[[str], bool]) -> FoundSockets:
    try:
        problem = _folder_problem(os.lstat(folder))
        names = [] if problem else sorted(os.listdir(folder))  # noqa: PTH208 - it takes a folder alone
    except (FileNotFoundError, NotADirectoryError):
        return FoundSockets()
    except OSError as error:
        problem, names = f"it cannot be read ({error.strerror})", []
    if problem:
        return FoundSockets(notices=(f"{folder} is not used to reach your laptop: {problem}.",))
    able, notices = [], []
    for path, wrong in _looked_at(folder, [name for name in names if name.endswith(SUFFIX) and mine(name)]):
        if wrong:
            notices.append(f"{path} is not used to reach your laptop: {wrong}.")
        else:
            able.append(path)
    return FoundSockets(tuple(able), tuple(notices))


def _looked_at(folder: Path, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        path = f"{folder}/{name}"
        try:
            yield path, _socket_problem(os.lstat(path))
        except FileNotFoundError:  # its connection ended just now
            continue
        except OSError as error:
            yield path, f"it cannot be looked at ({error.strerror})"


def _folder_problem(status: os.stat_result) -> str:
    """Why nothing in the folder is used; "" where it is its owner's alone."""
    if not stat.S_ISDIR(status.st_mode):
        return "it is no folder"
    return _open_to_others(status, "entered")


def _socket_problem(status: os.stat_result) -> str:
    if not stat.S_ISSOCK(status.st_mode):
        return "it is no socket"
    return _open_to_others(status, "used")


def _open_to_others(status: os.stat_result, verb: str) -> str:
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    mode = stat.S_IMODE(status.st_mode)
    return f"it can be {verb} by others (mode {mode:04o})" if mode & _OTHERS else ""
