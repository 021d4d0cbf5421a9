"""What the last good copy of the store has to give: records that are damaged in the file, missing, or older there.

Nothing that its owner removed is in the copy: a sign-out takes a record out of the copy first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.json.json_members import BadRecord, typed_member
from adapters.session_store.record import Entry, active_mark
from domain.credential import CredentialKey, Version
from domain.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Mended:
    """The records of a file with those of its copy."""

    entries: tuple[Entry, ...]
    restored: tuple[CredentialKey, ...] = ()
    """Whose record is the copy's now."""
    known: tuple[tuple[CredentialKey, Version], ...] = ()
    """Newer versions of those, which a damaged record says it was: the copy is an older one."""


def mend_entries(entries: tuple[Entry, ...], copies: Iterable[Entry]) -> Mended:
    """*entries* of the file, each damaged, missing or older one replaced by what *copies* hold of it."""
    good = [entry for entry in copies if entry.record is not None]
    result, restored, known = list(entries), [], []
    for place, copy in enumerate(good):
        assert copy.record is not None  # noqa: S101 - only those are looked at
        key = copy.record.key
        stored = next((index for index, entry in enumerate(result) if entry.record and entry.key == key), None)
        if stored is not None:
            record = result[stored].record
            if record is not None and copy.record.is_newer_than(record):
                result[stored] = copy
                restored.append(key)
            continue
        damaged = _damaged_place(result, key, place, {other.key for other in good})
        restored.append(key)
        if damaged is None:
            result.insert(place, copy)
            continue
        claimed = _claimed_version(result[damaged])
        if claimed is not None and claimed.follows(copy.record.version):
            known.append((key, claimed))
        result[damaged] = copy
    return Mended(_one_active_each(result, set(restored)), tuple(restored), tuple(known))


def _damaged_place(
    entries: list[Entry], key: CredentialKey, place: int, copied: set[CredentialKey | None]
) -> int | None:
    """Where the damaged record of *key* is: the one that says it is, else a nameless one in the same *place*."""
    damaged = [index for index, entry in enumerate(entries) if entry.record is None]
    by_name = [index for index in damaged if entries[index].key == key]
    by_place = [index for index in damaged if index == place and entries[index].key not in copied]
    nameless = [index for index in damaged if entries[index].key is None]
    return next(iter((*by_name, *by_place, *nameless)), None)


def _claimed_version(entry: Entry) -> Version | None:
    try:
        bound = typed_member(entry.raw, "bound", dict) if isinstance(entry.raw, dict) else {}
        return Version(typed_member(bound, "session_id", str), typed_member(bound, "generation", int))
    except BadRecord:
        return None


def _one_active_each(entries: list[Entry], restored: set[CredentialKey]) -> tuple[Entry, ...]:
    """*entries* with one active record in each group at most: what was restored gives way to what was not."""
    taken: dict[tuple[str, str], CredentialKey] = {}
    for entry in sorted(entries, key=lambda entry: entry.key in restored):
        if entry.record is not None and entry.record.active:
            taken.setdefault((entry.record.provider.value, entry.record.kind.value), entry.record.key)
    winners = set(taken.values())
    return tuple(
        _unmarked(entry) if entry.record and entry.record.active and entry.record.key not in winners else entry
        for entry in entries
    )


def _unmarked(entry: Entry) -> Entry:
    changed = active_mark(entry, active=False)
    return changed if changed.record is None else replace(changed, record=replace(changed.record, active=False))
