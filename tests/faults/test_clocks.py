"""Clocks that are wrong, jump, stop or sleep cause no loop of renewals, end no session and confuse no display."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from adapters.system.clock import SystemClock
from domain.errors import AuthRejected, SignInError
from domain.provider import Provider
from domain.session import Credential, Session
from entrypoints.words.accounts import clock_words, status_line
from tests.support.command import LAUNCHER
from tests.support.faulty_clock import FaultyClock
from tests.support.shared_home import SharedHome, shared_home

MINUTE, HOUR, DAY, YEAR = (timedelta(minutes=count) for count in (1, 60, 24 * 60, 365 * 24 * 60))

OFFSETS: Final = [sign * by for by in (timedelta(seconds=61), HOUR, DAY, YEAR, 10 * YEAR) for sign in (1, -1)]

Change = Callable[[FaultyClock], None]
JUMPS: Final[dict[str, dict[int, timedelta]]] = {
    "forth and back": {20: HOUR, 40: timedelta(0)},
    "back and forth": {20: -HOUR, 40: timedelta(0)},
    "far forth and back": {20: 10 * YEAR, 40: timedelta(0)},
    "far back and forth": {20: -10 * YEAR, 40: timedelta(0)},
    "five times": {20: 3 * MINUTE, 40: -3 * MINUTE, 60: 2 * MINUTE, 80: -2 * MINUTE, 100: timedelta(0)},
}
"""Minute to what the wall clock is ahead from then on."""

STARTS: Final = {
    "the clocks go forward in Berlin": datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    "the clocks go back in Berlin": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    "the 32 bits of 2038 run out": datetime(2038, 1, 19, 2, 30, tzinfo=UTC),
    "a leap day begins": datetime(2028, 2, 28, 23, 30, tzinfo=UTC),
}

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOST_RENEWALS: Final = 3
"""In two hours, at a provider whose access tokens last one."""

with_and_without_boot_clock = pytest.mark.parametrize("has_boot", [True, False], ids=["boot clock", "wall clock alone"])


@with_and_without_boot_clock
@pytest.mark.parametrize("offset", OFFSETS[:2], ids=str)
def test_a_clock_that_is_a_little_wrong_from_the_start_changes_nothing(
    offset: timedelta, has_boot: bool, tmp_path: Path
) -> None:
    with machine(FaultyClock(NOON, has_boot, ahead=offset), tmp_path) as used:
        used.for_two_hours()


@pytest.mark.parametrize("offset", OFFSETS[4:], ids=str)
def test_a_clock_that_is_far_off_is_named_when_a_sign_in_cannot_be_checked(offset: timedelta, tmp_path: Path) -> None:
    clock = FaultyClock(NOON, ahead=offset)
    with pytest.raises(SignInError, match="check this machine's clock"), machine(clock, tmp_path):
        pass


@with_and_without_boot_clock
@pytest.mark.parametrize("offset", OFFSETS, ids=str)
def test_a_clock_that_is_set_wrong_after_the_sign_in_causes_no_loop(
    offset: timedelta, has_boot: bool, tmp_path: Path
) -> None:
    with machine(FaultyClock(NOON, has_boot), tmp_path) as used:
        used.for_two_hours({10: ahead_by(offset)})


@pytest.mark.parametrize("offset", OFFSETS, ids=str)
def test_a_clock_that_is_set_wrong_is_named_by_status_after_the_next_renewal(offset: timedelta, tmp_path: Path) -> None:
    clock = FaultyClock(NOON)
    with machine(clock, tmp_path) as used:
        assert used.clock_words() == []
        clock.ahead = offset
        clock.passed += 12 * HOUR
        used.renew_everything()
        told = used.clock_words()
        clock.ahead = timedelta(0)
        clock.passed += 12 * HOUR
        used.renew_everything()
        assert used.clock_words() == [], "it is right again"
    if not 2 * MINUTE < abs(offset) <= 48 * HOUR:
        assert told == []
        return
    side = "ahead of" if offset > timedelta(0) else "behind"
    assert len(told) == 1
    assert f" {side} " in told[0]


@with_and_without_boot_clock
@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)
def test_a_clock_that_jumps_causes_no_loop(jumps: dict[int, timedelta], has_boot: bool, tmp_path: Path) -> None:
    with machine(FaultyClock(NOON, has_boot), tmp_path) as used:
        used.for_two_hours({minute: ahead_by(offset) for minute, offset in jumps.items()})


@with_and_without_boot_clock
def test_a_clock_that_stands_still_causes_no_loop(has_boot: bool, tmp_path: Path) -> None:
    with machine(FaultyClock(NOON, has_boot), tmp_path) as used:
        used.for_two_hours({10: stop})


@with_and_without_boot_clock
def test_a_machine_that_slept_for_eight_hours_renews_once_and_goes_on(has_boot: bool, tmp_path: Path) -> None:
    with machine(FaultyClock(NOON, has_boot), tmp_path) as used:
        used.for_two_hours({30: sleep})
        used.for_two_hours()


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_an_odd_moment_of_the_calendar_changes_nothing(
    start: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    with machine(FaultyClock(start), tmp_path) as used:
        used.for_two_hours()


@pytest.mark.parametrize("offset", ["+61s", "-26h", "+10y", "-10y"])
def test_the_real_command_under_another_clock_goes_on_and_says_nothing_odd(
    offset: str, tmp_path: Path, system_program: Callable[[str, str], str]
) -> None:
    """All clocks of the process are moved, as far as the C library serves them."""
    faketime = system_program("faketime", "faketime")
    with Sandbox() as sandbox:
        home = shared_home(tmp_path / "home", sandbox, SystemClock())
        moved = Moved(faketime, offset, home.folder)
        for _ in range(5):
            assert moved.run("refresh").returncode == 0
        status = moved.run("status", "--json")
        renewals = {provider: sandbox.log.count(provider.value, "refresh") for provider in Provider}
        assert status.returncode == 0
        assert max(renewals.values()) <= MOST_RENEWALS, renewals
        states = [entry["state"] for entry in json.loads(status.stdout)["providers"]]
        assert set(states) <= {"active", "logged_in", "due"}, states
        for provider in Provider:
            assert home.session(provider).access_token.fingerprint in home.live()


@dataclass(frozen=True)
class Moved:
    """The command as installed, under a clock that is off by *offset*."""

    faketime: str
    offset: str
    home: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.faketime, "-f", self.offset, sys.executable, str(LAUNCHER), *arguments],
            env={**os.environ, "CODE_HOME": str(self.home)},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


class Machine:
    """Somebody who asks each provider something every minute, on a machine with odd clocks."""

    def __init__(self, home: SharedHome[FaultyClock], clock: FaultyClock) -> None:
        self._home = home
        self._clock = clock
        self._parts = home.parts
        self._renewal = self._parts.renewal
        self._status = self._parts.auth.status
        self.failed: Counter[Provider] = Counter()

    def for_two_hours(self, changes: dict[int, Change] | None = None) -> None:
        """Use it so long, with *changes* to its clocks by the minute, and check what came of it."""
        self._home.sandbox.log.clear()
        asyncio.run(self._use(changes or {}))
        renewals = {provider: self._home.sandbox.log.count(provider.value, "refresh") for provider in Provider}
        assert max(renewals.values()) <= MOST_RENEWALS, renewals
        assert not self.failed, "every question was answered"
        for provider in Provider:
            assert self._home.session(provider).record.tombstone is None

    def renew_everything(self) -> None:
        """Ask for each session once."""
        for key in self._home.keys.values():
            asyncio.run(self._renewal(key))

    def clock_words(self) -> list[str]:
        """What the status says of this machine's clock."""
        return clock_words(self._status())

    async def _use(self, changes: dict[int, Change]) -> None:
        for minute in range(120):
            if minute in changes:
                changes[minute](self._clock)
            for provider in Provider:
                self.failed.update([provider] * (not await self._answered(provider)))
            self._check_display()
            self._clock.passed += MINUTE

    async def _answered(self, provider: Provider) -> bool:
        """Whether the provider takes what the coordinator hands out, after one renewal for a 401 at most."""
        session = await self._renewal(self._home.keys[provider])
        if self._takes(session):
            return True
        try:
            return self._takes(await self._renewal(self._home.keys[provider], rejected=session.record.generation))
        except AuthRejected:
            return False

    def _takes(self, session: Credential) -> bool:
        assert isinstance(session, Session)
        return session.access_token.fingerprint in self._home.live()

    def _check_display(self) -> None:
        report = self._status()
        for status in report.providers:
            line = status_line(status, report.at)
            assert status.signed_in, line
            number = re.search(r"in (-?\d+) (day|h)", line)
            assert "(renews itself)" in line or (number and 0 <= int(number[1]) <= 400), line


@contextmanager
def machine(clock: FaultyClock, folder: Path) -> Iterator[Machine]:
    """A machine with *clock* whose owner has just signed in at servers that know the time."""
    settings = SandboxSettings(clock=clock.unix, gemini_rotates=True)
    with Sandbox(settings=settings) as sandbox:
        yield Machine(shared_home(folder / "home", sandbox, clock), clock)


def ahead_by(offset: timedelta) -> Change:
    def change(clock: FaultyClock) -> None:
        clock.ahead = offset

    return change


def stop(clock: FaultyClock) -> None:
    """The wall clock stands still from now on."""
    clock.frozen_at = clock.now()


def sleep(clock: FaultyClock) -> None:
    """The machine sleeps for a night."""
    clock.passed += 8 * HOUR
    clock.asleep += 8 * HOUR
