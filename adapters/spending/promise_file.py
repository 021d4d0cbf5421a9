"""Promises of spending in one small file of the home folder, under a lock.

It holds ids, moments and amounts of money alone. A file that makes no sense counts as an empty one: it is only about
requests of the last two days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import durable_write
from adapters.files.locks import exclusive
from adapters.files.private_file import FileRefused, read_private
from application.ports.clock import Clock
from domain.errors import StoreNotWritable
from domain.spending.limits import Promise
from domain.text.moments import moment_from_text, moment_text

NAME: Final = "promised.json"
_LIMIT: Final = 1024 * 1024
"""Bytes."""
_PATIENCE: Final = 5.0
"""Seconds: nobody holds the lock longer than it takes to read the ledger."""
_KEPT: Final = timedelta(days=2)


class PromiseFile:
    """The `Promises` of one home."""

    def __init__(self, *, home: Path, clock: Clock) -> None:
        self._path = home / NAME
        self._clock = clock

    def make(self, promise: Promise, agree: Callable[[tuple[Promise, ...]], None]) -> None:
        """As the port says."""
        with self._locked():
            others = self._read()
            agree(others)
            self._write((*others, promise))

    def forget(self, promise_id: str) -> None:
        """As the port says."""
        with self._locked():
            known = self._read()
            if left := tuple(one for one in known if one.id != promise_id):
                self._write(left)
            elif known:
                self._path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with exclusive(self._path.with_suffix(".lock"), timeout=_PATIENCE):
                yield
        except OSError as error:
            raise StoreNotWritable(str(self._path), cannot_save(error)) from error

    def _read(self) -> tuple[Promise, ...]:
        try:
            file = read_private(self._path, limit=_LIMIT)
            listed = json.loads(file.content) if file else []
        except (FileRefused, ValueError, RecursionError):
            return ()
        found = [_promise(one) for one in listed] if isinstance(listed, list) else []
        oldest = self._clock.now() - _KEPT
        return tuple(one for one in found if one is not None and one.at >= oldest)

    def _write(self, promises: tuple[Promise, ...]) -> None:
        listed = [
            {"id": one.id, "at": moment_text(one.at), "conversation": one.conversation, "dollars": str(one.dollars)}
            for one in promises
        ]
        durable_write(self._path, json.dumps(listed).encode(), synced=False)


def _promise(value: Any) -> Promise | None:
    try:
        at, dollars = moment_from_text(value["at"]), Decimal(value["dollars"])
        return Promise(str(value["id"]), at, str(value["conversation"]), dollars) if at and dollars >= 0 else None
    except (KeyError, TypeError, InvalidOperation):
        return None
