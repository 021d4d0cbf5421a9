"""Whether other programs' files need a look at all: a few system calls, for commands that run all day."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from adapters.files.private_file import FileRefused, first_bytes, read_private

AUTH_FILE: Final = "auth.json"
BESIDE_FILE: Final = "auth.keyswitch.json"
"""Our store, where another program's file had the place of `auth.json` before us."""
BACKUP_FILE: Final = "auth.json.bak"
SPOILED_FILE: Final = "auth.json.damaged"
"""The latest damaged store as it was before its good copy took its place."""
GENERATIONS_FILE: Final = "auth.json.generations"
ACCOUNTS_FILE: Final = "auth_accounts.json"
"""An earlier program's list of accounts."""
KEPT_FILE: Final = "auth.json.old.sealed"
KEPT_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of `KEPT_FILE`: room for several files of the largest size that is read, each twice in Base64."""

_OURS: Final = b'{"format":'
"""How every store of ours begins. What begins otherwise is looked at more closely."""


def store_path(home: Path) -> Path:
    """Where our store is or will be, as long as no other program has the place."""
    beside = home / BESIDE_FILE
    return beside if os.path.lexists(beside) or os.path.lexists(backup_path(beside)) else home / AUTH_FILE


def backup_path(store: Path) -> Path:
    """Where the last good copy of *store* is."""
    return store.with_name(f"{store.name}.bak")


def undisturbed(home: Path) -> bool:
    """Whether nothing but our own store, or nothing at all, is where another program could have written."""
    if os.path.lexists(home / ACCOUNTS_FILE) or store_path(home).name == BESIDE_FILE:
        return False
    try:
        start = first_bytes(home / AUTH_FILE, len(_OURS))
    except FileRefused:
        return False
    if start is None:
        return not os.path.lexists(home / BACKUP_FILE)
    return start == _OURS and _same(home)


def _same(home: Path) -> bool:
    """Whether the store is what its last good copy holds; by far the most often it is."""
    try:
        store, copy = (read_private(home / name, limit=KEPT_LIMIT) for name in (AUTH_FILE, BACKUP_FILE))
    except FileRefused:
        return False
    return store is not None and copy is not None and store.content == copy.content


def keeps_replaced(home: Path) -> bool:
    """Whether a file of another program is kept that stood in the place of ours."""
    try:
        file = read_private(home / KEPT_FILE, limit=KEPT_LIMIT)
    except FileRefused:
        return False
    return file is not None and b'"why":"replaced"' in file.content
