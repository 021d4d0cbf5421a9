"""Sign-ins of other programs, as far as they may be looked at. Needs the standard library alone.

A file that another program put in our home is read for whose sign-in it is. Files in the homes of other programs are
not opened at all: that they exist is all there is to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.session_stores.auth_file import AUTH_FILE, read_document
from adapters.session_stores.kept_files import KeptFile, KeptFiles, Why
from adapters.session_stores.old_formats import NotOld, old_auth
from adapters.session_stores.older_accounts import ACCOUNTS_FILE, read_accounts
from application.ports.clock import Clock
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import StoreError
from domain.foreign import ForeignLogin
from domain.provider import Provider

ELSEWHERE: Final = (
    (Provider.CHATGPT, ".codex/auth.json"),
    (Provider.CLAUDE, ".claude/.credentials.json"),
    (Provider.GEMINI, ".gemini/oauth_creds.json"),
)
"""Where the vendors' own programs keep theirs, below a person's home."""


class FoundLogins:
    """The `ForeignLogins` of one home folder and the person who owns it."""

    def __init__(self, *, home: Path, person: Path | None, clock: Clock) -> None:
        """*person* is the home of the person, None where nobody's can be told."""
        self._home = home
        self._person = person
        self._clock = clock
        self._kept = KeptFiles(home)

    def found(self) -> tuple[ForeignLogin, ...]:
        """As the port says."""
        shown: dict[CredentialKey, ForeignLogin] = {}
        for key, login in self._in_our_home():
            shown.setdefault(key, login)
        return (*shown.values(), *self._elsewhere())

    def _in_our_home(self) -> Iterator[tuple[CredentialKey, ForeignLogin]]:
        try:
            document = read_document(self._home / AUTH_FILE)
        except StoreError:
            return
        if document.older is not None or document.fresh:
            return  # nothing of ours is there yet, so that this is what will be taken over
        if document.foreign is not None and not self._is_known(AUTH_FILE, len(document.foreign)):
            try:
                records = old_auth(document.foreign, self._clock.now()).records
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
        accounts = read_accounts(self._home, self._clock.now())
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

    def _elsewhere(self) -> Iterator[ForeignLogin]:
        for provider, name in ELSEWHERE if self._person else ():
            if self._person and os.path.lexists(self._person / name):
                yield ForeignLogin(provider, CredentialKind.OAUTH, f"~/{name}")


def _logins(records: tuple[CredentialRecord, ...], path: Path) -> Iterator[tuple[CredentialKey, ForeignLogin]]:
    for record in records:
        yield record.key, _login(record.key, record.label, path)


def _login(key: CredentialKey, label: str, path: Path) -> ForeignLogin:
    return ForeignLogin(key.provider, key.kind, str(path), label, adoptable=True)
