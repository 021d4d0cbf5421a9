"""keyswitch as people and scripts run it: a process with arguments, streams and a home folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit

from tests.support.forks import OWN_INTERPRETER, Process, fork_server

LAUNCHER: Final = Path(__file__).parents[2] / "keyswitch.py"
LONGEST: Final = 60.0
"""Seconds; no command of a test takes as long on the slowest machine."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def document(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)

    @property
    def documents(self) -> list[Any]:
        """Standard output, which must be JSON lines."""
        return [json.loads(line) for line in self.lines]


@dataclass(frozen=True)
class Keyswitch:
    """The command over one home folder. Standard input is empty unless a test gives some."""

    home: Path
    variables: Mapping[str, str]
    forked: bool = False
    """Whether commands are forked from a process that has the program loaded, where that makes no difference."""

    def __call__(self, *arguments: str, typed: str = "", **variables: str) -> Ended:
        with self._process(arguments, variables) as process, ThreadPoolExecutor(2) as readers:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            out, err = readers.submit(process.stdout.read), readers.submit(process.stderr.read)
            with suppress(BrokenPipeError):  # it may end without having read
                process.stdin.write(typed)
                process.stdin.close()
            return Ended(process.wait(LONGEST), out.result(), err.result())

    @contextmanager
    def started(self, *arguments: str, **variables: str) -> Iterator[Process]:
        """The command while it runs; at the end it is stopped if it has not ended by itself."""
        with self._process(arguments, variables) as process:
            yield process

    @contextmanager
    def _process(self, arguments: Sequence[str], variables: Mapping[str, str]) -> Iterator[Process]:
        environment, folder = self.environment(**variables), self.home.parent
        forked = self.forked and not {*self.variables, *variables}.intersection(OWN_INTERPRETER)
        start = fork_server().started if forked else _interpreter
        with start(arguments, environment=environment, folder=folder) as process:
            stop = threading.Timer(LONGEST, process.kill)
            stop.start()
            try:
                yield process
            finally:
                stop.cancel()

    def environment(self, **variables: str) -> dict[str, str]:
        return {**os.environ, "CODE_HOME": str(self.home), **self.variables, **variables}

    def sign_in(self, provider: str, approve: Callable[[str], str]) -> None:
        """`login PROVIDER`, with *approve* in the browser's place."""
        with self.started("login", provider, "--no-browser", "--json") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            first = json.loads(process.stdout.readline())
            approve(first["short_url"])
            assert json.loads(process.stdout.readline())["event"] == "signed_in", process.stderr.read()
            assert process.wait() == 0

    def configure(self, **tables: Any) -> Path:
        """Write config.toml; tables by their names."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        path = self.home / "config.toml"
        path.write_text(tomlkit.dumps(tables), "utf-8")
        path.chmod(0o600)
        return path

    def events(self) -> list[dict[str, Any]]:
        path = self.home / "events.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@contextmanager
def _interpreter(arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Iterator[Process]:
    """A new interpreter; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, str(LAUNCHER), *arguments],
        env=environment,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        yield process
        process.kill()
