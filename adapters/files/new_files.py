"""Files that a person asked for: written piece by piece, for nobody else to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from adapters.files.disk_errors import reason
from adapters.files.own_folder import is_in, ours
from adapters.files.private_file import CREATE, NOT_REGULAR, OWNER_ONLY, tighten
from domain.errors import KeyswitchError
from domain.text.untrusted import untrusted_line


class PrivateFiles:
    """Writes new files with the mode 0600, but none in the home folder: a sign-in would be written over there."""

    def __init__(self, *, home: Path) -> None:
        self._home = home

    def write(self, path: Path, pieces: Iterable[str], *, over: bool = False) -> bool:
        """Write to *path*; whether that came about. With *over* it takes the place of a regular file."""
        try:
            if is_in(self._home, str(path)):
                raise ours(untrusted_line(str(path)))
            if not over:
                _write_new(path, pieces)
                return True
            if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
                raise KeyswitchError(f"{path} cannot be written ({NOT_REGULAR}).", code="output")
            beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
            _write_new(beside, pieces)
            _put(beside, path)
        except FileExistsError:
            return False
        except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise KeyswitchError(f"{path} cannot be written ({why}).", code="output") from None
        return True


def _write_new(path: Path, pieces: Iterable[str]) -> None:
    descriptor = os.open(path, CREATE, OWNER_ONLY)
    try:
        tighten(descriptor)  # the umask may have taken bits away that the owner needs
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(pieces)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _put(beside: Path, path: Path) -> None:
    try:
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
