"""The content of one version of `auth.json`: parsed, and put together again."""

from __future__ import annotations

import json
import os
import re
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from adapters.files.home_files import backup_path
from adapters.json.strict_json import NotJson, json_object, json_object_at
from adapters.session_store.record import FORMAT, Entry, parse_entry
from domain.errors import StoreDamaged, StoreError, StoreNewer, StoreNotWritable
from domain.records import dataclass, replace
from domain.store_trouble import StoreTrouble

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from adapters.session_store.mending import Mended
    from domain.credential import CredentialKey, CredentialRecord

SIZE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes. A session takes 5 to 11 kB; whatever is larger than some hundred of them was not written by keyswitch."""

_START: Final = re.compile(r'\{\s*"bound"\s*:')
_MOST_SALVAGED: Final = 1000
"""Places to try in a broken file: each can cost as much as the whole."""


class FileState(Enum):
    """Whose file stands in the place of our store."""

    OURS = auto()
    EARLIER = auto()
    """An earlier program's, with sign-ins that are taken over by the next command that writes."""
    OTHERS = auto()
    """Another program's, with nothing in it that is ours to take, and nothing of ours ever was there. It stays."""
    REPLACED = auto()
    """Another program's, where ours was: the last good copy counts."""
    GONE = auto()
    """Nobody's, where ours was: the last good copy counts."""
    ABSENT = auto()
    """Nobody's, and there never was one."""


@dataclass(frozen=True, slots=True)
class Document:
    """The content of one version of the file."""

    path: Path
    format: int = FORMAT
    members: tuple[tuple[str, Any], ...] = ()
    """What stands beside `format` and `records`, in its order."""
    entries: tuple[Entry, ...] = ()
    problem: str = ""
    """Why the file as a whole must not be rewritten, although some of it could be read."""
    mode: int | None = None
    """The permission bits where others have some."""
    restored: bool = False
    """The file was gone, or is another program's, and this is what its backup holds."""
    replacement: bytes | None = None
    """What another program wrote in the place of ours."""
    earlier: bytes | None = None
    """What an earlier program kept there, and was not taken over yet; nothing of ours ever was there."""
    others: bytes | None = None
    """What another program keeps there, and nothing in it is ours to take; nothing of ours ever was there."""
    fresh: bool = False
    """There is no file of ours, and never was one."""
    mended: Mended | None = None
    """What the backup gave back, where the file is damaged or older than it is."""
    spoiled: bytes | None = None
    """A damaged file as it is, to be kept before another takes its place."""

    @property
    def file_state(self) -> FileState:
        """Whose file stands in the place of our store."""
        if self.earlier is not None:
            return FileState.EARLIER
        if self.others is not None:
            return FileState.OTHERS
        if self.replacement is not None:
            return FileState.REPLACED
        if self.restored:
            return FileState.GONE
        return FileState.ABSENT if self.fresh else FileState.OURS

    @property
    def displaced(self) -> bool:
        """Whether something else stands in the place of the file than what counts."""
        return self.replacement is not None or self.restored or self.mended is not None or self.spoiled is not None

    @property
    def records(self) -> tuple[CredentialRecord, ...]:
        """The records that can be read."""
        return tuple(entry.record for entry in self.entries if entry.record is not None)

    @property
    def damaged(self) -> tuple[StoreTrouble, ...]:
        """The records that cannot be read."""
        return tuple(self._trouble(entry) for entry in self.entries if entry.record is None and not entry.unknown)

    def _trouble(self, entry: Entry) -> StoreTrouble:
        whose = f"the record of {entry.key.provider.label} ({entry.key.kind.label})" if entry.key else "a record"
        problem = f"{whose} is damaged ({entry.problem}), and no good copy of it is left"
        return StoreTrouble(StoreDamaged(str(self.path), problem), entry.key)

    def find(self, key: CredentialKey) -> Entry | None:
        """The entry of *key*: the record, else a damaged one that says it is."""
        claims = [entry for entry in self.entries if entry.key == key]
        return next((entry for entry in claims if entry.record), claims[0] if claims else None)

    def put(self, key: CredentialKey, entry: Entry) -> Document:
        """With *entry* in the place of all that *key* has here, or behind the others."""
        claims = [index for index, old in enumerate(self.entries) if old.key == key]
        place = claims[0] if claims else len(self.entries)
        rest = tuple(old for old in self.entries[place:] if old.key != key)
        return replace(self, entries=(*self.entries[:place], entry, *rest))

    def without_one_nameless(self) -> Document:
        """Without the first damaged record that does not say whose it is; the file is kept as it was."""
        for place, entry in enumerate(self.entries):
            if entry.record is None and entry.key is None and not entry.unknown:
                rest = (*self.entries[:place], *self.entries[place + 1 :])
                return replace(self, entries=rest, spoiled=self.spoiled or self.render())
        return self

    def without(self, key: CredentialKey) -> Document:
        """This document without any entry of *key*."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.key != key))

    def refuse_to_write(self) -> None:
        """Pass where the file may be rewritten.

        Raises:
            StoreDamaged, StoreNewer: As they say.
            StoreError: An earlier program wrote it (`store_older`).
        """
        if self.earlier is not None:
            problem = "an older program wrote it, and its sign-ins were not taken over yet"
            raise StoreError(str(self.path), problem, code="store_older")
        if self.format > FORMAT:
            raise StoreNewer(str(self.path), "a newer keyswitch wrote it, and this one only reads it")

    def render(self) -> bytes:
        """The file. A record that was not changed comes out as it went in.

        Raises:
            StoreDamaged: Something in it that was kept is nested too deeply to be written again.
            StoreNotWritable: It would be larger than what is read again.
        """
        try:
            head = [f"{_dump(name)}:{_dump(value)}" for name, value in (("format", self.format), *self.members)]
            records = ",\n".join(_dump(entry.raw) for entry in self.entries)
        except RecursionError:
            raise StoreDamaged(str(self.path), with_backup(self.path, "it is nested too deeply")) from None
        text = "{" + ",".join(head) + ',"records":[\n' + records + "\n]}\n"
        if len(text) > SIZE_LIMIT:
            raise StoreNotWritable(str(self.path), f"it would grow beyond {SIZE_LIMIT} bytes")
        return text.encode("ascii")


@lru_cache(maxsize=2)
def parse_store(path: Path, content: bytes) -> Document:
    """The store that *content* is. The same bytes are the same store: whoever waits reads them again and again."""
    try:
        members = json_object(content)
    except NotJson:
        return _salvaged(path, content, "it is no whole JSON document")
    version, raw = members.pop("format", None), members.pop("records", None)
    if not isinstance(version, int) or isinstance(version, bool) or version < FORMAT:
        return _salvaged(path, content, "it is of a foreign format and was left alone")
    if isinstance(raw, list):
        return Document(path, version, tuple(members.items()), _entries(raw))
    if version > FORMAT:
        raise StoreNewer(str(path), "a newer keyswitch wrote it in a way that this one cannot read")
    return _salvaged(path, content, "its list of records is missing")


def _salvaged(path: Path, content: bytes, problem: str) -> Document:
    """The store with the whole records of a file that is no JSON document.

    Each is looked for by how it begins, so that damage to one, or between two, hides no other.
    """
    text = content.decode("utf-8", errors="replace")
    found: list[Any] = []
    place = 0
    for _ in range(_MOST_SALVAGED):
        start = _START.search(text, place)
        if start is None:
            break
        try:
            raw, place = json_object_at(text, start.start())
            found.append(raw)
        except NotJson:
            place = start.end()
            found.append(None)
    entries = _entries(found)
    if not any(entry.record for entry in entries):
        raise StoreDamaged(str(path), with_backup(path, problem))
    return Document(path, entries=entries, problem=problem)


def _entries(raw: Iterable[object]) -> tuple[Entry, ...]:
    """Each element on its own; a second record of one credential, or a second active one, does not count as such."""
    seen: set[CredentialKey] = set()
    active: set[tuple[str, str]] = set()
    entries: list[Entry] = []
    for entry in map(parse_entry, raw):
        record = entry.record
        if record is None:
            entries.append(entry)
        elif record.key in seen:
            entries.append(replace(entry, record=None, problem="there is another record of this credential"))
        else:
            group = (record.provider.value, record.kind.value)
            second = record.active and group in active
            entries.append(replace(entry, record=replace(record, active=False)) if second else entry)
            seen.add(record.key)
            active |= {group} if record.active else set()
    return tuple(entries)


def with_backup(path: Path, problem: str) -> str:
    backup = backup_path(path)
    return f"{problem}; the last good copy is {backup}" if os.path.isfile(backup) else problem  # noqa: PTH113 - pathlib raises where the folder may not be entered


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
