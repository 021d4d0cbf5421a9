"""keyswitch over the real adapters, against the sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.sandboxed import OpenSandbox, open_sandbox


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenSandbox]:
    """A sandbox, and an empty home that points at it."""
    with open_sandbox(tmp_path / "home", os.environ) as sandbox:
        yield sandbox
