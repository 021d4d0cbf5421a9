"""`auth_accounts.json` of earlier programs, as it stands in the home folder. Needs the standard library alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.session_stores.auth_file import SIZE_LIMIT
from adapters.session_stores.old_formats import NotOld, OldFile, old_accounts
from adapters.session_stores.old_json import NoObject
from adapters.session_stores.private_file import FileRefused, read_private

ACCOUNTS_FILE: Final = "auth_accounts.json"


@dataclass(frozen=True, slots=True)
class OlderAccounts:
    """What there is of it."""

    content: bytes = b""
    old: OldFile = field(default_factory=OldFile)
    problems: tuple[str, ...] = ()
    """Why nothing could be made of the file, or of entries in it; with the file's name before it."""


def read_accounts(home: Path, now: datetime) -> OlderAccounts:
    """What the file in *home* holds; a file that cannot be used is named, and nothing else. *now* is aware, in UTC."""
    try:
        file = read_private(home / ACCOUNTS_FILE, limit=SIZE_LIMIT)
        old = old_accounts(file.content, now) if file else OldFile()
    except (FileRefused, NoObject, NotOld) as refusal:
        return OlderAccounts(problems=(f"{ACCOUNTS_FILE}: {refusal}",))
    return OlderAccounts(file.content if file else b"", old, tuple(f"{ACCOUNTS_FILE}: {item}" for item in old.problems))
