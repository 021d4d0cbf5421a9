"""Whose sign-ins other programs put into our home folder, and what is left there. Needs the standard library alone."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.earlier_formats.formats import EarlierFile, LeftEntry, earlier_auth_or_nothing, is_blank
from adapters.earlier_programs.accounts_file import read_accounts
from adapters.files.home_files import ACCOUNTS_FILE, AUTH_FILE, store_path
from adapters.files.private_file import FileRefused, read_private
from adapters.session_store.auth_file import read_document
from adapters.session_store.document import SIZE_LIMIT, Document
from adapters.session_store.originals import Original, Originals, Why
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.earlier_sign_in import EarlierSignIn
from domain.errors import StoreError

_NOTHING: Final = EarlierFile(left=(LeftEntry("", "nothing in it is a sign-in that keyswitch knows"),))


def sign_ins_in(home: Path, now: datetime) -> tuple[EarlierSignIn, ...]:
    """What is there and not ours, each sign-in once. *now* is aware, in UTC. A file that cannot be read is left out."""
    shown: dict[Hashable, EarlierSignIn] = {}
    for key, sign_in in _Folder(home, now).sign_ins():
        shown.setdefault(key, sign_in)
    return tuple(shown.values())


_Found = Iterator[tuple[Hashable, EarlierSignIn]]


class _Folder:
    """One look at the home folder."""

    def __init__(self, home: Path, now: datetime) -> None:
        self._home = home
        self._now = now
        self._originals = Originals(home)

    def sign_ins(self) -> _Found:
        try:
            document = read_document(store_path(self._home))
        except StoreError:
            return
        yield from self._in_auth_file(document)
        # Where nothing of ours is there yet, the accounts are what will be taken over.
        first = document.earlier is not None or document.fresh
        if not first:
            yield from self._replaced()
        yield from self._accounts(shown=not first)

    def _in_auth_file(self, document: Document) -> _Found:
        path = self._home / AUTH_FILE
        if document.earlier is not None:
            yield from _left(self._read(document.earlier), path)
            return
        content = document.others or document.replacement or self._beside(document)
        if content is not None and not self._is_known(AUTH_FILE, len(content)):
            old = self._read(content)
            yield from _sign_ins(old.records, path)
            yield from _left(old, path)

    def _beside(self, document: Document) -> bytes | None:
        """What another program has in `auth.json`, where our store is beside it."""
        if document.path.name == AUTH_FILE:
            return None
        try:
            file = read_private(self._home / AUTH_FILE, limit=SIZE_LIMIT)
        except FileRefused:
            return None
        return file.content if file else None

    def _read(self, content: bytes) -> EarlierFile:
        old = earlier_auth_or_nothing(content, self._now)
        return old if old.credentials or old.left or is_blank(content) else _NOTHING

    def _replaced(self) -> _Found:
        """What stood in the place of our file and was not taken over."""
        for kept in reversed(self._entries()):
            if kept.about is None or kept.about.why is not Why.REPLACED:
                continue
            for sign_in in kept.about.sign_ins:
                if sign_in.key.provider not in kept.adopted:
                    yield sign_in.key, _sign_in(sign_in.key, sign_in.label, self._originals.path)

    def _accounts(self, *, shown: bool) -> _Found:
        path = self._home / ACCOUNTS_FILE
        if not os.path.lexists(path):
            return
        accounts = read_accounts(self._home, self._now)
        if not self._is_known(ACCOUNTS_FILE, len(accounts.content)):
            if shown:
                yield from _sign_ins(accounts.old.records, path)
            yield from _left(accounts.old, path)

    def _is_known(self, name: str, size: int) -> bool:
        """Whether it is what was taken over: not yet removed, or written back for going back to the other program."""
        migrated = [kept.about for kept in self._entries() if kept.about is not None and kept.about.why is Why.MIGRATED]
        return any((about.file, about.size) == (name, size) for about in migrated)

    def _entries(self) -> tuple[Original, ...]:
        try:
            return self._originals.entries()
        except StoreError:
            return ()


def _sign_ins(records: tuple[CredentialRecord, ...], path: Path) -> _Found:
    for record in records:
        yield record.key, _sign_in(record.key, record.label, path)


def _sign_in(key: CredentialKey, label: str, path: Path) -> EarlierSignIn:
    return EarlierSignIn(key.provider, key.kind, str(path), label, adoptable=True)


def _left(old: EarlierFile, path: Path) -> _Found:
    for entry in old.left:
        why = f"{entry.name}: {entry.why}" if entry.name else entry.why
        yield (path, entry), EarlierSignIn(entry.provider, CredentialKind.OAUTH, str(path), why=why)
