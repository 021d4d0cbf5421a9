"""The latest version of each credential that this home has seen, in `auth.json.generations`: no token, and no name.

    {"format": 2, "latest": {"0011…": {"session": "2233…", "generation": 7, "obtained_at": "2026-…"}}, "check": "1b2c…"}

Where an older `auth.json` was put back together with an older copy, this alone tells that the tokens in it are spent.
A mark that cannot be read or written costs that knowledge, and nothing else. So nobody waits until it would survive a
power cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from adapters.files.home_files import GENERATIONS_FILE
from adapters.files.private_file import FileRefused, read_private
from adapters.json.check_sums import spaced_check_sum
from adapters.json.json_members import BadRecord, moment, typed_member, written
from adapters.json.strict_json import NotJson, json_object
from domain.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from domain.credential import CredentialKey, CredentialRecord, Version

_FORMAT: Final = 2
_LIMIT: Final = 1024 * 1024
"""Bytes; a mark takes some hundred."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a home."""

    latest: Mapping[str, dict[str, Any]]
    """By the digests of those whose they are."""
    generations: Mapping[object, set[object]]
    """By the moment, to the microsecond. A record of that moment and generation is the one that was marked: it needs no
    digest, and what makes digests loads slowly."""

    @classmethod
    def of(cls, latest: Mapping[str, dict[str, Any]]) -> Marks:
        """The marks in *latest*."""
        generations: dict[object, set[object]] = {}
        for mark in latest.values():
            generations.setdefault(mark.get("obtained_at"), set()).add(mark.get("generation"))
        return cls(latest, generations)


def read_marks(home: Path) -> Marks:
    """The marks of *home*; none where they cannot be read."""
    with suppress(FileRefused):
        file = read_private(home / GENERATIONS_FILE, limit=_LIMIT)
        if file is not None:
            return _marks(file.content)
    return Marks.of({})


@lru_cache(maxsize=1)
def _marks(content: bytes) -> Marks:
    with suppress(NotJson, BadRecord, RecursionError):
        members = json_object(content)
        if typed_member(members, "check", str) == spaced_check_sum(members.get("latest")):
            return Marks.of(typed_member(members, "latest", dict))
    return Marks.of({})


def is_outdated(record: CredentialRecord, marks: Marks) -> bool:
    """Whether *marks* know a later version of *record*: of the same sign-in, else a sign-in that was made after it."""
    if marks.generations.get(written(record.obtained_at)) == {record.generation}:
        return False
    mark = marks.latest.get(_digest(str(record.key)))
    try:
        if mark is None:
            return False
        if typed_member(mark, "session", str) == _digest(record.session_id):
            return typed_member(mark, "generation", int) > record.generation
        return moment(mark, "obtained_at") > record.obtained_at
    except BadRecord:
        return False


def remember_versions(
    home: Path,
    records: Iterable[CredentialRecord],
    *,
    proven: CredentialKey | None = None,
    known: Iterable[tuple[CredentialKey, Version]] = (),
) -> None:
    """Mark *records*, unless a later version is known. Of *proven*, which was just obtained, this is the latest."""
    before = read_marks(home)
    claimed = dict(known)
    marks: dict[str, dict[str, Any]] = {}
    for record in records:
        name = _digest(str(record.key))
        if record.key != proven and is_outdated(record, before):
            marks[name] = dict(before.latest[name])
            continue
        later = claimed.get(record.key)
        generation = later.generation if later and record.key != proven else record.generation
        session, at = _digest(record.session_id), written(record.obtained_at)
        marks[name] = {"session": session, "generation": generation, "obtained_at": at}
    if marks == before.latest:
        return
    from adapters.files.durable_write import durable_write, sweep_orphans

    members = {"format": _FORMAT, "latest": marks, "check": spaced_check_sum(marks)}
    path = home / GENERATIONS_FILE
    with suppress(OSError):
        sweep_orphans(path)
        durable_write(path, json.dumps(members, separators=(",", ":")).encode("ascii") + b"\n", synced=False)


@lru_cache(maxsize=512)
def _digest(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:32]
