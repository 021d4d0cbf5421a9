"""Other names (hard links) of a file that holds secrets: replacing the file leaves its content under them."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def other_names(path: Path) -> str:
    """A sentence about the other names of the file at *path*; "" where it has none, or cannot be looked at.

    The system keeps no list of them; a search of the file system by the file's number (inode) finds them.
    """
    try:
        status = path.lstat()
    except OSError:
        return ""
    others = status.st_nlink - 1
    if not stat.S_ISREG(status.st_mode) or others < 1:
        return ""
    has = "another name (a hard link)" if others == 1 else f"{others} other names (hard links)"
    return (
        f"{path} has {has}, and what it held can be read there. "
        f"To find it, and then delete it: find {_top_of_file_system(path)} -xdev -inum {status.st_ino}"
    )


def _top_of_file_system(path: Path) -> Path:
    """The highest folder of the file system: hard links never lead to another one."""
    return next(folder for folder in Path(os.path.abspath(path)).parents if os.path.ismount(folder))  # noqa: PTH100
