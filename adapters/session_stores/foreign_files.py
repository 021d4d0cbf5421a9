"""Whose sign-ins other programs put into our home folder. Needs the standard library alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from adapters.session_stores.auth_file import read_document
from adapters.session_stores.kept_files import KeptFile, KeptFiles, Why
from adapters.session_stores.old_formats import NotOld, old_auth
from adapters.session_stores.older_accounts import read_accounts
from adapters.session_stores.presence import ACCOUNTS_FILE, AUTH_FILE
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import StoreError
from domain.foreign import ForeignLogin


def logins_in(home: Path, now: datetime) -> tuple[ForeignLogin, ...]:
    """What is there and not ours, each sign-in once. *now* is aware, in UTC. What cannot be read is left out."""
    shown: dict[CredentialKey, ForeignLogin] = {}
    for key, login in _Folder(home, now).logins():
        shown.setdefault(key, login)
    return tuple(shown.values())


class _Folder:
    """One look at the home folder."""

    def __init__(self, home: Path, now: datetime) -> None:
        self._home = home
        self._now = now
        self._kept = KeptFiles(home)

    def logins(self) -> Iterator[tuple[CredentialKey, ForeignLogin]]:
        try:
            document = read_document(self._home / AUTH_FILE)
        except StoreError:
            return
        if document.older is not None or document.fresh:
            return  # nothing of ours is there yet, so that this is what will be taken over
        if document.foreign is not None and not self._is_known(AUTH_FILE, len(document.foreign)):
            try:
                records = old_auth(document.foreign, self._now).records
            except NotOld:
                records = ()
            yield from _logins(records, self._home / AUTH_FILE)
        yield from self._replaced()
        yield from self._accounts()

    def _replaced(self) -> Iterator[tuple[CredentialKey, ForeignLogin]]:
        """What stood in the place of our file and was not taken over."""
        for kept in reversed(self._entries()):
            if kept.about is None or kept.about.why is not Why.REPLACED:
                continue
            for login in kept.about.logins:
                if login.key.provider not in kept.adopted:
                    yield login.key, _login(login.key, login.label, self._kept.path)

    def _accounts(self) -> Iterator[tuple[CredentialKey, ForeignLogin]]:
        path = self._home / ACCOUNTS_FILE
        if not os.path.lexists(path):
            return
        accounts = read_accounts(self._home, self._now)
        if not self._is_known(ACCOUNTS_FILE, len(accounts.content)):
            yield from _logins(accounts.old.records, path)

    def _is_known(self, name: str, size: int) -> bool:
        """Whether it is what was taken over: not yet removed, or written back for going back to the other program."""
        migrated = [kept.about for kept in self._entries() if kept.about is not None and kept.about.why is Why.MIGRATED]
        return any((about.file, about.size) == (name, size) for about in migrated)

    def _entries(self) -> tuple[KeptFile, ...]:
        try:
            return self._kept.entries()
        except StoreError:
            return ()


def _logins(records: tuple[CredentialRecord, ...], path: Path) -> Iterator[tuple[CredentialKey, ForeignLogin]]:
    for record in records:
        yield record.key, _login(record.key, record.label, path)


def _login(key: CredentialKey, label: str, path: Path) -> ForeignLogin:
    return ForeignLogin(key.provider, key.kind, str(path), label, adoptable=True)
