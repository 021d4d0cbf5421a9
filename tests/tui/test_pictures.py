"""The pictures in the documentation are what the app shows; KEYSWITCH_UPDATE_PICTURES=1 draws them anew."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from entrypoints.tui.screens import login_dialog
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import picture
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"

ANSWER = """The base case compares the wrong token: `peek()` returns the *next* one.

```python
def expr(self, depth=0):
    if self.peek().kind is END:
        return self.node
```
"""


async def send(pilot: Pilot[int], text: str) -> None:
    app_of(pilot).chat.composer.write(text)
    await pilot.press("enter")


async def chat(pilot: Pilot[int]) -> None:
    await send(pilot, "Why does this recurse forever?")
    await settled(pilot)
    await send(pilot, "/model claude-opus-4.1")
    await settled(pilot)
    await send(pilot, "Is that also safe when the input is empty?")
    await settled(pilot)


async def picker(pilot: Pilot[int]) -> None:
    await pilot.press("f2")
    await settled(pilot)


async def palette(pilot: Pilot[int]) -> None:
    await pilot.press("ctrl+p")
    await settled(pilot)


async def login(pilot: Pilot[int]) -> None:
    await send(pilot, "/login gemini")
    await pilot.pause()
    await pilot.pause()


async def sign_in_needed(pilot: Pilot[int]) -> None:
    await send(pilot, "/model gemini-3-pro")
    await settled(pilot)


SCREENS: dict[str, Callable[[Pilot[int]], Awaitable[None]]] = {
    "chat": chat,
    "picker": picker,
    "palette": palette,
    "login": login,
    "login-needed": sign_in_needed,
}


@pytest.fixture
def world() -> TuiWorld:
    sessions = (
        a_session(Provider.CHATGPT, sign_in_expires_at=NOON + timedelta(days=7)),
        a_session(Provider.CLAUDE),
    )
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(*sessions, settings=settings, catalogue=load_catalogue())
    world.environment.hold(Provider.CLAUDE)
    world.chat.answers = [
        (TextDelta(ANSWER), Done(StopReason.END, Usage(1900, 220))),
        (TextDelta("Almost. With empty input the first call returns at once."), Done(StopReason.END, Usage(2300, 410))),
    ]
    return world


@pytest.mark.parametrize("size", [(100, 30), (60, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_the_picture_in_the_documentation_is_what_the_app_shows(
    name: str, size: tuple[int, int], world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_dialog, "TICK_SECONDS", 3600.0)  # a countdown that runs is another picture each second
    path = PICTURES / f"{name}-{size[0]}x{size[1]}.svg"
    async with start(world, size=size) as pilot:
        await SCREENS[name](pilot)
        await shows_the_picture(pilot, path)


async def test_the_picture_of_a_light_terminal_is_what_the_app_shows(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await chat(pilot)
        app_of(pilot).appearance.background(True)  # it answers late: what is on the screen was drawn dark
        await settled(pilot)
        await shows_the_picture(pilot, PICTURES / "chat-light-100x30.svg")


async def shows_the_picture(pilot: Pilot[int], path: Path) -> None:
    """Compare the screen with the picture at *path*, or draw it anew."""
    kept, drawn = _kept(path), picture(pilot.app, "keyswitch")
    for _ in range(100):  # on a busy machine the last paint, Markdown's, comes a few turns of the loop later
        if kept == drawn:
            break
        await pilot.pause(0.05)
        drawn = picture(pilot.app, "keyswitch")
    if os.environ.get("KEYSWITCH_UPDATE_PICTURES") == "1":
        _keep(path, drawn)
    assert _kept(path) == drawn


def _kept(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _keep(path: Path, drawn: str) -> None:
    path.write_text(drawn, encoding="utf-8")
