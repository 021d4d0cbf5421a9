"""Whether a file is one of the home folder, where sign-ins and keys are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from domain.errors import UsageError


def is_in(home: Path, path: str) -> bool:
    """Whether *path*, which need not be there, leads into *home*.

    Folders are compared by what they are and not by their names, which may differ in case or lead through a link.
    """
    if not home.is_dir():
        return False
    ours = home.stat()
    return any(os.path.samestat(folder.stat(), ours) for folder in Path(os.path.realpath(path)).parents)


def has(home: Path, status: os.stat_result) -> bool:
    """Whether the file of that *status* is in *home* under any name: a hard link to it lies elsewhere."""
    return any(os.path.samestat(one, status) for one in _all_files(home))


def ours(name: str) -> UsageError:
    """Says that *name* is there, where nothing is written for anybody."""
    return UsageError(f"{name} is in keyswitch's own folder, and nothing else is written there.")


def _all_files(folder: Path) -> Iterator[os.stat_result]:
    for above, _, names in os.walk(folder):
        for name in names:
            try:
                yield Path(above, name).stat()
            except OSError:  # it is gone, or leads nowhere
                continue
