"""The notes of a record: what may change without its secrets, each member on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.files.json_members import BadRecord, moment, moment_or_none, typed_member, written
from domain.credential import CredentialRecord, Intent, Rejection, Setback, Tombstone

NOTES: Final = ("tombstone", "setback", "intent", "rejection")
"""Members of a record, and of the JSON object, under the same names."""


def written_notes(record: CredentialRecord) -> dict[str, Any]:
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


def read_notes(notes: Mapping[str, Any]) -> dict[str, Any]:
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
