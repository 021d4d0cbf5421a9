"""The app in a terminal of its own, with the clock of the tests on its screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from entrypoints.tui.app import KeyswitchApp
from tests.support.app_idle import Idle
from tests.support.tui_world import TuiWorld

Start = Callable[..., AbstractAsyncContextManager[Pilot[int]]]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of day read the same on every machine."""
    monkeypatch.setenv("TZ", "UTC")
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What most people have, wherever the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause of the pilot, and a key that it presses, wait for threads as well, and on a busy machine."""
    waiting = Idle()
    loop = asyncio.BaseEventLoop
    monkeypatch.setattr(loop, "run_in_executor", waiting.seen_by(loop.run_in_executor))
    monkeypatch.setattr("textual.pilot.wait_for_idle", waiting)
    monkeypatch.setattr("textual.app.wait_for_idle", waiting)


@pytest.fixture(autouse=True)
def no_end_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that sends signals sends them to all that run in this process."""
    monkeypatch.setattr("entrypoints.signals.LEAVE", lambda _: None)


@pytest.fixture
def start() -> Start:
    """How a test runs the app; it goes on once the sign-ins are read."""

    @asynccontextmanager
    async def started(
        world: TuiWorld, *, size: tuple[int, int] = (100, 30), **options: Any
    ) -> AsyncIterator[Pilot[int]]:
        app = world.app(**options)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            app.chat.composer.cursor_blink = False  # below a dialog its cursor stops as it stands at that moment
            yield pilot

    return started


async def settled(pilot: Pilot[int]) -> None:
    """Wait until nothing is under way that ends by itself."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def app_of(pilot: Pilot[int]) -> KeyswitchApp:
    """The app, by its own type."""
    assert isinstance(pilot.app, KeyswitchApp)
    return pilot.app
