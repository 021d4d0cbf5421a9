"""The identity of this installation, as OpenAI's sign-in for local programs asks for one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

NAME: Final = "installation"


def installation_id(home: Path) -> str:
    """A URN that stays the same for this home folder (RFC 9562); made at the first call.

    Where the folder cannot be written it lasts for this process only: a sign-in cannot be stored then anyway.
    """
    path = home / NAME
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except FileExistsError:
        return _kept(path)
    except OSError:
        return uuid4().urn
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        made = uuid4().urn
        file.write(f"{made}\n")
    return made


def _kept(path: Path) -> str:
    """What was stored; where that is no UUID (a file cut short, say), a stand-in for this process."""
    try:
        return UUID(path.read_text("ascii").strip()).urn
    except (OSError, ValueError):
        return uuid4().urn
