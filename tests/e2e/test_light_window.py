"""A window loads what somebody is about to need, and nothing before: it is opened in no time, and left open all day."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import quiet_environment
from tests.support.command import LAUNCHER
from tests.support.pty_process import LONGEST, PtyProcess

pytestmark = pytest.mark.slow

LIBRARIES = {"authlib", "cryptography", "h11", "httpx2", "joserfc", "pydantic"}
"""Of requests and sign-ins."""


def test_libraries_are_loaded_once_somebody_types(tmp_path: Path) -> None:
    log = tmp_path / "imported"
    environment = quiet_environment(signed_in_home(tmp_path)) | {"TERM": "xterm-256color"}
    command = [sys.executable, "-X", "importtime", str(LAUNCHER), "--no-save"]
    with PtyProcess(command, environment, errors_to=log) as program:
        program.until("F1")
        until(lambda: "entrypoints.container" in imported(log))
        at_rest = imported(log)
        program.type("x")
        until(lambda: imported(log) >= LIBRARIES | {"markdown_it"})
    assert at_rest & LIBRARIES == set()


def imported(log: Path) -> set[str]:
    """What `-X importtime` has told so far."""
    return set(re.findall(r"^import time: .*\| +(\S+)$", log.read_text("utf-8", "replace"), re.MULTILINE))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not true():
        assert time.monotonic() < deadline
        signal.sigtimedwait((), 0.02)
