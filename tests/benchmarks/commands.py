"""Whole processes: commands, what they cost as a home grows, memory and size."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from time import perf_counter

import pexpect

from tests.benchmarks.homes import signed_in_home, with_conversations, with_models
from tests.benchmarks.measuring import ROOT, Row, in_turn, keyswitch, python, quiet_environment
from tests.benchmarks.rivals_installed import Rivals

FAST_BAR = 2.5
GROWTH_BAR = 2.0
SIZE_BAR = 50.0
MEMORY_BAR = 60.0
_SETTLING_SECONDS = 6.0
_FAST = ("--version", "--help")
_USE = ("use", "claude-opus-4.1")
_LIKE_CODEX = (("status",), ("models",), _USE)

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


def commands(folder: Path, rivals: Rivals | None, *, times: int = 15) -> Iterator[Row]:
    """Each fast command against the bare interpreter, and beside `codex login status`."""
    (folder / "commands").mkdir()
    environ = quiet_environment(signed_in_home(folder / "commands"))
    names = ((_FAST[0],), (_FAST[1],), *_LIKE_CODEX)
    ours = [python("-c", "pass"), *(keyswitch(*name) for name in names)]
    theirs, their_environs = ([rivals.codex_status], [rivals.environ(folder)]) if rivals else ([], [])
    bare, *others = in_turn([*ours, *theirs], *[environ] * len(ours), *their_environs, times=times)
    codex = others.pop() if rivals else None
    for name, taken in zip(names, others, strict=True):
        ratio = taken.p50 / bare.p50
        fast = name[0] in _FAST
        yield Row(
            f"`{'use MODEL' if name == _USE else name[0]}`", f"{taken.p50:.0f} ms", f"{bare.p50:.0f} ms bare",
            f"≤ {FAST_BAR} x bare" if fast else "≤ `codex login status`",
            ratio <= FAST_BAR if fast else taken.p50 <= codex.p50 if codex else None,
            ratio, "" if fast or codex is None else f"codex {codex.p50:.0f} ms",
        )  # fmt: skip


def growth(folder: Path, *, times: int = 9) -> Iterator[Row]:
    """The same with 201 accounts, 1,000 models of one's own and 10,000 conversations as with three accounts."""
    for size in ("few", "many"):
        (folder / f"growth-{size}").mkdir()
    few = quiet_environment(signed_in_home(folder / "growth-few"))
    home = with_conversations(with_models(signed_in_home(folder / "growth-many", accounts=67), 1000), 10_000)
    many = quiet_environment(home)
    for name in (("status",), _USE):
        command = keyswitch(*name)
        floor, taken = in_turn([command, command], few, many, times=times)
        ratio = taken.p50 / floor.p50
        yield Row(
            f"`{name[0]}`, 201 accounts, 1,000 own models, 10,000 conversations", f"{taken.p50:.0f} ms",
            f"{floor.p50:.0f} ms, three accounts", f"≤ {GROWTH_BAR:.0f} x", ratio <= GROWTH_BAR, ratio,
        )  # fmt: skip


def size_and_memory(folder: Path) -> Iterator[Row]:
    """What is installed for a user, and what the app holds when idle with three sessions."""
    megabytes = _installed() / 1e6
    yield Row(
        "run-time dependencies, installed",
        f"{megabytes:.1f} MB",
        "",
        f"≤ {SIZE_BAR:.0f} MB",
        megabytes <= SIZE_BAR,
    )
    (folder / "memory").mkdir()
    environ = quiet_environment(signed_in_home(folder / "memory")) | {"TERM": "xterm-256color"}
    least = _held(python("-c", MINIMAL_APP), environ, "ready")
    held = _held(keyswitch(), environ, "F1")
    yield Row(
        "memory of the idle app, three sessions",
        f"{held:.0f} MiB",
        f"{least:.0f} MiB, minimal Textual app",
        f"≤ {MEMORY_BAR:.0f} MiB",
        held <= MEMORY_BAR,
        held / least,
    )


def _held(command: list[str], environ: dict[str, str], text: str) -> float:
    """MiB of a program that has shown *text* and rests."""
    child = pexpect.spawn(*_split(command), env=environ, cwd=str(ROOT), dimensions=(30, 100), timeout=60)
    child.expect(text)
    _settled(child)
    held = _resident(child.pid) / 1024
    child.close(force=True)
    return held


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
