from __future__ import annotations

import json
import math
import os
import re
import stat
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from adapters.files.private_file import OWNER_ONLY, somebody_elses, tighten
from application.ports.event_log import Tail
from domain.errors import StoreError
from domain.event import Event, Fact
from domain.text.moments import moment_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from application.ports.clock import Clock

NAME: Final = "events.jsonl"
OLDER: Final = "events.1.jsonl"
LIMIT: Final = 1024 * 1024
"""Bytes; then the file becomes the older one, and the older one before it goes."""

_LOCK_NAME: Final = "events.lock"
_LONGEST_TEXT: Final = 200
_LARGEST: Final = 2**63
_BLOCK: Final = 64 * 1024
_GUARDED: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Not blocking: a pipe in the place of the log would never be opened."""
_APPEND: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _GUARDED
_READ: Final = os.O_RDONLY | _GUARDED
_PLAIN: Final = (str, int, float, bool)
_SECRET_LOOK: Final = re.compile(r"(?i:bearer)\s+\S{8,}|[?&#](?:code|state|\w*token)=|[\w+=-]{48,}")
"""Beside the keys and tokens of vendors: a header, parts of a redirect's query, and any word longer than names are."""


class JsonlEventLog:
    """Events as one JSON object a line, in the home folder, readable by its owner only."""

    def __init__(self, *, home: Path, clock: Clock) -> None:
        self._path = home / NAME
        self._older = home / OLDER
        self._lock = home / _LOCK_NAME
        self._clock = clock

    def record(self, event: str, **facts: Fact) -> None:
        """Append *event*. A disk that cannot be written is no failure of what is being recorded."""
        clean = {_clean_text(name): _clean(value) for name, value in facts.items()}
        at = self._clock.now().isoformat(timespec="milliseconds")
        line = {"at": at, "event": _clean_text(event), "pid": os.getpid(), "facts": clean}
        with suppress(OSError):
            if self._append(f"{json.dumps(line)}\n".encode("ascii")) > LIMIT:
                self._rotate()

    def tail(self, count: int) -> Tail:
        """The last *count* events; reads no more of the files than that takes.

        Lines that are no events are left out. What cannot be read counts as empty.
        """
        found: list[Event] = []
        for path in (self._path, self._older):
            with suppress(OSError):
                events = (event for line in _lines_backwards(path) if (event := _event(line)) is not None)
                # One more than asked for tells whether there are more.
                found.extend(islice(events, max(0, count + 1 - len(found))))
        return Tail(tuple(found[:count][::-1]), complete=len(found) <= count)

    def _append(self, line: bytes) -> int:
        """Add *line* in a single write, which the kernel does not mix with another's; returns the file's size."""
        descriptor = os.open(self._path, _APPEND, OWNER_ONLY)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or somebody_elses(status):
                return 0
            if stat.S_IMODE(status.st_mode) != OWNER_ONLY:  # left open to others, or made under a mask that takes all
                tighten(descriptor)
            os.write(descriptor, line)
            return status.st_size + len(line)
        finally:
            os.close(descriptor)

    def _rotate(self) -> None:
        """Make room. Where another process is at it already, there is nothing left to do."""
        from adapters.files.locks import exclusive

        with suppress(StoreError), exclusive(self._lock, timeout=0):
            if self._path.stat().st_size > LIMIT:
                self._path.replace(self._older)


def _clean(value: object) -> Fact:
    """*value* if it is a plain one; anything else, a secret above all, leaves only its type's name."""
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) < _LARGEST else "(int)"
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return _clean_text(value)
        case _:
            return f"({type(value).__name__})"


def _clean_text(text: str) -> str:
    from domain.text.vendor_secrets import holds_secret  # here: most commands write no event

    plain = str.__str__(text)  # the value of an enum's member, not its name
    if _SECRET_LOOK.search(plain) or holds_secret(plain):
        return "(looks like a secret)"
    return plain if len(plain) <= _LONGEST_TEXT else f"{plain[: _LONGEST_TEXT - 1]}…"


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last first, a block at a time; up to one that is too long to be ours."""
    with open(os.open(path, _READ), "rb") as file:  # noqa: PTH123 - pathlib opens no descriptor
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        position = file.seek(0, os.SEEK_END)
        rest = b""
        while position > 0 and len(rest) <= LIMIT:
            start = max(0, position - _BLOCK)
            file.seek(start)
            lines = (file.read(position - start) + rest).split(b"\n")
            rest, position = lines[0], start
            yield from reversed(lines[1:])
        yield rest


def _event(line: bytes) -> Event | None:
    """What a line says; None where it is none of ours, or was edited until it makes no sense."""
    try:
        match json.loads(line):
            case {"at": str(at), "event": str(name), "facts": dict(facts), **rest}:
                moment, pid = moment_from_text(at), rest.get("pid")
                if moment is None:
                    return None
                plain = {key: value for key, value in facts.items() if value is None or isinstance(value, _PLAIN)}
                return Event(moment, name, pid if isinstance(pid, int) else None, plain)
            case _:
                return None
    except (ValueError, RecursionError):
        return None
