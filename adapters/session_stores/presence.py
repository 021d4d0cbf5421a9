"""Whether other programs' files need a look at all: a few system calls, for commands that run all day."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

AUTH_FILE: Final = "auth.json"
BACKUP_FILE: Final = "auth.json.bak"
ACCOUNTS_FILE: Final = "auth_accounts.json"
"""An earlier program's list of accounts."""
KEPT_FILE: Final = "auth.json.old.sealed"

_OURS: Final = b'{"format":'
"""How every store of ours begins. What begins otherwise is looked at more closely."""


def undisturbed(home: Path) -> bool:
    """Whether nothing but our own store, or nothing at all, is where another program could have written."""
    if os.path.lexists(home / ACCOUNTS_FILE):
        return False
    try:
        with (home / AUTH_FILE).open("rb") as file:
            return file.read(len(_OURS)) == _OURS
    except FileNotFoundError:
        return not os.path.lexists(home / BACKUP_FILE)
    except OSError:
        return False


def keeps_replaced(home: Path) -> bool:
    """Whether a file of another program is kept that stood in the place of ours."""
    try:
        return b'"why":"replaced"' in (home / KEPT_FILE).read_bytes()
    except OSError:
        return False
