"""Check sums over JSON. They find accidental damage; against intent only a seal protects."""

from __future__ import annotations

import json
from binascii import crc32
from typing import TYPE_CHECKING, Any

from adapters.json.json_members import BadRecord, typed_member
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


def canonical(value: Any) -> bytes:
    """The one way to write a JSON *value* that is sealed or summed up: members sorted, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def check_sum(content: bytes) -> str:
    """The check sum of *content*, as it is written."""
    return f"{crc32(content):08x}"


def spaced_check_sum(value: Any) -> str:
    """The check sum of *value* in the files whose first version wrote it with blanks behind commas and colons."""
    return check_sum(json.dumps(value, sort_keys=True).encode("ascii"))


def checked_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """*entry*, of which `bound`, `notes` and `sealed` are summed up, with its check sum."""
    return {**entry, "check": _entry_sum(entry["bound"], entry["notes"], entry["sealed"])}


@dataclass(frozen=True, slots=True)
class EntryParts:
    """The parts of an entry that `checked_entry` made, or that says so."""

    bound: dict[str, Any]
    notes: dict[str, Any]
    sealed: dict[str, Any]
    check: object

    @classmethod
    def of(cls, entry: object) -> EntryParts:
        """The parts of *entry*, whose check sum is not looked at. Raises BadRecord where one is missing."""
        if not isinstance(entry, dict):
            raise BadRecord("it is no JSON object")
        bound, notes, sealed = (typed_member(entry, name, dict) for name in ("bound", "notes", "sealed"))
        return cls(bound, notes, sealed, entry.get("check"))

    def require_check_sum(self) -> None:
        """Pass where the check sum is right. Raises BadRecord where it is not."""
        if typed_member({"check": self.check}, "check", str) != _entry_sum(self.bound, self.notes, self.sealed):
            raise BadRecord("its check sum does not match")


def _entry_sum(*parts: object) -> str:
    return check_sum(canonical(parts))
