"""The earlier programs' list of accounts, and whether their files need work. Needs the standard library alone."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from adapters.earlier_formats.formats import EarlierFile, NotAnEarlierFile, earlier_accounts
from adapters.files.home_files import ACCOUNTS_FILE, KEPT_FILE, store_path
from adapters.files.private_file import FileRefused, read_private
from adapters.json.strict_json import NotJson
from adapters.session_store.auth_file import read_document
from adapters.session_store.document import SIZE_LIMIT
from domain.errors import StoreError
from domain.records import dataclass, field


@dataclass(frozen=True, slots=True)
class EarlierAccounts:
    """The content of `auth_accounts.json`, and what could be made of it."""

    content: bytes = b""
    old: EarlierFile = field(default_factory=EarlierFile)
    problems: tuple[str, ...] = ()
    """Why nothing could be made of the file, or of entries in it; with the file's name before it."""


def read_accounts(home: Path, now: datetime) -> EarlierAccounts:
    """What the file in *home* holds; a file that cannot be used is named, and nothing else. *now* is aware, in UTC."""
    try:
        file = read_private(home / ACCOUNTS_FILE, limit=SIZE_LIMIT)
        old = earlier_accounts(file.content, now) if file else EarlierFile()
    except (FileRefused, NotJson, NotAnEarlierFile) as refusal:
        return EarlierAccounts(problems=(f"{ACCOUNTS_FILE}: {refusal}",))
    return EarlierAccounts(
        file.content if file else b"", old, tuple(f"{ACCOUNTS_FILE}: {item}" for item in old.problems)
    )


def others_at_work(home: Path) -> bool:
    """Whether `EarlierFiles` may have something to do in *home*. It costs one read; an unreadable store is left."""
    try:
        document = read_document(store_path(home))
    except StoreError:
        return False
    if document.earlier is not None or document.displaced:
        return True
    if not os.path.lexists(home / ACCOUNTS_FILE):
        return False
    return document.fresh or (home / KEPT_FILE).exists()
