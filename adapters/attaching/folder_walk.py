"""The files below a folder, as somebody who works there thinks of them: nothing hidden, nothing ignored."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final

from adapters.attaching.ignore_rules import Rules

_MOST: Final = 20_000
"""Files; nobody finds one among more by typing a few letters."""
_SECONDS: Final = 1.5
"""A folder on a slow network ends the search, not the patience of whoever types."""

_MADE: Final = frozenset({"node_modules", "__pycache__"})
"""Folders that programs fill; they are ignored where nobody says so."""
_MARKS: Final = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files by which a folder says that a program filled it."""


def files_below(folder: Path, *, without: Path) -> tuple[str, ...]:
    """Paths relative to *folder*, nearest first; none of the folder *without*."""
    until = monotonic() + _SECONDS
    found: list[str] = []
    ahead = deque([("", Rules.at(folder))])
    while ahead and len(found) < _MOST and monotonic() < until:
        where, rules = ahead.popleft()
        for entry in _entries(folder / where):
            if monotonic() >= until:
                break
            path = f"{where}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if not (rules.ignored(path, folder=True) or _filled(entry) or _same(entry.path, without)):
                    ahead.append((f"{path}/", rules.deeper(folder / path, path)))
            elif not rules.ignored(path, folder=False) and _is_file(entry):
                found.append(path)
    return tuple(found[:_MOST])


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        some = islice(entries, _MOST)
        seen = [entry for entry in some if not entry.name.startswith(".") and _is_text(entry.name)]
        yield from sorted(seen, key=lambda entry: entry.name.casefold())


def _filled(entry: os.DirEntry[str]) -> bool:
    return entry.name in _MADE or any(os.path.lexists(f"{entry.path}/{mark}") for mark in _MARKS)


def _is_file(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        return entry.is_file()
    return False


def _same(path: str, other: Path) -> bool:
    with suppress(OSError):
        return other.samefile(path)
    return False


def _is_text(name: str) -> bool:
    """Whether *name* could be typed."""
    return name.encode("utf-8", "replace").decode("utf-8") == name
