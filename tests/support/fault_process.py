"""`keyswitch` in processes whose system calls are listed, made to fail, or their last.

strace does it, attached to a process that waits at a gate, so that its counts begin with the command and not with the
interpreter. A killed call has had no effect: the kill lands before it.
"""

from __future__ import annotations

import multiprocessing
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO, Any, Final

from tests.support import fault_child

LONGEST: Final = 60.0
"""Seconds; no command of these tests takes as long on the slowest machine."""

FILE_CALLS: Final = (
    "openat,write,pwrite64,fsync,fdatasync,ftruncate,fallocate,flock,fchmod,chmod,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,close"
)
"""All that changes a file or decides who may. What only reads lies between two of these, and changes nothing."""
NETWORK_CALLS: Final = "connect,sendto,sendmsg,recvfrom,recvmsg,shutdown"

NETWORK: Final = "network"

_LINE: Final = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)")
_PORT: Final = re.compile(r"<TCP")
_CHANGING: Final = (
    (re.compile(r"\.\d+\.[0-9a-f]{8}\.tmp"), ".tmp"),
    (re.compile(r"[0-9a-f]{32}"), "*"),
)
"""What differs from run to run in a file's name."""


@dataclass(frozen=True)
class Call:
    """One system call of a command that touches its home or the network."""

    name: str
    number: int
    """Counts all calls of this name, those elsewhere too, from 1: what strace's `when=` takes."""
    what: str
    """The file in the home, a rename's two, or `NETWORK`, the same in every run."""
    changes: bool = field(default=True, compare=False)
    """Whether it can change anything, for other processes or at the other end of a connection."""
    failed: bool = field(default=False, compare=False)
    """Whether it did so undisturbed, as a `mkdir` of what is there does."""
    injected: bool = field(default=False, compare=False)
    """Whether it was made to."""

    @property
    def title(self) -> str:
        return f"{self.name} {self.what}"


@dataclass(frozen=True)
class Injection:
    """What happens to one call in strace's words, e.g. `signal=SIGKILL` or `error=ENOSPC`."""

    call: Call
    effect: str


@dataclass(frozen=True)
class Run:
    """How a command ended, and the calls it made, the last one without effect where it was killed."""

    code: int
    """The exit code, or minus the signal that killed it."""
    out: str
    err: str
    calls: tuple[Call, ...] = ()


@dataclass
class Laboratory:
    """Runs commands over one home after the other. *strace* is the program's path, *folder* takes its lists."""

    strace: str
    folder: Path
    disturb: Callable[[], None] | None = None
    """Changes the program in its process, for positive controls; a function that a module holds."""
    _context: Any = field(default_factory=lambda: multiprocessing.get_context("forkserver"))

    def __post_init__(self) -> None:
        self._context.set_forkserver_preload([fault_child.__name__])

    def run(self, home: Path, *arguments: str) -> Run:
        """Run the command without any fault."""
        with self._started(home, arguments) as started:
            return started.ended()

    def traced(
        self,
        home: Path,
        *arguments: str,
        injection: Injection | None = None,
        heard: Callable[[str], None] | None = None,
    ) -> Run:
        """The command with its calls listed, and one of them spoilt. *heard* gets each line that it prints."""
        log = self.folder / "strace.log"
        with self._started(home, arguments) as started:
            with self._attached(started.pid, log, injection):
                run = started.ended(heard)
            return Run(run.code, run.out, run.err, tuple(_calls(log.read_text("utf-8", "replace"), home)))

    @contextmanager
    def _started(self, home: Path, arguments: Sequence[str]) -> Iterator[_Started]:
        here, there = self._context.Pipe()
        (out, its_out), (err, its_err) = self._context.Pipe(duplex=False), self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=fault_child.run,
            args=(str(home), list(arguments), fault_child.Channels(there, its_out, its_err), self.disturb),
        )
        process.start()
        for connection in (there, its_out, its_err):
            connection.close()
        stop = threading.Timer(LONGEST, process.kill)
        stop.start()
        try:
            assert here.recv() == "ready"
            with (
                open(out.fileno(), encoding="utf-8", closefd=False) as said,
                open(err.fileno(), encoding="utf-8", closefd=False) as complained,
            ):
                yield _Started(process, here, said, complained)
        finally:
            stop.cancel()
            process.kill()
            process.join()
            process.close()
            for connection in (here, out, err):
                connection.close()

    @contextmanager
    def _attached(self, pid: int, log: Path, injection: Injection | None) -> Iterator[None]:
        command = [self.strace, "-p", str(pid), "-yy", "-s", "0", "-o", str(log)]
        command += ["-e", f"trace={FILE_CALLS},{NETWORK_CALLS}"]
        if injection is not None:
            command += ["-e", f"inject={injection.call.name}:{injection.effect}:when={injection.call.number}"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            try:
                assert "attached" in (said := strace.stderr.readline()), said
                yield
                strace.wait(LONGEST)
            finally:
                strace.kill()


@dataclass
class _Started:
    process: ForkServerProcess
    gate: Any
    out: IO[str]
    err: IO[str]

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def ended(self, heard: Callable[[str], None] | None = None) -> Run:
        """Let it go, and wait for its end."""
        self.gate.send("go")
        lines = []
        for line in self.out:
            lines.append(line)
            if heard is not None:
                heard(line)
        err = self.err.read()
        self.process.join()
        assert self.process.exitcode is not None
        return Run(self.process.exitcode, "".join(lines), err)


def _calls(log: str, home: Path) -> Iterator[Call]:
    """The calls of strace's list that touch *home* or the network."""
    numbers: Counter[str] = Counter()
    for line in log.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:  # a signal, or the end
            continue
        name = match["name"]
        numbers[name] += 1
        what = _subject(match["arguments"], home)
        if what:
            reads = name == "close" or "O_RDONLY" in match["arguments"]
            yield Call(
                name, numbers[name], what, changes=not reads, failed=" = -1 " in line, injected="(INJECTED)" in line
            )


def _subject(arguments: str, home: Path) -> str:
    if _PORT.search(arguments) or "AF_INET" in arguments:
        return NETWORK
    files = re.findall(rf'{re.escape(str(home))}(/[^"<>]*)?["<>]', arguments)
    named = dict.fromkeys(_steady(file.lstrip("/")) or "the folder" for file in files)
    return " -> ".join(named)


def _steady(file: str) -> str:
    for changing, steady in _CHANGING:
        file = changing.sub(steady, file)
    return file
