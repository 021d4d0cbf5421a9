"""The guard of `conftest.py` does refuse: a unit test that reads, writes, connects or starts a process fails."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def listen() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))


ATTEMPTS: dict[str, Callable[[], object]] = {
    "reading a file": lambda: Path("/etc/hostname").read_text(encoding="utf-8"),
    "reading a file of the repository": lambda: Path(__file__).with_name("data.json").read_bytes(),
    "opening by descriptor": lambda: os.open("/etc/hostname", os.O_RDONLY),
    "writing a file": lambda: Path("left-behind").write_text("x", encoding="utf-8"),
    "making a folder": lambda: Path("left-behind").mkdir(),
    "listing a folder": lambda: list(Path("/").iterdir()),
    "a temporary file": tempfile.mkstemp,
    "a database": lambda: sqlite3.connect("left-behind.db"),
    "connecting": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
    "listening": listen,
    "a copy of this process": os.fork,
    "a process": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_reaching_for_the_world_fails_the_test(attempt: Callable[[], object]) -> None:
    with pytest.raises(pytest.fail.Exception, match="reached for the world"):
        attempt()


def test_a_late_import_is_no_reach_for_the_world() -> None:
    sys.modules.pop("colorsys", None)
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)


async def test_an_event_loop_is_no_reach_for_the_world() -> None:
    assert await asyncio.sleep(0, "ran") == "ran"
