from __future__ import annotations

from pathlib import Path

import pytest

from adapters.session_stores.key_file import KeyFile
from adapters.session_stores.sealed_file import SealedFileStore
from domain.provider import Provider
from tests.support.credentials import a_session


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> SealedFileStore:
    """An empty store."""
    return SealedFileStore(home=home, keys=KeyFile(home=home))


@pytest.fixture
def three(store: SealedFileStore) -> SealedFileStore:
    """A store with a session of each provider."""
    for provider in Provider:
        store.save(a_session(provider), activate=True)
    return store
