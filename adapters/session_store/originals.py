"""Files that were in the place of ours, kept whole and sealed in `auth.json.old.sealed`.

    {"format": 2, "kept": [
    {"bound": {"file": "auth.json", "kept_at": …, "why": "migrated", "size": …, "logins": […]},
     "notes": {"adopted": {"chatgpt": "2026-…"}}, "sealed": {…}, "check": "1b2c3d4e"}
    ]}

What an entry is about is readable and part of its seal; the content is sealed with the master key of the store. Like a
record there, a damaged entry keeps its place and hides no other. All but the contents is read without any library.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.home_files import KEPT_FILE, KEPT_LIMIT
from adapters.files.private_file import FileRefused, read_private
from adapters.json.check_sums import EntryParts, checked_entry
from adapters.json.json_members import BadRecord, moment, typed_member, written
from adapters.json.strict_json import NotJson, json_object
from adapters.master_key.key import MasterKey
from adapters.session_store.record import FORMAT
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import StoreDamaged, StoreNewer, StoreNotWritable, StoreWrongKey
from domain.provider import Provider
from domain.records import dataclass, field
from domain.text.secret import Secret

MOST_REPLACED: Final = 32
"""Files that other programs wrote over ours, the latest ones. What was migrated stays for good."""


class Why(StrEnum):
    """The reason why a file is kept."""

    MIGRATED = "migrated"
    """It was of an older format, and what is in it was taken over."""
    REPLACED = "replaced"
    """Another program had put it in the place of ours, which took its place back."""


@dataclass(frozen=True, slots=True)
class OriginalSignIn:
    """A sign-in that is in a kept file."""

    key: CredentialKey
    label: str
    """Foreign text."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a kept file without opening it."""

    file: str
    """Its name in the home folder."""
    kept_at: datetime
    """Aware, in UTC."""
    why: Why
    size: int
    """Bytes."""
    sign_ins: tuple[OriginalSignIn, ...] = ()

    @classmethod
    def of(cls, records: tuple[CredentialRecord, ...], content: bytes, **rest: Any) -> About:
        """A file of *content* in which *records* were found."""
        return cls(
            size=len(content), sign_ins=tuple(OriginalSignIn(found.key, found.label) for found in records), **rest
        )


@dataclass(frozen=True, slots=True)
class Original:
    """One entry as it stands in the file."""

    raw: Any = field(repr=False)
    about: About | None
    """None where the entry is damaged."""
    adopted: frozenset[Provider] = frozenset()
    """Whose sign-ins in it were taken over since; those of a migrated one all were at once."""
    problem: str = ""


class Originals:
    """The kept files of one home folder. What writes is called with the store's lock held."""

    def __init__(self, home: Path) -> None:
        self.path = home / KEPT_FILE

    def entries(self) -> tuple[Original, ...]:
        """All kept files, the oldest first.

        Raises:
            StoreDamaged: The file cannot be read.
            StoreNewer: A newer program wrote it.
        """
        return tuple(map(_parsed, self._read()[1]))

    def content(self, kept: Original, key: MasterKey) -> bytes:
        """What the file held, byte for byte.

        Raises:
            StoreWrongKey: It was sealed with another key.
            StoreDamaged: It was changed since.
        """
        from adapters.session_store.sealing import Unopened, unseal

        problem = kept.problem
        if kept.about is not None:
            try:
                content = unseal(kept.raw["sealed"], kept.raw["bound"], key).get("content")
                if isinstance(content, Secret):
                    return base64.b64decode(content.reveal(), validate=True)
                problem = "it holds no file"
            except Unopened as unopened:
                if unopened.other_key:
                    raise StoreWrongKey(str(self.path), "this copy was sealed with another master key") from None
                problem = str(unopened)
            except binascii.Error:
                problem = "it holds no file"
        raise StoreDamaged(str(self.path), f"this copy is damaged: {problem}")

    def keep(
        self, content: bytes, about: About, key: MasterKey, *, adopted: Mapping[Provider, datetime] | None = None
    ) -> None:
        """Keep *content* durably, and make sure that it can be had back; nothing where it is kept already.

        *adopted* are the providers whose sign-ins in it are ours, and since when.

        Raises:
            StoreDamaged, StoreNewer: The file cannot be read, and is not overwritten.
            StoreNotWritable: It is not kept.
        """
        from adapters.session_store.sealing import seal

        members, raw = self._read()
        entries = tuple(map(_parsed, raw))
        if any(self._holds(kept, content, about.file, key) for kept in entries):
            return
        bound = _bound(about)
        since = {provider.value: written(at) for provider, at in (adopted or {}).items()}
        sealed = seal({"content": Secret(base64.b64encode(content).decode("ascii"))}, bound, key)
        new = checked_entry({"bound": bound, "notes": {"adopted": since}, "sealed": sealed})
        self._write(members, [*(kept.raw for kept in _without_outdated(entries, about)), new])
        if not self._holds(self.entries()[-1], content, about.file, key):
            raise StoreNotWritable(str(self.path), "the disk gave back something else than what was written")

    def mark_adopted(self, kept: Original, provider: Provider, at: datetime) -> None:
        """Note that the sign-ins of *provider* in *kept* are ours since *at*. Raises as `keep` does."""
        members, raw = self._read()
        adopted = {**kept.raw["notes"]["adopted"], provider.value: written(at)}
        noted = checked_entry({**kept.raw, "notes": {**kept.raw["notes"], "adopted": adopted}})
        self._write(members, [noted if entry == kept.raw else entry for entry in raw])

    def _holds(self, kept: Original, content: bytes, name: str, key: MasterKey) -> bool:
        if kept.about is None or (kept.about.file, kept.about.size) != (name, len(content)):
            return False
        try:
            return self.content(kept, key) == content
        except (StoreDamaged, StoreWrongKey):
            return False

    def _read(self) -> tuple[dict[str, Any], list[Any]]:
        """The members beside `format` and `kept`, and the raw entries."""
        members: Any = {"format": FORMAT, "kept": []}
        try:
            file = read_private(self.path, limit=KEPT_LIMIT)
            if file is not None:
                members = json_object(file.content)
            version, raw = members.pop("format"), members.pop("kept")
        except FileRefused as refusal:
            raise StoreDamaged(str(self.path), str(refusal)) from None
        except (NotJson, KeyError):
            version, raw = None, None
        if not isinstance(version, int) or not isinstance(raw, list):
            raise StoreDamaged(str(self.path), "it is damaged; move it away to go on without the copies in it")
        if version > FORMAT:
            raise StoreNewer(str(self.path), "a newer keyswitch wrote it, and this one leaves it alone")
        return members, raw

    def _write(self, members: Mapping[str, Any], raw: list[Any]) -> None:
        head = json.dumps({"format": FORMAT, **members}, separators=(",", ":")).removesuffix("}")
        body = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in raw)
        sweep_orphans(self.path)
        try:
            durable_write(self.path, f'{head},"kept":[\n{body}\n]}}\n'.encode("ascii"))
        except OSError as error:
            raise StoreNotWritable(str(self.path), cannot_save(error)) from None


def _without_outdated(entries: tuple[Original, ...], newer: About) -> tuple[Original, ...]:
    """*entries* without the replaced files that *newer* makes worthless, and without those beyond the limit.

    A later file of the same program with the same accounts has the tokens that the earlier ones were renewed to.
    """

    def replaced(kept: Original) -> bool:
        return kept.about is not None and kept.about.why is Why.REPLACED

    def outdated(kept: Original) -> bool:
        about = kept.about
        same = about is not None and about.file == newer.file and _accounts(about) == _accounts(newer) != frozenset()
        return replaced(kept) and same

    kept = [entry for entry in entries if newer.why is not Why.REPLACED or not outdated(entry)]
    over = sum(map(replaced, kept)) - MOST_REPLACED + 1
    result = []
    for entry in kept:
        if over > 0 and replaced(entry) and newer.why is Why.REPLACED:
            over -= 1
        else:
            result.append(entry)
    return tuple(result)


def _accounts(about: About) -> frozenset[CredentialKey]:
    return frozenset(sign_in.key for sign_in in about.sign_ins)


def _bound(about: About) -> dict[str, Any]:
    sign_ins = [
        {
            "provider": sign_in.key.provider.value,
            "kind": sign_in.key.kind.value,
            "account": sign_in.key.account,
            "label": sign_in.label,
        }
        for sign_in in about.sign_ins
    ]
    return {
        "file": about.file,
        "kept_at": written(about.kept_at),
        "why": about.why.value,
        "size": about.size,
        "logins": sign_ins,
    }


def _parsed(raw: object) -> Original:
    try:
        return _entry(raw)
    except BadRecord as problem:
        return Original(raw, None, problem=str(problem))
    except (ValueError, RecursionError):
        return Original(raw, None, problem="it is of a kind that is not known")


def _entry(raw: object) -> Original:
    parts = EntryParts.of(raw)
    parts.require_check_sum()
    bound = parts.bound
    about = About(
        file=typed_member(bound, "file", str),
        kept_at=moment(bound, "kept_at"),
        why=Why(typed_member(bound, "why", str)),
        size=typed_member(bound, "size", int),
        sign_ins=tuple(map(_sign_in, typed_member(bound, "logins", list))),
    )
    adopted = typed_member(parts.notes, "adopted", dict)
    return Original(raw, about, frozenset(provider for provider in Provider if provider.value in adopted))


def _sign_in(raw: object) -> OriginalSignIn:
    if not isinstance(raw, dict):
        raise BadRecord("a sign-in in it is no JSON object")
    provider, kind = Provider(typed_member(raw, "provider", str)), CredentialKind(typed_member(raw, "kind", str))
    return OriginalSignIn(
        CredentialKey(provider, typed_member(raw, "account", str), kind), typed_member(raw, "label", str)
    )
