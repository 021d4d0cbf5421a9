"""The names of the files in the home folder that more than one of its readers needs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

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


def store_path(home: Path) -> Path:
    """Where our store is or will be, as long as no other program has the place."""
    beside = home / BESIDE_FILE
    return beside if os.path.lexists(beside) or os.path.lexists(backup_path(beside)) else home / AUTH_FILE


def backup_path(store: Path) -> Path:
    """Where the last good copy of *store* is."""
    return store.with_name(f"{store.name}.bak")
