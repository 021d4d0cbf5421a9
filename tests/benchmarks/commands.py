"""Whole processes: fast commands, `use`, the app's first frame, memory and size."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from time import perf_counter

import pexpect

from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import ROOT, Row, in_turn, keyswitch, python, quiet_environment

FAST_BAR = 4.0
USE_BAR = 150.0
SIZE_BAR = 50.0
MEMORY_BAR = 90.0
FRAME_BAR = 1.6
_SETTLING_SECONDS = 6.0

MINIMAL_APP = """
from textual.app import App
from textual.widgets import Footer, Input, Static

class Minimal(App[None]):
    def compose(self):
        yield Static("ready")
        yield Input()
        yield Footer()

Minimal().run()
"""


def commands(folder: Path) -> Iterator[Row]:
    """Each fast command against the bare interpreter."""
    (folder / "commands").mkdir()
    environ = quiet_environment(signed_in_home(folder / "commands"))
    names = ("--version", "--help", "status", "models")
    bare, *others = in_turn([python("-c", "pass"), *(keyswitch(name) for name in names)], environ)
    for name, taken in zip(names, others, strict=True):
        ratio = taken.p50 / bare.p50
        yield Row(
            f"keyswitch {name}",
            f"{taken.p50:.0f} ms (ratio {ratio:.1f})",
            f"{bare.p50:.0f} ms",
            f"<= {FAST_BAR:.0f} x bare",
            ratio <= FAST_BAR,
        )


def use(folder: Path) -> Row:
    """A process that answers one command after the other."""
    (folder / "use").mkdir()
    environ = quiet_environment(signed_in_home(folder / "use"))
    bare, taken = in_turn([python("-c", "pass"), keyswitch("use", "claude-opus-4.1")], environ)
    return Row(
        "keyswitch use MODEL",
        f"{taken.p50:.0f} ms (ratio {taken.p50 / bare.p50:.1f})",
        f"{bare.p50:.0f} ms",
        f"<= {USE_BAR:.0f} ms",
        taken.p50 <= USE_BAR,
    )


def first_frame(folder: Path) -> Row:
    """Process start to the first frame that shows the status line, against a minimal Textual app."""
    (folder / "frame").mkdir()
    environ = quiet_environment(signed_in_home(folder / "frame")) | {"TERM": "xterm-256color", "COLUMNS": "100"}
    minimal = folder / "minimal.py"
    minimal.write_text(MINIMAL_APP, "utf-8")
    floors, taken = [], []
    for _ in range(7):
        floors.append(_until(python(str(minimal)), environ, "ready"))
        taken.append(_until(keyswitch(), environ, "F1"))
    floor, frame = sorted(floors)[3], sorted(taken)[3]
    return Row(
        "app: start to first frame",
        f"{frame:.0f} ms (ratio {frame / floor:.2f})",
        f"{floor:.0f} ms minimal Textual",
        f"<= {FRAME_BAR} x",
        frame / floor <= FRAME_BAR,
    )


def size_and_memory(folder: Path) -> Iterator[Row]:
    """What is installed for a user, and what the app holds when idle with three sessions."""
    megabytes = _installed() / 1e6
    yield Row(
        "installed run-time dependencies",
        f"{megabytes:.1f} MB",
        "37.5 MB",
        f"<= {SIZE_BAR:.0f} MB",
        megabytes <= SIZE_BAR,
    )
    (folder / "memory").mkdir()
    environ = quiet_environment(signed_in_home(folder / "memory")) | {"TERM": "xterm-256color"}
    child = pexpect.spawn(*_split(keyswitch()), env=environ, cwd=str(ROOT), dimensions=(30, 100), timeout=20)
    child.expect("F1")
    _settled(child)
    held = _resident(child.pid) / 1024
    child.close(force=True)
    yield Row(
        "memory of the idle app, three sessions",
        f"{held:.0f} MiB",
        "34 MiB",
        f"<= {MEMORY_BAR:.0f} MiB",
        held <= MEMORY_BAR,
    )


def _until(command: list[str], environ: dict[str, str], text: str) -> float:
    started = perf_counter()
    child = pexpect.spawn(*_split(command), env=environ, cwd=str(ROOT), dimensions=(30, 100), timeout=20)
    child.expect(text)
    taken = (perf_counter() - started) * 1e3
    child.close(force=True)
    return taken


def _settled(child: pexpect.spawn) -> None:
    """Read along for as long as the app takes to load what it loads behind the first frame; the cursor blinks on."""
    until = perf_counter() + _SETTLING_SECONDS
    while perf_counter() < until:
        try:
            child.read_nonblocking(65536, timeout=0.5)
        except pexpect.TIMEOUT:
            continue


def _split(command: list[str]) -> tuple[str, list[str]]:
    return command[0], command[1:]


def _resident(pid: int) -> int:
    """KiB of the process; it starts no other."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def _installed() -> int:
    """Bytes that the distributions pinned in requirements.txt take in this environment, without compiled caches."""
    names = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    total = 0
    for name in names:
        try:
            found = distribution(name)
        except ModuleNotFoundError:
            continue  # pinned for another platform
        files = (Path(str(found.locate_file(file))) for file in found.files or ())
        total += sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc")
    return total
