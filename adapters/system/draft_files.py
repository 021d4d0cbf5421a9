"""Drafts on the disk: a file for each window, under a lock that goes with its process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.locks import exclusive
from adapters.files.private_file import FileRefused, private_subfolder, read_private
from domain.errors import StoreBusy, StoreNotWritable
from domain.text.vendor_secrets import holds_secret
from domain.text.written import Written

FOLDER: Final = "drafts"

MOST_WINDOWS: Final = 16

LARGEST: Final = 1 << 20
"""Characters of a draft; the file may take four times as many bytes and more."""

_LARGEST_FILE: Final = 16 * LARGEST


class DraftFiles:
    """One window's place among the drafts of a home folder. Any thread may call, one at a time."""

    def __init__(self, *, home: Path) -> None:
        self._folder = home / FOLDER
        self._lock = ExitStack()
        self._path: Path | None = None

    def take(self) -> Written | None:
        """Take the place with the latest draft that no window holds, else one that is free."""
        try:
            private_subfolder(self._folder)
            for path in self._places():
                with suppress(StoreBusy):
                    self._lock.enter_context(exclusive(path.with_suffix(".lock"), timeout=0))
                    self._path = path
                    sweep_orphans(path)
                    return _read(path)
        except OSError as error:
            raise StoreNotWritable(str(self._folder), cannot_save(error)) from None
        return None

    def keep(self, written: Written) -> bool:
        """Replace the file, or remove it."""
        if self._path is None:
            return False
        try:
            if not written.text.strip() or len(written.text) > LARGEST or holds_secret(written.text):
                self._path.unlink(missing_ok=True)
                return False
            document = json.dumps({"text": written.text, "folds": written.folds})
            durable_write(self._path, document.encode(), synced=False)
        except OSError as error:
            raise StoreNotWritable(str(self._path), cannot_save(error)) from None
        return True

    def let_go(self) -> None:
        """Let another window have the place."""
        self._path = None
        self._lock.close()

    def _places(self) -> Iterator[Path]:
        all_of_them = [self._folder / f"{number}.json" for number in range(1, MOST_WINDOWS + 1)]
        ages = {path: path.lstat().st_mtime for path in all_of_them if path.exists()}
        yield from sorted(ages, key=ages.__getitem__, reverse=True)
        yield from (path for path in all_of_them if path not in ages)


def _read(path: Path) -> Written | None:
    """None also where it cannot be used: it was no draft of ours."""
    with suppress(FileRefused, ValueError, TypeError, KeyError):
        if (file := read_private(path, limit=_LARGEST_FILE, closing=True)) is not None:
            return _written(json.loads(file.content))
    return None


def _written(document: Any) -> Written:
    text = str(document["text"]).encode("utf-8", "replace").decode()
    folds = tuple((int(start), int(end)) for start, end in document["folds"])
    edges = [0, *(edge for fold in folds for edge in fold), len(text)]
    return Written(text, folds if edges == sorted(edges) else ())
