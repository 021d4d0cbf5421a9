"""A store of three sessions, to be damaged again and again: what is whole goes on, what is not is noticed and named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

from adapters.files.home_files import GENERATIONS_FILE
from adapters.master_key.in_file import KeyFile
from adapters.session_store.reading_records import StoreReader
from adapters.session_store.store import SealedFileStore
from application.auth_manager import AuthManager
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Credential
from entrypoints.chat.glyphs import UNICODE
from entrypoints.chat.window_state import window_state
from entrypoints.cli.account_report import show_accounts
from entrypoints.cli.models.model_list import show_models
from entrypoints.cli.selecting import settled
from entrypoints.cli.status_report import show_status
from entrypoints.exit_code import ExitCode
from entrypoints.light import light_services
from entrypoints.tui.widgets.model_rows import Heading, listing
from entrypoints.words.errors import exit_code
from tests.support.credentials import a_session

_MODELS: Final = {
    Provider.CHATGPT: "gpt-5.6-sol",
    Provider.CLAUDE: "claude-opus-4.1",
    Provider.GEMINI: "gemini-3.8-flash",
}
_GENERATION: Final = b'"generation":1,'
_WRONG_WORDS: Final = ("not logged in", "login required", "nobody is signed in", "session ended", "/login")


@dataclass
class Figures:
    """What became of the damage."""

    cases: int = 0
    noticed: int = 0
    """Files in which damage was noticed, and named where no copy helped."""
    without_effect: int = 0
    """Files that meant the same as before."""
    restored: int = 0
    """Files of which the good copy gave back what was damaged."""
    written: int = 0
    """Files that were written to, so that the good copy took its place again."""

    def __str__(self) -> str:
        return (
            f"{self.cases} cases: {self.noticed} noticed and named, {self.without_effect} without effect; "
            f"{self.restored} restored from the good copy, {self.written} written to"
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
    seen: dict[object, frozenset[Provider]] = field(default_factory=dict)
    """What every face says, by readings of the store."""

    @property
    def path(self) -> Path:
        return self.home / "auth.json"

    @property
    def backup(self) -> Path:
        return self.home / "auth.json.bak"

    def check(self, damaged: bytes) -> None:
        """Without a good copy: what is whole loads, what is not is refused or means what it meant. With one: all loads.

        Reading changes nothing.
        """
        self.backup.unlink(missing_ok=True)
        self.path.write_bytes(damaged)
        served = 0
        for record, line in zip(self.records, self.lines, strict=True):
            loaded, good = self._loaded(record), a_session(record.provider)
            served += loaded == good
            assert loaded == good if line in damaged and damaged.strip() else loaded in {None, good}
        assert self.path.read_bytes() == damaged
        self.backup.write_bytes(self.good)
        assert [self._loaded(record) for record in self.records] == [a_session(one.provider) for one in self.records]
        assert self.path.read_bytes() == damaged
        self.figures.cases += 1
        self.figures.restored += served < len(self.records)
        self.figures.without_effect += served == len(self.records)

    def check_words(self, damaged: bytes) -> None:
        """No face says that a sign-in is missing, whether there is a good copy or not; and with one all is well."""
        self.path.write_bytes(damaged)
        self.backup.write_bytes(self.good)
        assert self._unusable(damaged) == frozenset()
        if not damaged.strip():
            return  # an empty file counts as none, and without a copy that is a home in which nobody ever signed in
        self.backup.unlink()
        whole = {record.provider for record, line in zip(self.records, self.lines, strict=True) if line in damaged}
        lost = self._unusable(damaged)
        assert not lost & whole
        self.figures.noticed += bool(lost)

    def check_writing(self, damaged: bytes) -> None:
        """What is written to a damaged file has all that was in the good one, and the damaged one is kept."""
        self.backup.write_bytes(self.good)
        self.path.write_bytes(damaged)
        for rest in (self._spoiled, self.home / GENERATIONS_FILE):
            rest.unlink(missing_ok=True)
        hurt = damaged != self.good and bool(damaged.strip())
        newcomer = a_session(Provider.CLAUDE, account="newcomer", active=False)
        self.store.save(newcomer)
        self.figures.written += 1
        assert self.store.load(newcomer.record.key) == newcomer
        for record, line in zip(self.records, self.lines, strict=True):
            loaded = self.store.load(record.key)
            assert loaded is not None
            # A damaged record that says it was a later one is believed as far as that: the copy is taken for older.
            assert not loaded.record.older_copy or damaged.count(_GENERATION) < self.good.count(_GENERATION)
            assert replace(loaded, record=replace(loaded.record, older_copy=False)) == a_session(record.provider)
            assert line in self.path.read_bytes()
        assert self.store.damaged() == ()
        assert self.backup.read_bytes() == self.path.read_bytes()
        restored = self._spoiled.exists()
        assert not restored or self._spoiled.read_bytes() == damaged
        assert restored or not hurt or _means_the_same(damaged, self.good)
        for path in (self.path, self.backup, *([self._spoiled] if restored else [])):
            assert path.stat().st_mode & 0o777 == 0o600

    @property
    def _spoiled(self) -> Path:
        return self.home / "auth.json.damaged"

    def _unusable(self, damaged: bytes) -> frozenset[Provider]:
        """The providers that cannot be used, as every face says alike.

        All that the faces know of the store is one reading of it: each different one is looked at once.
        """
        stored = StoreReader(self.home).stored()
        troubles = tuple((trouble.key, str(trouble.error)) for trouble in stored.troubles)
        reading = (stored.records, troubles, stored.notices)
        if reading not in self.seen:
            self.seen[reading] = self._faces(damaged)
        return self.seen[reading]

    def _faces(self, damaged: bytes) -> frozenset[Provider]:
        services = light_services(self.home, os.environ)
        report, snapshot = services.auth.status(), services.auth.snapshot()
        lost = frozenset(status.provider for status in report.providers if not status.serves)
        code, words = _said(lambda: show_status(as_json=False))
        assert code == (ExitCode.CONFIG if Provider.CLAUDE in lost else ExitCode.OK), (code, words, damaged)
        for show in (lambda: show_models(as_json=False), lambda: show_accounts(as_json=False)):
            shown, more = _said(show)
            assert shown == 0
            words += more
        document = json.loads(_said(lambda: show_status(as_json=True), err=False)[1])
        states = {one["id"]: one["state"] for one in document["providers"]}
        entries = listing(window_state(snapshot, None), UNICODE)
        rows = (entries[place] for place in range(len(entries)))
        words += "\n".join(entry.text if isinstance(entry, Heading) else entry.word for entry in rows)
        for provider in Provider:
            obstacle = _obstacle(services.auth, _MODELS[provider])
            assert obstacle == (("store_damaged", ExitCode.CONFIG) if provider in lost else ("", 0))
            assert (states[provider.value] == "store_damaged") is (provider in lost)
        assert not [wrong for wrong in _WRONG_WORDS if wrong in words.casefold()], words
        assert ("damaged" in words) is bool(lost) or not lost
        return lost

    def _loaded(self, record: CredentialRecord) -> Credential | None:
        try:
            return self.store.load(record.key)
        except KeyswitchError:
            return None


def _obstacle(auth: AuthManager, model: str) -> tuple[str, int]:
    """How `ask -m` and `use` end: the error's code and theirs."""
    try:
        settled(auth.switch_provider(model, save=False), agree="")
    except KeyswitchError as error:
        return error.code, exit_code(error)
    return "", 0


def _said(show: Callable[[], int], *, err: bool = True) -> tuple[int, str]:
    out, talk = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(talk):
        code = show()
    return code, out.getvalue() + (talk.getvalue() if err else "")


@contextmanager
def damaged_store() -> Iterator[DamagedStore]:
    """One with a session of each provider, in a folder of its own."""
    with TemporaryDirectory() as folder, patch.dict(os.environ, {"CODE_HOME": f"{folder}/home"}):
        home = Path(folder) / "home"
        store = SealedFileStore(home=home, keys=KeyFile(home=home))
        for provider in Provider:
            store.save(a_session(provider))
        config = home / "config.toml"
        config.write_text('model = "claude-opus-4.1"\nactive_auth_provider = "claude"\n', "utf-8")
        good = (home / "auth.json").read_bytes()
        lines = tuple(line.rstrip(b",") for line in good.splitlines() if b'"bound"' in line)
        assert len(lines) == len(Provider)
        yield DamagedStore(home, store, good, StoreReader(home).records(), lines)


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """*content* with one bit of one byte turned over."""
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def _means_the_same(damaged: bytes, good: bytes) -> bool:
    """Whether only blanks differ, or the way in which a letter is written."""
    try:
        value: Any = json.loads(damaged)
    except ValueError:
        return False
    return bool(value == json.loads(good))
