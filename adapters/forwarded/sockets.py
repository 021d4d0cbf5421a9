"""The sockets that lead to laptops: found by their folder, and looked at before a byte is sent into one.

Whoever can put a socket there, or connect in the place of the owner's `sshd`, would read what is asked.
"""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, Final

from adapters.forwarding.places import folder_problem, socket_problem
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SUFFIX: Final = ".sock"


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
        problem = folder_problem(os.lstat(folder))
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
            yield path, socket_problem(os.lstat(path))
        except FileNotFoundError:  # its connection ended just now
            continue
        except OSError as error:
            yield path, f"it cannot be looked at ({error.strerror})"
