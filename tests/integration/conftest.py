from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.earlier_programs.take_over import EarlierFiles
from adapters.master_key.in_file import KeyFile
from adapters.providers.binding import bound
from adapters.providers.profile import load_profile
from adapters.session_store.originals import Originals
from adapters.session_store.store import SealedFileStore
from domain.provider import Provider
from domain.session import ApiKey, OwnCredential, Session
from tests.support.credentials import a_session
from tests.support.earlier_files import written
from tests.support.fixed_clock import FixedClock


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> SealedFileStore:
    """A store that nothing was saved in yet."""
    return SealedFileStore(home=home, keys=KeyFile(home=home))


@pytest.fixture
def three(store: SealedFileStore) -> SealedFileStore:
    """A store with a session of each provider."""
    for provider in Provider:
        store.save(a_session(provider), activate=True)
    return store


Put = Callable[..., Path]


@pytest.fixture
def put(home: Path) -> Put:
    """Write a file of an earlier program."""

    def write(value: Any, name: str = "auth.json", mode: int = 0o600) -> Path:
        home.mkdir(mode=0o700, exist_ok=True)
        path = home / name
        path.write_bytes(value if isinstance(value, bytes) else written(value))
        path.chmod(mode)
        return path

    return write


def to_its_provider(credential: OwnCredential) -> OwnCredential:
    """As the composition root binds it, with the vendors' defaults."""
    return bound(credential, load_profile(credential.record.provider, {}))


@pytest.fixture
def earlier_files(home: Path) -> EarlierFiles:
    return EarlierFiles(home=home, keys=KeyFile(home=home), bind=to_its_provider, clock=FixedClock())


def kept(home: Path) -> list[tuple[str, str, bytes]]:
    """Name, reason and content of every kept file."""
    files, key = Originals(home), KeyFile(home=home).fetch()
    assert key is not None
    return [(entry.about.file, entry.about.why, files.content(entry, key)) for entry in files.entries() if entry.about]


def loaded(store: SealedFileStore) -> dict[str, tuple[str | None, ...]]:
    """The secrets of everything stored, by account."""
    found: dict[str, tuple[str | None, ...]] = {}
    for record in store.records():
        credential = store.load(record.key)
        if isinstance(credential, ApiKey):
            found[record.key.account] = (credential.value.reveal(),)
        elif isinstance(credential, Session):
            tokens = (credential.access_token, credential.refresh_token, credential.id_token)
            found[record.key.account] = tuple(token.reveal() if token else None for token in tokens)
    return found
