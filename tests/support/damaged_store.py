"""A store of three sessions, to be damaged again and again: what is whole goes on, what is not is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.session_stores.key_file import KeyFile
from adapters.session_stores.sealed_file import SealedFileStore
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Credential
from tests.support.credentials import a_session


@dataclass
class Figures:
    """What became of the damage."""

    cases: int = 0
    refused: int = 0
    """Whole files that were refused, with every record of them."""
    noticed: int = 0
    """Files in which the damaged record was noticed and the others went on."""
    without_effect: int = 0
    """Files that meant the same as before."""
    written: int = 0
    """Files to which a record was added although one in them is damaged."""

    def __str__(self) -> str:
        return (
            f"{self.cases} cases: {self.noticed} cost the damaged record alone, {self.refused} were refused whole, "
            f"{self.without_effect} had no effect; {self.written} were written to"
        )


@dataclass(frozen=True)
class DamagedStore:
    """The store, the good file, and the good copy beside it."""

    home: Path
    store: SealedFileStore
    good: bytes
    records: tuple[CredentialRecord, ...]
    lines: tuple[bytes, ...]
    figures: Figures = field(default_factory=Figures)

    @property
    def path(self) -> Path:
        return self.home / "auth.json"

    @property
    def backup(self) -> Path:
        return self.home / "auth.json.bak"

    def check(self, damaged: bytes) -> None:
        """What is whole loads, what is not is refused or means what it meant, and reading changes nothing."""
        self.path.write_bytes(damaged)
        served = 0
        for record, line in zip(self.records, self.lines, strict=True):
            loaded, good = self._loaded(record), a_session(record.provider)
            served += loaded == good
            assert loaded == good if line in damaged else loaded in {None, good}
        readable = self._readable()
        assert set(readable) <= set(self.records)
        assert self.path.read_bytes() == damaged
        self.figures.cases += 1
        self.figures.refused += not readable
        self.figures.noticed += bool(readable) and served < len(self.records)
        self.figures.without_effect += served == len(self.records)

    def check_writing(self, damaged: bytes) -> None:
        """A file with damage is refused, or written to without losing what is damaged or its good copy."""
        self.backup.write_bytes(self.good)
        self.path.write_bytes(damaged)
        hurt = bool(self._damaged())
        newcomer = a_session(Provider.CLAUDE, account="newcomer", active=False)
        try:
            self.store.save(newcomer)
        except KeyswitchError:
            assert self.path.read_bytes() == damaged
            assert self.backup.read_bytes() == self.good
        else:
            self.figures.written += hurt
            assert self.store.load(newcomer.record.key) == newcomer
            for record, line in zip(self.records, self.lines, strict=True):
                assert line not in damaged or self.store.load(record.key) == a_session(record.provider)
            if hurt:
                assert self.backup.read_bytes() == self.good  # or the good copy of what is damaged would be gone
                assert _kept(self.path.read_bytes(), damaged)
        copies = [path for path in self.home.iterdir() if path.name.startswith("auth.json.") and path != self.backup]
        assert {path.name for path in copies} <= {"auth.json.lock"}
        assert self.backup.stat().st_mode & 0o777 == 0o600

    def _loaded(self, record: CredentialRecord) -> Credential | None:
        try:
            return self.store.load(record.key)
        except KeyswitchError:
            return None

    def _readable(self) -> tuple[CredentialRecord, ...]:
        try:
            return self.store.records()
        except KeyswitchError:
            return ()

    def _damaged(self) -> tuple[object, ...]:
        try:
            return self.store.damaged()
        except KeyswitchError:
            return ()


@contextmanager
def damaged_store() -> Iterator[DamagedStore]:
    """One with a session of each provider, in a folder of its own."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        store = SealedFileStore(home=home, keys=KeyFile(home=home))
        for provider in Provider:
            store.save(a_session(provider))
        good = (home / "auth.json").read_bytes()
        lines = tuple(line.rstrip(b",") for line in good.splitlines() if b'"bound"' in line)
        assert len(lines) == len(Provider)
        yield DamagedStore(home, store, good, store.records(), lines)


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """*content* with one bit of one byte turned over."""
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def _kept(written: bytes, damaged: bytes) -> bool:
    """Whether every record of *damaged*, sound or not, is in *written* as it was."""
    before, after = (json.loads(content)["records"] for content in (damaged, written))
    canonical: list[list[str]] = [[json.dumps(raw) for raw in records] for records in (before, after)]
    kept: Any = [raw for raw in canonical[0] if raw in canonical[1]]
    return bool(kept == canonical[0])
