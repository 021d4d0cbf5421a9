"""Unit tests reach no file, socket or process: what they test is handed all that it knows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPO: Final = Path(__file__).parents[2]

INSTALLED: Final = tuple({os.path.realpath(folder) + os.sep for folder in (sys.prefix, sys.base_prefix)})
"""Python and its packages may read what belongs to them: a late import, a library's own tables."""

HYPOTHESIS: Final = str(REPO / ".hypothesis") + os.sep
"""Hypothesis keeps tables of its own there."""

OUT_OF_REACH: Final = (
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.send",
    "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn", "subprocess.Popen",
    "os.chmod", "os.chown", "os.link", "os.listdir", "os.lockf", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.scandir", "os.symlink", "os.truncate", "os.utime", "fcntl.flock", "fcntl.lockf", "glob.glob", "shutil.",
    "sqlite3.connect", "tempfile.", "webbrowser.open",
)  # fmt: skip
"""Beginnings of audit events (the table in the library reference of Python)."""


class Guard:
    """A switch for an audit hook, which Python has no way to remove."""

    def __init__(self) -> None:
        self.up = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.up or not (event == "open" or event.startswith(OUT_OF_REACH)):
            return
        first = arguments[0] if arguments else None
        path = os.path.realpath(os.fsdecode(first)) if isinstance(first, str | bytes) else ""
        if (path + os.sep).startswith(HYPOTHESIS) or _is_compiled_code(path):
            return
        allowed = _may_be_read(path) if event == "open" else _is_importing()
        if not allowed:
            pytest.fail(f"a unit test reached for the world: {event}{arguments!r}")


def _is_compiled_code(path: str) -> bool:
    return f"{os.sep}__pycache__{os.sep}" in path + os.sep


def _may_be_read(path: str) -> bool:
    """Without a path it is a descriptor, and whoever opened that was checked."""
    is_code = path.startswith(f"{REPO}{os.sep}") and path.endswith(".py")
    return path == "" or is_code or path.startswith(INSTALLED)


def _is_importing() -> bool:
    """Whether an import statement is what lists a folder."""
    return sys._getframe(2).f_code.co_filename.startswith("<frozen importlib")


GUARD: Final = Guard()
sys.addaudithook(GUARD)


@pytest.fixture(autouse=True)
def out_of_reach() -> Iterator[None]:
    """Raise the guard around each test, its fixtures included."""
    GUARD.up = True
    yield
    GUARD.up = False
