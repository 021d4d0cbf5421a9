"""keyswitch as a later version may be: it writes members that this one does not know, in every place that has some."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from adapters.json.check_sums import canonical
from adapters.master_key.in_file import KeyFile
from adapters.session_store.document import Document
from adapters.session_store.record import FORMAT, _checked, bound_part, new_entry
from adapters.session_store.sealing import seal, unseal
from adapters.session_store.store_file import StoreFile
from domain.credential import CredentialKey
from domain.session import Session
from domain.text.secret import Secret

STRANGE: Final[dict[str, Any]] = {
    "text": 'Zürich \u2028 \ud83d\ude00 "quoted" \\ back',
    "numbers": [0, -1, 1.5, 1e-07, 12345678901234567890, True, None],
    "nested": {"b": {}, "a": [[], {"": ""}]},
}
"""What is easily written back in another way."""


class NewerStore:
    """A later version's store over one home."""

    def __init__(self, home: Path, *, version: int = FORMAT) -> None:
        self._keys = KeyFile(home=home)
        self._file = StoreFile(home, self._keys)
        self._version = version

    def save(self, session: Session, *, without: tuple[str, ...] = ()) -> None:
        """Store *session* with what only a later version knows, in every part of its record and beside all records.

        *without* are members that it does not write, as an earlier version did not.
        """
        master = self._file.master_key()
        with self._file.locked() as document:
            record, before = session.record, document.find(session.record.key)
            bound = {**bound_part(record, before=before), "later_bound": STRANGE}
            bound = {name: value for name, value in bound.items() if name not in without}
            secrets: dict[str, Any] = {
                "access_token": session.access_token,
                "later_secret": Secret("fake-later"),
                "later": STRANGE,
            }
            if session.refresh_token is not None:
                secrets["refresh_token"] = session.refresh_token
            raw = new_entry(record, seal(secrets, bound, master), before=before).raw
            raw = {**raw, "bound": bound, "notes": {**raw["notes"], "later_note": STRANGE}, "later_part": STRANGE}
            changed = document.put(record.key, _checked(raw, record))
            self._file.write(replace(changed, format=self._version, members=(("later_member", STRANGE),)))

    def later_parts(self, key: CredentialKey) -> dict[str, str]:
        """Everything that only a later version knows of *key*, each as the text that stands in the file."""
        document = self._file.read()
        entry = document.find(key)
        assert entry is not None
        assert entry.record is not None
        master = self._keys.fetch()
        assert master is not None
        secrets = unseal(entry.sealed, entry.bound, master)
        hidden = secrets["later_secret"]
        assert isinstance(hidden, Secret)
        found = {
            "member": dict(document.members)["later_member"],
            "part": entry.raw["later_part"],
            "bound": entry.raw["bound"]["later_bound"],
            "note": entry.raw["notes"]["later_note"],
        }
        texts = {name: text_of(value) for name, value in found.items()}
        return {**texts, "secret": sealed_text_of([hidden.reveal(), secrets["later"]])}

    @property
    def document(self) -> Document:
        return self._file.read()


def text_of(value: Any) -> str:
    """*value* as every version writes it."""
    return json.dumps(value, separators=(",", ":"))


def sealed_text_of(value: Any) -> str:
    """*value* as every version writes it before it is sealed."""
    return canonical(value).decode()
