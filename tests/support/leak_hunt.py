"""Runs keyswitch with a bug in it through what a person does, and looks for secrets in everything that is left."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

import httpx2
import tomlkit

from adapters.sandbox.scripted_browser import PageRefused, approve
from adapters.sandbox.server import Sandbox
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import Session
from domain.text.secret import Secret
from entrypoints.light import container_for, light_parts
from tests.support.canaries import Canaries, Hit
from tests.support.leak_child import ROOT, Plan

PATIENCE: Final = 120.0
"""Seconds that the person waits for each step where every step comes, on however busy a machine."""

SIGNS: Final = "+/=&<>'\"%~"
"""In keys that a test makes up: what URLs, JSON, HTML and shells write in other ways."""

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "config.toml": ("client secret", "made in config._secret"),
    "master.key": ("master key",),
}
"""Files that hold a secret on purpose, in the clear and for their owner alone."""


@dataclass(frozen=True)
class Outcome:
    """What became of one run."""

    code: int
    """The exit code, or minus the signal that ended it."""
    calls: Mapping[str, int]
    """How often each function was called; empty where the process did not live to say."""
    hits: tuple[Hit, ...]
    output: str = ""
    left_behind: str = ""
    """What the program did to the terminal and did not undo."""
    missed: tuple[str, ...] = ()
    """What the person waited for on the screen in vain: the rest of the flow was not looked at."""
    seconds: float = 0.0
    """How long it took."""


@dataclass
class Run:
    """One process over one home, and the person in front of it."""

    folder: Path
    canaries: Canaries
    plan: Plan
    patience: float = PATIENCE
    """Seconds that the person waits for the next step, and the program for the person."""
    shown: list[str] = field(default_factory=list)
    """Addresses that a person has to see, with the state in them."""
    channels: dict[str, bytes] = field(default_factory=dict)
    code: int = 0
    left_behind: str = ""
    missed: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def longest(self) -> float:
        """Seconds; then the run is stopped, and what it left by then is looked at."""
        return 5 * self.patience

    def environment(self) -> dict[str, str]:
        """With keys of other programs, which must stay where they are."""
        keep = {"PATH", "LANG", "LC_ALL", "TZ"}
        user = str(self.folder / "user")
        variables = {name: value for name, value in os.environ.items() if name in keep}
        return variables | {
            "CODE_HOME": str(self.home),
            "HOME": user,
            "XDG_CONFIG_HOME": user,
            "XDG_CACHE_HOME": user,
            "XDG_STATE_HOME": user,
            "XDG_RUNTIME_DIR": user,
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONFAULTHANDLER": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "BROWSER": f"{self.folder / 'browser'} %s",
            "TERM": "xterm-256color",
            "TEXTUAL_LOG": str(self.folder / "textual.log"),
            "SSLKEYLOGFILE": str(self.folder / "tls.log"),
            **self.own_variables(),
        }

    def own_variables(self) -> dict[str, str]:
        return {
            "OPENAI_API_KEY": self.made_up("OpenAI key of the environment"),
            "ANTHROPIC_API_KEY": self.made_up("Anthropic key of the environment"),
            "GEMINI_API_KEY": self.made_up("Gemini key of the environment"),
            "GOOGLE_API_KEY": self.made_up("Google key of the environment"),
            "GITHUB_TOKEN": self.made_up("GitHub token of the environment"),
            "HTTPS_PROXY": f"http://ana:{self.made_up('password of the proxy', signs='')}@proxy.example.test:3128",
        }

    def made_up(self, name: str, *, signs: str = SIGNS) -> str:
        """A new secret; the same for the same name in this run."""
        known = {kept: value for value, kept in self.canaries.values.items()}
        if name not in known:
            letters = random.SystemRandom().getrandbits(96)
            self.canaries.add(name, f"fake-{letters:024x}{signs}{letters:024x}")
        return {kept: value for value, kept in self.canaries.values.items()}[name]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tests.support.leak_child", self.plan.to_json(), *arguments]

    @contextmanager
    def started(self, *arguments: str, typed: str | None = None) -> Iterator[Started]:
        """The process with pipes at its streams, until it ends. *typed* is all of its input; None leaves it open."""
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder / "cwd",
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        with self.watching(process.pid), process:
            started = Started(process)
            if typed is not None:
                started.type(typed, last=True)
            stop = threading.Timer(self.longest, process.kill)
            stop.start()
            try:
                yield started
                self.code = process.wait()
            finally:
                stop.cancel()
                process.kill()
                started.join()
        self._keep("standard output", started.out)
        self._keep("standard error", started.err)

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """Look at the list of processes all the while."""
        seen: dict[str, set[bytes]] = {"arguments of a process": set(), "variables of a child": set()}
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.05):
                own = _read(Path(f"/proc/{pid}/cmdline"))
                for child in descendants(pid):
                    arguments = _read(Path(f"/proc/{child}/cmdline"))
                    seen["arguments of a process"].add(arguments)
                    if arguments != own:  # else it is on its way from fork to exec, and still has our variables
                        seen["variables of a child"].add(_read(Path(f"/proc/{child}/environ")))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            for channel, found in seen.items():
                self._keep(channel, b"\n".join(found))

    def _keep(self, channel: str, data: bytes) -> None:
        """A flow may be more than one command."""
        self.channels[channel] = self.channels.get(channel, b"") + data

    def hits(self) -> list[Hit]:
        """Every secret anywhere, but the addresses that were shown for a person to open."""
        found = []
        for channel, data in self.channels.items():
            for address in self.shown:
                data = data.replace(address.encode(), b"")  # noqa: PLW2901 - the channel without the address
            found += self.canaries.found_in(data, channel)
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name = path.relative_to(self.folder).as_posix()
                found += [
                    hit
                    for hit in self.canaries.found_in(path.read_bytes(), name)
                    if not hit.secret.startswith(ALLOWED.get(path.name, ("nothing",)))
                ]
        return found


class Started:
    """A process whose streams are read as it writes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.out = b""
        self.err = b""
        self._news = threading.Condition()
        self._open = 2
        self._readers = [
            threading.Thread(target=self._drain, args=(stream, name))
            for stream, name in ((process.stdout, "out"), (process.stderr, "err"))
        ]
        for reader in self._readers:
            reader.start()

    def type(self, text: str, *, last: bool = False) -> None:
        """Write to its standard input."""
        stream = self.process.stdin
        assert stream is not None
        try:
            stream.write(text.encode())
            if last:
                stream.close()
        except BrokenPipeError:
            return

    def wait_for(self, sign: Callable[[bytes], str | None], stream: str = "out") -> str | None:
        """What *sign* finds in what was written so far; None where the process ends without it."""
        with self._news:
            while (found := sign(getattr(self, stream))) is None and self._open:
                self._news.wait()
            return found

    def join(self) -> None:
        for reader in self._readers:
            reader.join()

    def _drain(self, stream: IO[bytes] | None, name: str) -> None:
        assert stream is not None
        while block := stream.read(65536):
            with self._news:
                setattr(self, name, getattr(self, name) + block)
                self._news.notify_all()
        with self._news:
            self._open -= 1
            self._news.notify_all()


Flow = Callable[[Run, Sandbox], None]
"""What a person does, over a home in which they are signed in already where the flow needs it."""


@dataclass
class Hunt:
    """Run after run at one sandbox; each has a home of its own."""

    sandbox: Sandbox
    folder: Path
    names: set[str] = field(default_factory=set)
    """Of all secrets that were looked for."""
    runs: int = 0

    def __call__(
        self,
        flow: Flow,
        *,
        bug_at: str = "",
        bug_after: int = 0,
        error: str = "value",
        leaks: tuple[str, ...] = (),
        patience: float = PATIENCE,
    ) -> Outcome:
        """One run of *flow*, and all secrets that it left anywhere."""
        self.runs += 1
        private, public = self.folder / f"private-{self.runs}", self.folder / f"public-{self.runs}"
        for made in (private, public, public / "home", public / "user", public / "tmp", public / "cwd"):
            made.mkdir(mode=0o700)
        plan = Plan(
            secrets=str(private / "secrets"),
            log=str(public / "debug.log"),
            calls=str(private / "calls"),
            bug_at=bug_at,
            bug_after=bug_after,
            error=error,
            leaks=list(leaks),
        )
        run = Run(public, Canaries(), plan, patience)
        self._prepare(run)
        begun = time.monotonic()
        flow(run, self.sandbox)
        seconds = time.monotonic() - begun
        for name, value in _written_down(private / "secrets"):
            run.canaries.add(name, value)
        self.names |= run.canaries.names
        calls = private / "calls"
        outcome = Outcome(
            code=run.code,
            calls=json.loads(calls.read_text("utf-8")) if calls.exists() else {},
            hits=tuple(run.hits()),
            output=b"\n".join(run.channels.values()).decode("utf-8", "replace"),
            left_behind=run.left_behind,
            missed=run.missed,
            seconds=seconds,
        )
        for used in (private, public):
            shutil.rmtree(used)
        return outcome

    def _prepare(self, run: Run) -> None:
        settings = self.sandbox.provider_settings()
        run.canaries.add("client secret of Gemini", str(settings["gemini"]["client_secret"]))
        config = run.home / "config.toml"
        config.write_text(tomlkit.dumps({"providers": settings}), "utf-8")
        config.chmod(0o600)
        browser = run.folder / "browser"
        seen = run.folder / "seen-by-the-browser"
        browser.write_text(f"#!/bin/sh\n{{ printf '%s\\n' \"$@\"; env; }} >> '{seen}'\n", "utf-8")
        browser.chmod(0o700)


def signed_in(run: Run, sandbox: Sandbox, *, due: bool = False) -> None:
    """Sessions at all three providers and a key, put into the home behind the program's back."""
    container = container_for(light_parts(run.home, {}))
    sessions = container.sessions
    now = datetime.now(UTC)
    for provider in Provider:
        answer = sandbox.issue_session(provider.value)
        for kind in ("access_token", "refresh_token", "id_token"):
            if answer.get(kind):
                run.canaries.add(f"{kind} of {provider}", str(answer[kind]))
        profile = container.profiles(provider)
        record = CredentialRecord(
            key=CredentialKey(provider, _account(answer)),
            label="ana@example.test",
            payer=Payer.PLAN,
            active=True,
            generation=1,
            session_id="0123456789abcdef",
            obtained_at=now - timedelta(hours=2) if due else now,
            access_expires_at=now - timedelta(hours=1) if due else now + timedelta(hours=1),
            renewable=True,
            client_id=str(answer["client_id"]),
            token_url=profile.token_url or "",
            api_base=profile.api_base,
        )
        access, refresh = Secret(str(answer["access_token"])), Secret(str(answer["refresh_token"]))
        sessions.save(Session(record, access, refresh), activate=True)
    key = run.made_up("API key in the store", signs="-_.")
    container.store_api_key(Provider.CHATGPT, Secret(key))


def _account(answer: Mapping[str, object]) -> str:
    """By the name that a renewal gives it, or the answer to that would be taken for another's."""
    account = answer.get("account")
    return str(account["uuid"]) if isinstance(account, dict) else "account-1"


def descendants(pid: int) -> set[int]:
    """*pid* and all that it started, as far as they live."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _read(entry / "stat").rpartition(b")")[2].split()
            if len(fields) > 1:
                parents[int(entry.name)] = int(fields[1])
    found = {pid}
    while new := {child for child, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def visit(address: str, *, to_the_end: bool = True) -> str:
    """Approve at *address* as a browser does; where it ended, or "" where nobody answers any more."""
    try:
        return approve(address, visit=to_the_end)
    except (PageRefused, httpx2.HTTPError, KeyswitchError):
        return ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _written_down(path: Path) -> Iterator[tuple[str, str]]:
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            name, value = json.loads(line)
            yield name, value
