"""A window has its turn to sign in while it holds a lock in the home folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import durable_write
from adapters.files.locks import exclusive
from adapters.files.private_file import FileRefused, private_subfolder, read_private
from domain.errors import SignInUnderWay, StoreBusy, StoreNotWritable

LOCK: Final = "sign-in.lock"
HOLDER: Final = "sign-in.pid"
_LIMIT: Final = 32
"""Bytes; a process id has ten digits at most."""


class FileTurn:
    """The turn is a lock of the kernel. The file beside it names the process that holds it, to be told to a person."""

    def __init__(self, *, home: Path) -> None:
        self._folder = home / "locks"

    def take(self) -> AbstractContextManager[None]:
        """Hold the turn until the context ends. Raises as the port says."""
        return self._taken()

    @contextmanager
    def _taken(self) -> Iterator[None]:
        try:
            private_subfolder(self._folder)
        except OSError as error:
            raise StoreNotWritable(str(self._folder), cannot_save(error)) from None
        lock = exclusive(self._folder / LOCK, timeout=0)
        try:
            lock.__enter__()
        except StoreBusy:
            raise SignInUnderWay(self._holder()) from None
        try:
            with suppress(OSError):
                durable_write(self._folder / HOLDER, str(os.getpid()).encode())
            yield
        finally:
            lock.__exit__(None, None, None)

    def _holder(self) -> int | None:
        """The process that holds the lock, or one that held it a moment ago."""
        try:
            file = read_private(self._folder / HOLDER, limit=_LIMIT)
        except FileRefused:
            return None
        return int(file.content) if file is not None and file.content.isdigit() else None
