"""The app from its start: its first frame, the first request that it can make, and keys that are typed meanwhile."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Final

import pexpect

from tests.benchmarks.commands import MINIMAL_APP
from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import ROOT, Row, keyswitch, python, quiet_environment
from tests.benchmarks.rivals import pi
from tests.benchmarks.rivals_installed import Rivals
from tests.support.pty_process import PtyProcess

FRAME_BAR: Final = 1.45
LIVE_BAR: Final = 1.6
_KEYS: Final = "abcdefghijklmnopqrstuvwxy"
_TYPING_SECONDS: Final = 0.3
_LONGEST: Final = 60
_ASKED_FOR_CURSOR, _CURSOR = "\x1b[6n", "\x1b[1;1R"
_FRAME_OF_CODEX: Final = re.escape("\x1b[?2026l")


class _Provider:
    """A server that notes when the first message reaches it, and answers nothing."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.asked = Event()
        self.at = 0.0
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                if connection.recv(4096).startswith(b"POST") and not self.asked.is_set():
                    self.at = perf_counter()
                    self.asked.set()

    def start_over(self) -> None:
        self.asked.clear()

    def close(self) -> None:
        self._socket.close()


def starting(folder: Path, rivals: Rivals | None, *, times: int = 9) -> Iterator[Row]:
    """Start to the first frame, and to the first request, against the first frame of a minimal Textual app."""
    (folder / "starting").mkdir()
    provider = _Provider()
    environ = quiet_environment(signed_in_home(folder / "starting", port=provider.port)) | {"TERM": "xterm-256color"}
    minimal = folder / "starting" / "minimal.py"
    minimal.write_text(MINIMAL_APP, "utf-8")
    floors, frames, lives, codex, pis = [], [], [], [], []
    for number in range(times):
        floors.append(_until(python(str(minimal)), environ, "ready"))
        frame, live = _until_live(environ, provider)
        frames.append(frame)
        lives.append(live)
        if rivals:
            codex.append(_until(rivals.codex, rivals.environ(folder), _FRAME_OF_CODEX))
            command, of_pi = pi(folder / "starting" / f"pi-{number}", "http://127.0.0.1:9/v1", rivals.folder)
            pis.append(_until(command, of_pi, "gpt-6.1-sol"))
    provider.close()
    floor = median(floors)
    others = f"codex {median(codex):.0f} ms, pi {median(pis):.0f} ms" if rivals else ""
    for what, taken, bar in (
        ("app: start to the first frame", median(frames), FRAME_BAR),
        ("app: start to the request of a message sent at the first frame", median(lives), LIVE_BAR),
    ):
        yield Row(
            what, f"{taken:.0f} ms", f"{floor:.0f} ms, minimal Textual app", f"≤ {bar} x", taken / floor <= bar,
            taken / floor, others,
        )  # fmt: skip


def keys_kept(folder: Path, *, starts: int = 10) -> Row:
    """The keys of *starts* starts, typed from the first moment on."""
    (folder / "keys").mkdir()
    environ = quiet_environment(signed_in_home(folder / "keys")) | {"TERM": "xterm-256color"}
    kept = sum(_all_kept(environ) for _ in range(starts))
    return Row(
        f"{starts} starts, 25 keys typed from 0 to 300 ms", f"all keys in their places in {kept}", "", f"{starts}",
        kept == starts,
    )  # fmt: skip


def _all_kept(environ: dict[str, str]) -> bool:
    with PtyProcess(keyswitch("--no-save"), environ) as program:
        for key in _KEYS:
            program.type(key)
            sleep(_TYPING_SECONDS / len(_KEYS))
        try:
            program.until(_KEYS)
        except AssertionError:
            return False
    return True


def _until_live(environ: dict[str, str], provider: _Provider) -> tuple[float, float]:
    provider.start_over()
    with _started(keyswitch("--no-save"), environ) as (child, begun):
        child.expect("F1")
        frame = perf_counter() - begun
        child.send("hello\r")
        while not provider.asked.is_set():
            try:
                child.read_nonblocking(65536, timeout=0.005)
            except pexpect.TIMEOUT:
                continue
        return frame * 1e3, (provider.at - begun) * 1e3


def _until(command: list[str], environ: dict[str, str], text: str) -> float:
    """Milliseconds until *text* comes; who asks where the cursor is is told."""
    with _started(command, environ) as (child, begun):
        while child.expect([text, re.escape(_ASKED_FOR_CURSOR)]):
            child.send(_CURSOR)
        return (perf_counter() - begun) * 1e3


@contextmanager
def _started(command: list[str], environ: dict[str, str]) -> Iterator[tuple[pexpect.spawn, float]]:
    program, *arguments = command
    begun = perf_counter()
    child = pexpect.spawn(program, arguments, env=environ, cwd=str(ROOT), dimensions=(30, 100), timeout=_LONGEST)
    child.delaybeforesend = None
    try:
        yield child, begun
    finally:
        child.close(force=True)
