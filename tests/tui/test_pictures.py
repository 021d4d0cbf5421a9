"""The pictures of the chat in the documentation are what the app shows; KEYSWITCH_UPDATE_PICTURES=1 draws them anew."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
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


async def test_the_pictures_of_the_chat_are_what_the_app_shows(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await chat(pilot)
        await shows_the_picture(pilot, PICTURES / "chat-100x30.svg")
        app_of(pilot).appearance.background(True)  # it answers late: what is on the screen was drawn dark
        await settled(pilot)
        await shows_the_picture(pilot, PICTURES / "chat-light-100x30.svg")


async def shows_the_picture(pilot: Pilot[int], path: Path) -> None:
    """Compare the screen with the picture at *path*, or draw it anew."""
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    await pilot.pause()
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
