"""A folder whose path is short enough for the name of a socket, which the usual folders of tests are not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder that its user alone enters, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ks-", dir="/tmp") as name:
        yield Path(name)
