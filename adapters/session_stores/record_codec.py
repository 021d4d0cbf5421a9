"""One record of `auth.json`: what stands in it, and how it becomes a `CredentialRecord`.

    {"bound": {...}, "notes": {...}, "sealed": {...}, "check": "1b2c3d4e"}

`bound` is readable and part of the seal: whose credential it is, who pays, where it may be sent, when it ends, which
generation it is. `notes` is readable and outside the seal, so that a failed renewal can be noted while the key is out
of reach: which account is active, a tombstone, a setback. Whoever can write the file could delete it as well, and with
the notes can do no more than that: choose among the owner's accounts, delay a renewal, or have a dead token refused
once more. `check` finds accidental damage to all three without the key; it is no protection against intent, which only
the seal is. Members that this program does not know are kept wherever they stand.
"""

from __future__ import annotations

import json
from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from domain.credential import CredentialKey, CredentialKind, CredentialRecord, Payer, Setback, Tombstone
from domain.provider import Provider

FORMAT: Final = 2
"""Of the file and of what its seals bind; 0 and 1 were never sealed."""

_T = TypeVar("_T", str, int, bool, list, dict)  # type: ignore[type-arg]  # JSON's own types, whatever they hold


class BadRecord(Exception):
    """Not a record; the text says what is wrong, without quoting any of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of `records` as it stands in the file, and what could be made of it."""

    raw: Any
    """The JSON value, kept for rewriting."""
    key: CredentialKey | None
    """Whose it says it is, as far as that can be read."""
    record: CredentialRecord | None
    problem: str = ""
    """Why there is no `record`."""

    @property
    def bound(self) -> dict[str, Any]:
        """The readable part that the seal binds. Only of an entry with a record."""
        return dict(self.raw["bound"])

    @property
    def sealed(self) -> dict[str, Any]:
        """The secrets. Only of an entry with a record."""
        return dict(self.raw["sealed"])


def canonical(value: Any) -> bytes:
    """The one way to write a JSON *value*: members sorted, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def parse_entry(raw: object) -> Entry:
    """*raw* as an entry. One that is no record keeps what it is, and says why."""
    try:
        return Entry(raw, _claimed_key(raw), _record(raw))
    except BadRecord as problem:
        return Entry(raw, _claimed_key(raw), None, str(problem))
    except RecursionError:
        return Entry(raw, _claimed_key(raw), None, "it is nested too deeply")


def bound_part(record: CredentialRecord, *, before: Entry | None = None) -> dict[str, Any]:
    """What the seal of *record* binds, with the unknown members that the entry *before* it had."""
    members: dict[str, Any] = {
        "provider": record.provider.value,
        "kind": record.kind.value,
        "account": record.key.account,
        "label": record.label,
        "payer": record.payer.value,
        "generation": record.generation,
        "session_id": record.session_id,
        "obtained_at": _written(record.obtained_at),
        "access_expires_at": _written(record.access_expires_at),
        "sign_in_expires_at": _written(record.sign_in_expires_at),
        "renewable": record.renewable,
        "scopes": list(record.scopes),
        "client_id": record.client_id,
        "token_url": record.token_url,
        "api_base": record.api_base,
        "imported": record.imported,
        "api_account": record.api_account,
    }
    return {**members, **_unknown(before, "bound", members)}


def new_entry(record: CredentialRecord, sealed: dict[str, Any], *, before: Entry | None = None) -> Entry:
    """The entry of *record*, whose secrets are *sealed* and bound to `bound_part`."""
    members: dict[str, Any] = {"bound": bound_part(record, before=before), "notes": _notes(record, before=before)}
    members |= {"sealed": sealed, "check": ""}
    return _checked({**members, **_unknown(before, None, members)}, record)


def with_notes(entry: Entry, record: CredentialRecord) -> Entry:
    """*entry* with the active mark, tombstone and setback of *record*; its seal stays as it is."""
    return _checked({**entry.raw, "notes": _notes(record, before=entry)}, record)


def active_mark(entry: Entry, *, active: bool) -> Entry:
    """*entry* as the active one, or no longer; the very same where nothing changes or it is damaged."""
    if entry.record is None or entry.raw["notes"]["active"] is active:
        return entry
    return with_notes(entry, replace(entry.record, active=active))


def _checked(raw: dict[str, Any], record: CredentialRecord) -> Entry:
    return Entry({**raw, "check": _check(raw)}, record.key, record)


def _check(raw: Mapping[str, Any]) -> str:
    return f"{crc32(canonical([raw['bound'], raw['notes'], raw['sealed']])):08x}"


def _notes(record: CredentialRecord, *, before: Entry | None) -> dict[str, Any]:
    tombstone, setback = record.tombstone, record.setback
    members: dict[str, Any] = {
        "active": record.active,
        "tombstone": tombstone and {"reason": tombstone.reason, "at": _written(tombstone.at)},
        "setback": setback
        and {"reason": setback.reason, "attempts": setback.attempts, "next_try": _written(setback.next_try)},
    }
    if before is not None and before.record is not None:
        for name in ("tombstone", "setback"):
            if getattr(before.record, name) == getattr(record, name):
                members[name] = before.raw["notes"].get(name)
    return {**members, **_unknown(before, "notes", members)}


def _unknown(before: Entry | None, part: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an earlier entry, or of a *part* of it, that are not among the *known*."""
    raw = before.raw if before is not None else None
    if isinstance(raw, dict) and part is not None:
        raw = raw.get(part)
    return {name: value for name, value in raw.items() if name not in known} if isinstance(raw, dict) else {}


def _record(raw: object) -> CredentialRecord:
    if not isinstance(raw, dict):
        raise BadRecord("it is no JSON object")
    bound, notes, sealed = (_take(raw, name, dict) for name in ("bound", "notes", "sealed"))
    if _take(raw, "check", str) != _check({"bound": bound, "notes": notes, "sealed": sealed}):
        raise BadRecord("its check sum does not match")
    key = _claimed_key(raw)
    if key is None:
        raise BadRecord("it does not say whose it is")
    try:
        payer = Payer(_take(bound, "payer", str))
    except ValueError:
        raise BadRecord("its payer is unknown") from None
    return CredentialRecord(
        key=key,
        label=_take(bound, "label", str),
        payer=payer,
        active=_take(notes, "active", bool),
        generation=_take(bound, "generation", int),
        session_id=_take(bound, "session_id", str),
        obtained_at=_moment(bound, "obtained_at"),
        access_expires_at=_moment_or_none(bound, "access_expires_at"),
        sign_in_expires_at=_moment_or_none(bound, "sign_in_expires_at"),
        renewable=_take(bound, "renewable", bool),
        scopes=_words(bound, "scopes"),
        client_id=_take(bound, "client_id", str),
        token_url=_take(bound, "token_url", str),
        api_base=_take(bound, "api_base", str),
        tombstone=_tombstone(notes),
        setback=_setback(notes),
        imported="imported" in bound and _take(bound, "imported", bool),
        api_account=_take(bound, "api_account", str) if "api_account" in bound else "",
    )


def _claimed_key(raw: object) -> CredentialKey | None:
    try:
        bound = _take(raw, "bound", dict) if isinstance(raw, dict) else {}
        account = _take(bound, "account", str)
        return CredentialKey(
            Provider(_take(bound, "provider", str)), account, CredentialKind(_take(bound, "kind", str))
        )
    except (BadRecord, ValueError):
        return None


def _tombstone(notes: Mapping[str, Any]) -> Tombstone | None:
    if notes.get("tombstone") is None:
        return None
    members = _take(notes, "tombstone", dict)
    return Tombstone(reason=_take(members, "reason", str), at=_moment(members, "at"))


def _setback(notes: Mapping[str, Any]) -> Setback | None:
    if notes.get("setback") is None:
        return None
    members = _take(notes, "setback", dict)
    return Setback(
        reason=_take(members, "reason", str),
        attempts=_take(members, "attempts", int),
        next_try=_moment(members, "next_try"),
    )


def _take(members: Mapping[str, Any], name: str, kind: type[_T]) -> _T:
    value = members.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadRecord(f'its "{name}" is missing or of the wrong type')
    return value


def _words(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = _take(members, name, list)
    if not all(isinstance(value, str) for value in values):
        raise BadRecord(f'its "{name}" holds something other than words')
    return tuple(values)


def _moment_or_none(members: Mapping[str, Any], name: str) -> datetime | None:
    return None if members.get(name) is None else _moment(members, name)


def _moment(members: Mapping[str, Any], name: str) -> datetime:
    try:
        value = datetime.fromisoformat(_take(members, name, str))
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadRecord(f'its "{name}" is no moment in time')


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
