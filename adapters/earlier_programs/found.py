"""Sign-ins of other programs, as far as they may be looked at. Needs the standard library alone.

A file that another program put in our home is read for whose sign-in it is. Files in the homes of other programs are
not opened at all: that they exist is all there is to say.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from adapters.files.home_files import (
    ACCOUNTS_FILE,
    AUTH_FILE,
    BACKUP_FILE,
    BESIDE_FILE,
    KEPT_FILE,
    KEPT_LIMIT,
    store_path,
)
from adapters.files.private_file import FileRefused, first_bytes, read_private
from domain.credential import CredentialKind
from domain.earlier_sign_in import EarlierSignIn
from domain.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from application.ports.clock import Clock

_OURS: Final = b'{"format":'
"""How every store of ours begins. What begins otherwise is looked at more closely."""


def has_only_our_files(home: Path) -> bool:
    """Whether nothing but our own store, or nothing at all, is where another program could have written."""
    if os.path.lexists(home / ACCOUNTS_FILE) or store_path(home).name == BESIDE_FILE:
        return False
    try:
        start = first_bytes(home / AUTH_FILE, len(_OURS))
    except FileRefused:
        return False
    if start is None:
        return not os.path.lexists(home / BACKUP_FILE)
    return start == _OURS and _equals_its_copy(home)


def _equals_its_copy(home: Path) -> bool:
    """Whether the store is what its last good copy holds; by far the most often it is."""
    try:
        store, copy = (read_private(home / name, limit=KEPT_LIMIT) for name in (AUTH_FILE, BACKUP_FILE))
    except FileRefused:
        return False
    return store is not None and copy is not None and store.content == copy.content


def keeps_replaced_file(home: Path) -> bool:
    """Whether a file of another program is kept that stood in the place of ours."""
    try:
        file = read_private(home / KEPT_FILE, limit=KEPT_LIMIT)
    except FileRefused:
        return False
    return file is not None and b'"why":"replaced"' in file.content


class FoundSignIns:
    """The `EarlierSignIns` of one home folder and the person who owns it."""

    def __init__(self, *, home: Path, person: Path | None, clock: Clock) -> None:
        """*person* is the home of the person, None where nobody's can be told."""
        self._home = home
        self._person = person
        self._clock = clock

    def found(self) -> tuple[EarlierSignIn, ...]:
        """Every sign-in of other programs that can be seen, as the port says."""
        return (*self._in_our_home(), *self._elsewhere())

    def _in_our_home(self) -> tuple[EarlierSignIn, ...]:
        if has_only_our_files(self._home) and not keeps_replaced_file(self._home):
            return ()
        from adapters.earlier_programs.found_in_home import sign_ins_in  # here: it is hardly ever needed

        return sign_ins_in(self._home, self._clock.now())

    def _elsewhere(self) -> Iterator[EarlierSignIn]:
        for provider in Provider if self._person else ():
            name = provider.facts.kept_elsewhere
            if self._person and os.path.lexists(self._person / name):
                yield EarlierSignIn(provider, CredentialKind.OAUTH, f"~/{name}")
