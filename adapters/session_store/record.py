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
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from adapters.json.check_sums import EntryParts, canonical, check_sum, checked_entry
from adapters.json.json_members import BadRecord, moment, moment_or_none, string_list, typed_member, written
from domain.credential import (
    BootStamp,
    CredentialKey,
    CredentialKind,
    CredentialRecord,
    Intent,
    Rejection,
    Setback,
    Tombstone,
)
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = 2
"""Of the file and of what its seals bind; 0 and 1 were never sealed."""

NOTES: Final = ("tombstone", "setback", "intent", "rejection")
"""Members of a record, and of the JSON object, under the same names."""

_HOME: Final = "home"
_BROKEN: Final = "broken"
"""Among the notes: the check sum of a seal that did not open."""


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
    unknown: bool = False
    """Whether it is whole, and of a provider or kind that only another version knows: that is no damage."""

    @property
    def home(self) -> object:
        """Where its session is at home, as `home_place` notes it. Only of an entry with a record."""
        return self.raw["notes"].get(_HOME)

    @property
    def bound(self) -> dict[str, Any]:
        """The readable part that the seal binds. Only of an entry with a record."""
        return dict(self.raw["bound"])

    @property
    def sealed(self) -> dict[str, Any]:
        """The sealed secrets. Only an entry with a record has them."""
        return dict(self.raw["sealed"])


def parse_entry(raw: object) -> Entry:
    """*raw* as an entry. One that is no record keeps what it is, and says why."""
    try:
        return _entry(json.dumps(raw))
    except RecursionError:
        return Entry(raw, _claimed_key(raw), None, "it is nested too deeply")


@lru_cache(maxsize=64)
def _entry(text: str) -> Entry:
    """What *text* says, from memory where it was read before: of all records in a file hardly one changes at a time."""
    raw = json.loads(text)
    try:
        record = _record(raw)
    except BadRecord as problem:
        return Entry(raw, _claimed_key(raw), None, str(problem))
    if record is None:
        return Entry(raw, None, None, "it does not say whose it is, or of a provider that is not known", unknown=True)
    return Entry(raw, _claimed_key(raw), record)


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
        "obtained_at": written(record.obtained_at),
        "access_expires_at": written(record.access_expires_at),
        "sign_in_expires_at": written(record.sign_in_expires_at),
        "renewable": record.renewable,
        "scopes": list(record.scopes),
        "client_id": record.client_id,
        "token_url": record.token_url,
        "api_base": record.api_base,
        "imported": record.imported,
        "api_account": record.api_account,
        "plan_scope": record.plan_scope,
        "earliest_refresh_at": written(record.earliest_refresh_at),
        "obtained_at_boot": _boot_members(record),
        "clock_ahead": _ahead_members(record),
        "unrotated": record.unrotated,
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


def with_home(entry: Entry, place: Mapping[str, Any]) -> Entry:
    """*entry*, at home in *place* from now on; the very same where it is."""
    if entry.record is None or entry.home == place:
        return entry
    here = replace(entry.record, elsewhere="")
    return _checked({**entry.raw, "notes": {**entry.raw["notes"], _HOME: dict(place)}}, here)


def mark_broken(entry: Entry) -> Entry:
    """*entry*, found not to open, so that nobody has to find that out again. With another seal it is whole again."""
    if entry.record is None:
        return entry
    notes = {**entry.raw["notes"], _BROKEN: _seal_sum(entry.raw["sealed"])}
    return parse_entry(_checked({**entry.raw, "notes": notes}, entry.record).raw)


def _seal_sum(sealed: Mapping[str, Any]) -> str:
    return check_sum(canonical(sealed))


def _checked(raw: dict[str, Any], record: CredentialRecord) -> Entry:
    return Entry(checked_entry(raw), record.key, record)


def _notes(record: CredentialRecord, *, before: Entry | None) -> dict[str, Any]:
    members = {"active": record.active, **_written_notes(record)}
    if before is not None and before.record is not None:
        # What did not change comes out as it went in, with members that only a newer program knows.
        same = [name for name in NOTES if getattr(before.record, name) == getattr(record, name)]
        members |= {name: before.raw["notes"].get(name) for name in same}
    return {**members, **_unknown(before, "notes", members)}


def _unknown(before: Entry | None, part: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an earlier entry, or of a *part* of it, that are not among the *known*."""
    raw = before.raw if before is not None else None
    if isinstance(raw, dict) and part is not None:
        raw = raw.get(part)
    return {name: value for name, value in raw.items() if name not in known} if isinstance(raw, dict) else {}


def _record(raw: object) -> CredentialRecord | None:
    """The record in *raw*; None where another version wrote it, of a provider or kind that is not known here."""
    parts = EntryParts.of(raw)
    bound, notes = parts.bound, parts.notes
    if notes.get(_BROKEN) == _seal_sum(parts.sealed):
        raise BadRecord("it was changed since it was sealed")
    parts.require_check_sum()
    key = _claimed_key(raw)
    if key is None:
        return None
    try:
        payer = Payer(typed_member(bound, "payer", str))
    except ValueError:
        raise BadRecord("its payer is unknown") from None
    return CredentialRecord(
        key=key,
        label=typed_member(bound, "label", str),
        payer=payer,
        active=typed_member(notes, "active", bool),
        generation=typed_member(bound, "generation", int),
        session_id=typed_member(bound, "session_id", str),
        obtained_at=moment(bound, "obtained_at"),
        access_expires_at=moment_or_none(bound, "access_expires_at"),
        sign_in_expires_at=moment_or_none(bound, "sign_in_expires_at"),
        renewable=typed_member(bound, "renewable", bool),
        scopes=string_list(bound, "scopes"),
        client_id=typed_member(bound, "client_id", str),
        token_url=typed_member(bound, "token_url", str),
        api_base=typed_member(bound, "api_base", str),
        earliest_refresh_at=moment_or_none(bound, "earliest_refresh_at"),
        obtained_at_boot=_boot_stamp(bound),
        clock_ahead=_ahead(bound),
        unrotated=typed_member(bound, "unrotated", int) if "unrotated" in bound else 0,
        imported="imported" in bound and typed_member(bound, "imported", bool),
        api_account=typed_member(bound, "api_account", str) if "api_account" in bound else "",
        plan_scope=typed_member(bound, "plan_scope", str) if "plan_scope" in bound else "",
        **_read_notes(notes),
    )


def _claimed_key(raw: object) -> CredentialKey | None:
    try:
        bound = typed_member(raw, "bound", dict) if isinstance(raw, dict) else {}
        account = typed_member(bound, "account", str)
        return CredentialKey(
            Provider(typed_member(bound, "provider", str)),
            account,
            CredentialKind(typed_member(bound, "kind", str)),
        )
    except (BadRecord, ValueError):
        return None


def _boot_members(record: CredentialRecord) -> dict[str, Any] | None:
    """With the generation that it belongs to: a program that does not know the member would carry it on."""
    stamp = record.obtained_at_boot
    if stamp is None:
        return None
    return {"boot_id": stamp.boot_id, "seconds": stamp.seconds, "generation": record.generation}


def _boot_stamp(bound: Mapping[str, Any]) -> BootStamp | None:
    if bound.get("obtained_at_boot") is None:
        return None
    members = typed_member(bound, "obtained_at_boot", dict)
    if members.get("generation") != bound.get("generation"):
        return None
    return BootStamp(typed_member(members, "boot_id", str), typed_member(members, "seconds", float))


def _ahead_members(record: CredentialRecord) -> dict[str, Any] | None:
    """The lead of the clock as JSON; it counts for this generation alone, as the stamp does."""
    if not record.clock_ahead:
        return None
    return {"seconds": record.clock_ahead.total_seconds(), "generation": record.generation}


def _ahead(bound: Mapping[str, Any]) -> timedelta:
    if bound.get("clock_ahead") is None:
        return timedelta(0)
    members = typed_member(bound, "clock_ahead", dict)
    if members.get("generation") != bound.get("generation"):
        return timedelta(0)
    try:
        return timedelta(seconds=typed_member(members, "seconds", float))
    except OverflowError:
        raise BadRecord('its "clock_ahead" is no span of time') from None


def _written_notes(record: CredentialRecord) -> dict[str, Any]:
    """The notes of *record* as JSON."""
    tombstone, setback, intent, rejection = record.tombstone, record.setback, record.intent, record.rejection
    return {
        "tombstone": tombstone
        and {
            "reason": tombstone.reason,
            "at": written(tombstone.at),
            "fingerprint": tombstone.fingerprint,
            "interrupted": tombstone.interrupted,
        },
        "setback": setback
        and {
            "reason": setback.reason,
            "attempts": setback.attempts,
            "next_try": written(setback.next_try),
            "at": written(setback.at),
        },
        "intent": intent
        and {
            "fingerprint": intent.fingerprint,
            "attempt": intent.attempt,
            "pid": intent.pid,
            "boot_id": intent.boot_id,
            "at": written(intent.at),
            "answered": intent.answered,
        },
        "rejection": rejection
        and {"generation": rejection.generation, "times": [written(time) for time in rejection.times]},
    }


def _read_notes(notes: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `CredentialRecord` that *notes* hold.

    Raises:
        BadRecord: One of them is no such note.
    """
    readers = {"tombstone": _tombstone, "setback": _setback, "intent": _intent, "rejection": _rejection}
    return {
        name: read(typed_member(notes, name, dict)) for name, read in readers.items() if notes.get(name) is not None
    }


def _tombstone(members: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        reason=typed_member(members, "reason", str),
        at=moment(members, "at"),
        fingerprint=typed_member(members, "fingerprint", str) if "fingerprint" in members else "",
        interrupted=typed_member(members, "interrupted", bool) if "interrupted" in members else False,
    )


def _setback(members: Mapping[str, Any]) -> Setback:
    return Setback(
        reason=typed_member(members, "reason", str),
        attempts=typed_member(members, "attempts", int),
        next_try=moment(members, "next_try"),
        at=moment_or_none(members, "at"),
    )


def _intent(members: Mapping[str, Any]) -> Intent:
    return Intent(
        fingerprint=typed_member(members, "fingerprint", str),
        attempt=typed_member(members, "attempt", int),
        pid=typed_member(members, "pid", int),
        boot_id=typed_member(members, "boot_id", str),
        at=moment(members, "at"),
        answered=typed_member(members, "answered", bool) if "answered" in members else False,
    )


def _rejection(members: Mapping[str, Any]) -> Rejection:
    times = typed_member(members, "times", list)
    if not all(isinstance(time, str) for time in times):
        raise BadRecord('its "times" holds something other than moments')
    moments = tuple(moment({"times": time}, "times") for time in times)
    return Rejection(typed_member(members, "generation", int), moments)
