from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_backend import FakeBackend


@pytest.fixture
def fake_backend(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """A keyring that works, on the path of this process and so of the helper's."""
    backend = FakeBackend.install(Path(tmp_path_factory.mktemp("keyring")))
    monkeypatch.syspath_prepend(str(backend.folder))
    return backend
