"""Files that answers are written to."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from adapters.files.disk_errors import reason
from adapters.files.own_folder import has, is_in, ours
from domain.errors import KeyswitchError, UsageError
from domain.text.untrusted import untrusted_line

_WRITE: Final = (
    os.O_WRONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody reads is refused, not waited for
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class AnswerFiles:
    """Opens them, but none in the home folder: a sign-in would be written over there."""

    def __init__(self, *, home: Path) -> None:
        self._home = home

    def open(self, path: str, *, over: bool) -> AnswerFile:
        """As the port says."""
        name = untrusted_line(path.encode("utf-8", "replace").decode("utf-8"))
        try:
            if is_in(self._home, path):
                raise ours(name)
            try:
                descriptor = os.open(path, _WRITE | os.O_CREAT | os.O_EXCL, 0o666)
            except FileExistsError:
                if not over:
                    said = f"{name} is there already, and was left as it is. --force writes over it."
                    raise UsageError(said) from None
                descriptor = os.open(path, _WRITE)
                self._refuse_odd(name, descriptor)
                return AnswerFile(path, descriptor, made=False)
        except OSError as error:
            raise _not_written(name, error) from None
        return AnswerFile(path, descriptor, made=True)

    def _refuse_odd(self, name: str, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and not has(self._home, status):
            return
        os.close(descriptor)
        if stat.S_ISREG(status.st_mode):
            raise ours(name)
        raise UsageError(f"{name} is no regular file, and no other is written over.")


class AnswerFile:
    """One that is open."""

    def __init__(self, path: str, descriptor: int, *, made: bool) -> None:
        """*made* says that it was not there before."""
        self._path = path
        self._descriptor = descriptor
        self._made = made
        self._begun = False

    def write(self, text: str) -> None:
        """As the port says."""
        left = memoryview(text.encode("utf-8", "replace"))
        try:
            if not self._begun:
                os.ftruncate(self._descriptor, 0)
                self._begun = True
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            raise _not_written(untrusted_line(self._path), error) from None

    def close(self) -> bool:
        """As the port says; a file that was made for nothing is gone again."""
        os.close(self._descriptor)
        if self._made and not self._begun:
            Path(self._path).unlink(missing_ok=True)
        return self._begun


def _not_written(name: str, error: OSError) -> KeyswitchError:
    return KeyswitchError(f"{name} cannot be written ({reason(error)}).", code="output")
