"""Whether the master key of the store can be had from the place that keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from adapters.files.private_file import FileRefused, read_private
from adapters.master_key.keeper import Holders
from adapters.master_key.key import key_id
from adapters.master_key.note import KEY_FILE, KeyNote, NoteFile
from adapters.session_store.document import FileState
from adapters.session_store.reading_records import StoreReader
from domain.errors import StoreError, StoreNewer
from domain.finding import Area, Finding, ok, problem, warning
from domain.master_key import KeyPlace

_LIMIT = 4096
"""Bytes of a key file; the key takes 45."""

_FIXES: Final = {
    "keyring_locked": "unlock your keyring, then try again",
    "keyring_timeout": "look for a question that the keyring asks, or start its service again",
    "keyring_unusable": "start the keyring's service, in a session that has one",
}


class KeyProbe:
    """Asks the place that is remembered, and asks nobody for a passphrase. A keyring gets its usual three seconds."""

    area = Area.KEY

    def __init__(self, *, home: Path, holders: Holders, reader: StoreReader) -> None:
        self._home = home
        self._note = NoteFile(home=home)
        self._holders = holders
        self._reader = reader

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        try:
            note, whereabouts = self._note.read(), self._note.whereabouts()
        except StoreNewer as error:
            yield problem(Area.KEY, str(error), "update keyswitch")
            return
        except StoreError as error:
            yield problem(Area.KEY, str(error), f"restore {error.path} from a backup of yours")
            return
        if whereabouts is None:
            yield self._none()
            return
        yield from self._at(note, whereabouts.place, whereabouts.words)
        if whereabouts.because:
            yield warning(Area.KEY, f"it is not in a keyring: {whereabouts.because}")
        for place in whereabouts.left:
            what = f"a copy of it was left in the {place} when it was moved; the next use of a sign-in takes it away"
            yield warning(Area.KEY, what)

    def _none(self) -> Finding:
        try:
            sealed = bool(self._reader.records()) and self._reader.file_state() is not FileState.EARLIER
        except StoreError:  # the store's own probe says so
            sealed = False
        if not sealed:
            return ok(Area.KEY, "there is none yet; it is made at the first sign-in")
        fix = f"restore {self._home / KEY_FILE} from a backup of yours, or sign in again"
        return problem(Area.KEY, "sign-ins are stored, and the key that opens them is gone", fix)

    def _at(self, note: KeyNote | None, place: KeyPlace, words: str) -> Iterator[Finding]:
        match place:
            case KeyPlace.PASSPHRASE:
                yield ok(Area.KEY, f"it is in {words}")
            case KeyPlace.FILE:
                yield self._in_file(note)
            case KeyPlace.KEYRING:
                yield self._asked(words, lambda: self._fetched(note))

    def _in_file(self, note: KeyNote | None) -> Finding:
        """Read here and not by its holder, which would close a file that is open to others."""
        path = self._home / KEY_FILE
        try:
            file = read_private(path, limit=_LIMIT)
        except FileRefused as refusal:
            return problem(Area.KEY, f"{path}: {refusal}", f"make {path} a file that only you can read")
        if file is None:
            return problem(Area.KEY, f"{path} is gone", "restore it from a backup of yours, or sign in again")
        if file.loose:  # said by the store's probe as well, with its mode
            return warning(Area.KEY, f"{path} is open to others", f"chmod go= {path}")
        return self._asked("a key file", lambda: self._fetched(note))

    def _asked(self, words: str, has_it: Callable[[], bool]) -> Finding:
        try:
            there = has_it()
        except StoreError as error:
            fix = _FIXES.get(error.code, "restore the key from a backup of yours, or sign in again")
            return problem(Area.KEY, str(error), fix)
        if there:
            return ok(Area.KEY, f"it can be had from {words}")
        return problem(
            Area.KEY, f"it is not in {words} any more", "restore it from a backup of yours, or sign in again"
        )

    def _fetched(self, note: KeyNote | None) -> bool:
        """Whether the place has the key that was put there. Raises StoreError where it cannot be told."""
        place = note.place if note else KeyPlace.FILE
        key = self._holders.at(place).fetch(note)
        return key is not None and (note is None or key_id(key) == note.key)
