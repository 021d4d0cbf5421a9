"""Tasks of one event loop, and threads with event loops of their own, that need one session ask for it once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.errors import SessionEnded
from domain.provider import Provider
from domain.session import Credential, Session
from tests.faults.wrong_coordinators import coordinator
from tests.support.fault_scale import scaled
from tests.support.shared_home import SharedHome, shared_home
from tests.support.shifted_clock import ShiftedClock

TASKS, THREADS, ROUNDS = 500, 16, 20
TASKS_OF_A_THREAD = 8

A_LIFE = timedelta(seconds=3700)
"""Longer than any access token of these tests lasts."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SharedHome[ShiftedClock]]:
    """Three providers that rotate, end a sign-in at a reuse, and take a tenth of a second to renew."""
    clock = ShiftedClock()
    lives = dict.fromkeys(map(str, Provider), 3600)
    settings = SandboxSettings(access_seconds=lives, clock=clock.unix, gemini_rotates=True)
    with Sandbox(settings=settings) as sandbox:
        made = shared_home(tmp_path / "home", sandbox, clock)
        for provider in Provider:
            sandbox.faults.add(provider.value, "refresh", faults.slow(0.1), times=None)
        yield made


def test_tasks_and_threads_of_one_process_ask_each_provider_once_a_round(home: SharedHome[ShiftedClock]) -> None:
    windows = [Window(home, TASKS_OF_A_THREAD) for _ in range(THREADS)] + [Window(home, TASKS)]
    for _ in range(scaled(ROUNDS)):
        given = a_round(home, windows)
        assert asked(home) == {provider.value: 1 for provider in Provider}
        assert len(given) == len(Provider)
        assert given <= home.live()
    for window in windows:
        window.close()


def test_a_coordinator_without_a_lock_is_caught(home: SharedHome[ShiftedClock]) -> None:
    windows = [Window(home, tasks=3, renews="without lock") for _ in range(THREADS)]
    with pytest.raises(SessionEnded):
        a_round(home, windows)
    assert min(asked(home).values()) > 1
    for window in windows:
        window.close()


def a_round(home: SharedHome[ShiftedClock], windows: list[Window]) -> set[str]:
    """Let everything expire and all *windows* ask at once; the fingerprints of the tokens that they were given."""
    home.clock.offset += A_LIFE
    home.sandbox.log.clear()
    together = threading.Barrier(len(windows))
    with ThreadPoolExecutor(len(windows)) as pool:
        asking = [pool.submit(window.ask, together) for window in windows]
        return {session.access_token.fingerprint for window in asking for session in window.result()}


class Window:
    """One event loop with a coordinator of its own over the shared home."""

    def __init__(self, home: SharedHome[ShiftedClock], tasks: int, *, renews: str = "real") -> None:
        self._keys = [key for key in home.keys.values() for _ in range(-(-tasks // len(Provider)))]
        self._renewal = coordinator(renews, home.parts)
        self._runner = asyncio.Runner()

    def ask(self, together: threading.Barrier) -> list[Session]:
        """In a thread: all tasks at once, when all threads have come so far."""
        together.wait(60)
        credentials = self._runner.run(self._all())
        return [credential for credential in credentials if isinstance(credential, Session)]

    async def _all(self) -> list[Credential]:
        return list(await asyncio.gather(*(self._renewal(key) for key in self._keys)))

    def close(self) -> None:
        """End the event loop."""
        self._runner.close()


def asked(home: SharedHome[ShiftedClock]) -> dict[str, int]:
    """How many renewals each provider was asked for."""
    return {provider.value: home.sandbox.log.count(provider.value, "refresh") for provider in Provider}
