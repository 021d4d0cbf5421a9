"""How much of keyswitch's own code a switch, a message, a renewal and a sign-in go through.

A profile hook counts, in the second run of each trip over the sandbox, what is entered of the four layers and the
launcher, the sandbox apart. Nothing is timed: a busy machine moves the calls by a few, and no other figure.

    python -m tests.benchmarks.trips [TRIP]     prints the figures, and the functions that TRIP enters, by file
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final
from uuid import uuid4

from adapters.config.settings_reader import read_settings
from adapters.providers.profile import load_profile
from adapters.session_store.document import parse_store
from domain.conversation import Conversation
from domain.conversations.thread import Thread
from domain.provider import Provider
from domain.selection import Selection
from domain.switching import SwitchTo
from entrypoints.sandboxed import open_sandbox
from entrypoints.services import Services
from tests.benchmarks.measuring import ROOT, Row
from tests.support.approving_person import sign_in

_OWN: Final = ("domain/", "application/", "adapters/", "entrypoints/", "keyswitch.py")
_SANDBOX: Final = ("adapters/sandbox/", "entrypoints/sandboxed.py")
_PARSES: Final = frozenset({parse_store.__wrapped__.__code__})
_CHECKS: Final = frozenset({read_settings.__code__, load_profile.__code__})


@dataclass(frozen=True, slots=True)
class Bar:
    """What a trip may take at most; None where nothing was promised."""

    files: int | None = None
    parses: int | None = None
    checks: int | None = None

    def __str__(self) -> str:
        limits = {"files": self.files, "parsed": self.parses, "checked": self.checks}
        return ", ".join(f"≤ {limit} {what}" for what, limit in limits.items() if limit is not None) or "none"


BARS: Final = {
    "switch": Bar(),
    "message": Bar(checks=0),
    "renewal": Bar(files=35, parses=3),
    "sign-in": Bar(files=45, checks=1),
}
_BEFORE: Final = {
    "switch": "675 / 164 / 37, 1 parsed, 1 checked",
    "message": "1,488 / 166 / 42, 0 parsed, 1 checked",
    "renewal": "2,493 / 304 / 57, 5 parsed, 1 checked",
    "sign-in": "2,376 / 363 / 70, 5 parsed, 4 checked",
}
"""The figures before the trips were made straight, counted in the same way."""


@dataclass(frozen=True, slots=True)
class Trip:
    """What one trip entered."""

    calls: Counter[CodeType]
    """How often each function was entered. A generator is entered anew each time that it goes on. Lambdas,
    comprehensions and generator expressions are part of the function around them."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files that were entered, by their paths in the repository."""
        return tuple(sorted({_path(code) for code in self.calls}))

    @property
    def parses(self) -> int:
        """How often a version of `auth.json` was parsed; bytes that are known already are not parsed again."""
        return sum(self.calls[code] for code in _PARSES)

    @property
    def checks(self) -> int:
        """How often the config was validated: its settings, or the table of one provider."""
        return sum(self.calls[code] for code in _CHECKS)

    def keeps_to(self, bar: Bar) -> bool:
        """Whether no figure is above its limit."""
        figures = ((len(self.files), bar.files), (self.parses, bar.parses), (self.checks, bar.checks))
        return all(limit is None or figure <= limit for figure, limit in figures)

    def __str__(self) -> str:
        entered = f"{self.calls.total():,} / {len(self.calls)} / {len(self.files)}"
        return f"{entered}, {self.parses} parsed, {self.checks} checked"


class _Watch:
    """The profile hook: it notes what is entered, in every thread, while a trip is under way."""

    def __init__(self) -> None:
        self._calls: Counter[CodeType] | None = None
        self._own: dict[CodeType, bool] = {}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        calls, code = self._calls, frame.f_code
        if calls is None or event != "call":
            return
        if code not in self._own:
            self._own[code] = _is_own(code)
        if self._own[code]:
            calls[code] += 1

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Watch this thread, and those that begin from now on."""
        before, of_threads = sys.getprofile(), threading.getprofile()
        sys.setprofile(self)
        threading.setprofile(self)
        try:
            yield
        finally:
            threading.setprofile(of_threads)
            sys.setprofile(before)

    async def during(self, trip: Callable[[], Awaitable[object]]) -> Trip:
        """What *trip* calls, and the files that it enters."""
        self._calls = calls = Counter[CodeType]()
        try:
            await trip()
        finally:
            self._calls = None
        return Trip(calls)


def _is_own(code: CodeType) -> bool:
    path = _path(code)
    return path.startswith(_OWN) and not path.startswith(_SANDBOX) and not code.co_name.startswith("<")


def _path(code: CodeType) -> str:
    path = Path(code.co_filename)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""


def measured(home: Path) -> dict[str, Trip]:
    """The four trips by name, over a sandbox and its *home*, which is made."""
    watch = _Watch()
    with watch.installed(), open_sandbox(home, {}, chunk_delay=0.0) as sandbox:
        return asyncio.run(_second_runs(watch, sandbox.services()))


async def _second_runs(watch: _Watch, services: Services) -> dict[str, Trip]:
    for provider in Provider:
        await sign_in(services, provider)
    selection = (await _switched(services)).selection
    thread = Thread(Conversation(uuid4().hex, services.light.clock.now()))
    trips: dict[str, Callable[[], Awaitable[object]]] = {
        "switch": lambda: _switched(services),
        "message": lambda: _answered(services, thread, selection),
        "renewal": lambda: services.renewal(selection.credential.key, force=True),
        "sign-in": lambda: sign_in(services, Provider.CLAUDE),
    }
    found: dict[str, Trip] = {}
    for name, trip in trips.items():
        if name != "sign-in":
            await trip()
        else:
            await services.sign_out(Provider.CLAUDE)  # it was the first run; a second would end a session as well
        found[name] = await watch.during(trip)
    await services.close()
    return found


async def _switched(services: Services) -> SwitchTo:
    outcome = await asyncio.to_thread(services.light.auth.switch_provider, "claude-opus-4.1")
    assert isinstance(outcome, SwitchTo)
    return outcome


async def _answered(services: Services, thread: Thread, selection: Selection) -> None:
    async for _ in services.send(thread, "hello", selection):
        pass


def trips(folder: Path) -> Iterator[Row]:
    """A row for each trip: calls, functions and files entered."""
    for name, trip in measured(folder / "trips").items():
        bar = BARS[name]
        what = f"{name}: calls / functions / files"
        yield Row(what, str(trip), f"before: {_BEFORE[name]}", str(bar), trip.keeps_to(bar))


def _report(wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, trip in measured(Path(folder) / "home").items():
            print(f"{name}: {trip}")  # noqa: T201 - a report
            for path in trip.files if name in wanted else ():
                codes = sorted((code for code in trip.calls if _path(code) == path), key=lambda code: code.co_name)
                print(f"  {path}: {', '.join(f'{code.co_name} {trip.calls[code]}' for code in codes)}")  # noqa: T201 - a report


if __name__ == "__main__":
    _report(sys.argv[1:])
