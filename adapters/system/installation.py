"""The identity of this installation, as OpenAI's sign-in for local programs asks for one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.private_file import FileRefused, read_private

NAME: Final = "installation"
_LIMIT: Final = 4096
"""Bytes; the name takes 46."""


def installation_id(home: Path) -> str:
    """A URN that stays the same for this home folder (RFC 9562); made at the first call.

    Where the folder cannot be written it lasts for this process only: a sign-in cannot be stored then anyway.
    """
    path = home / NAME
    kept = _kept(path)
    if kept is not None:
        return kept
    made = uuid4().urn
    sweep_orphans(path)
    with suppress(OSError):
        durable_write(path, f"{made}\n".encode("ascii"))
    return _kept(path) or made


def _kept(path: Path) -> str | None:
    """What is stored; None where that is no UUID."""
    try:
        file = read_private(path, limit=_LIMIT)
        return UUID(file.content.decode("ascii").strip()).urn if file else None
    except (FileRefused, ValueError):
        return None
