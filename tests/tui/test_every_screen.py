"""A walk over every screen: plain ASCII and no colour where that is asked for; all of it in 40x12."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, ReasoningDelta, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from entrypoints.tui.entries import Entries
from tests.support.credentials import a_session
from tests.support.screen_text import drawn, screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

MARKDOWN = (
    "# Title\n\n- one\n- two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n```python\nx = 'code'\n```\n\n"
    "[a link](https://example.test) and `code`\n"
)

OPENED: dict[str, tuple[str, ...] | str] = {
    "the models": ("f2",),
    "a model that needs a sign-in": "/model gemini-3-pro",
    "the help": ("f1",),
    "the accounts": ("f3",),
    "the conversations": ("f4",),
    "the palette": ("ctrl+p",),
    "earlier messages": ("ctrl+r",),
    "a block": ("alt+up",),
    "commands": ("/",),
    "files": ("@",),
    "the outbox": "/outbox",
    "a sign-in": "/login gemini",
    "a sign-out": "/logout claude",
    "a key": "/login --api-key --provider=claude",
}
"""Each by keys, or by a command."""


LISTS = ("the models", "a model that needs a sign-in", "the conversations", "the palette", "earlier messages")


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(
        a_session(Provider.CLAUDE), a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue()
    )


async def asked(pilot: Pilot[int], world: TuiWorld, answer: str) -> None:
    world.chat.answers = [(ReasoningDelta("First I look."), TextDelta(answer), Done(StopReason.END, Usage(12, 5)))]
    app_of(pilot).chat.composer.write("hello")
    await pilot.press("enter")
    await settled(pilot)


async def walk(pilot: Pilot[int]) -> AsyncIterator[str]:
    """The name of each screen, while it is in front."""
    app = app_of(pilot)
    yield "the conversation"
    await pilot.press("ctrl+t")
    yield "thoughts"
    for name, way in OPENED.items():
        if isinstance(way, str):
            app.chat.composer.write(way)
        await pilot.press(*(("enter",) if isinstance(way, str) else way))
        await shown(pilot)
        yield name
        await left(pilot, app.chat)
    app.push_screen(Entries(app).client(Provider.GEMINI))
    await shown(pilot)
    yield "a client"
    await pilot.press("f1")
    await shown(pilot)
    yield "how to get a client"
    await left(pilot, app.chat)


async def shown(pilot: Pilot[int]) -> None:
    """Wait for what ends by itself; a sign-in waits for a person."""
    for _ in range(3):
        await pilot.pause()


async def left(pilot: Pilot[int], chat: Screen[None]) -> None:
    for _ in range(3):
        if pilot.app.screen is chat:
            break
        await pilot.press("escape")
        await shown(pilot)
    composer = app_of(pilot).chat.composer
    if not composer.has_focus:
        await pilot.press("escape")  # from the choice of a block
    composer.clear()
    await pilot.pause()


def styles(pilot: Pilot[int]) -> list[Style]:
    """Those of all that is drawn."""
    strips = pilot.app.screen._compositor.render_strips()
    return [segment.style for strip in strips for segment in strip if segment.style]


async def test_every_screen_is_plain_ascii_without_colour_where_that_is_asked_for(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    seen: dict[str, str] = {}
    strange: list[tuple[str, str]] = []
    coloured: list[tuple[str, str]] = []
    unmarked: list[str] = []
    async with start(world, ascii=True) as pilot:
        await asked(pilot, world, MARKDOWN)
        async for name in walk(pilot):
            seen[name] = screen_text(pilot.app)
            strange += [(name, sign) for sign in drawn(pilot.app) if not sign.isascii()]
            coloured += [(name, str(style)) for style in styles(pilot) if style.color or style.bgcolor]
            if name in LISTS and not any(style.reverse for style in styles(pilot)):
                unmarked.append(name)
    assert strange == []
    assert coloured == []
    assert unmarked == [], "without colour, the chosen row can be told by nothing there"
    assert "Gemini [!] login" in seen["the conversation"]
    assert "* two" in seen["the conversation"]
    assert "[ok] Active" in seen["the models"]


FLAGS = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1ee\U0001f1f9"

WIDE = f"{FLAGS * 12}\n\n{'漢字仮名' * 14}\n\n| 漢 | {FLAGS} |\n|---|---|\n| a | 漢字 |\n\n```\nx = 漢字{FLAGS}\n```\n"


def torn(pilot: Pilot[int]) -> list[str]:
    """The rows with half a wide sign, or half a flag."""
    rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
    halves = [row for row in rows if any(len(run) % 2 for run in re.findall("[\U0001f1e6-\U0001f1ff]+", row))]
    return halves + [row for row in rows if cell_len(row) != pilot.app.size.width]


async def test_on_the_smallest_window_every_screen_names_the_way_back_and_nothing_is_torn(
    world: TuiWorld, start: Start
) -> None:
    no_way_back: list[str] = []
    rows_torn: list[tuple[str, list[str]]] = []
    seen: dict[str, str] = {}
    async with start(world) as pilot:
        await asked(pilot, world, WIDE)
        before = screen_text(pilot.app)
        rows_torn.append(("before", torn(pilot)))
        await pilot.resize_terminal(40, 12)
        await settled(pilot)
        async for name in walk(pilot):
            seen[name] = screen_text(pilot.app)
            rows_torn.append((name, torn(pilot)))
            rows = [row for row in seen[name].splitlines() if row.strip()]
            if isinstance(pilot.app.screen, ModalScreen) and "Esc" not in "".join(rows[-5:-1]):
                no_way_back.append(name)
        await pilot.press("f2")
        await pilot.resize_terminal(39, 12)
        await settled(pilot)
        too_small = screen_text(pilot.app)
        await pilot.resize_terminal(100, 30)
        await settled(pilot)
        await pilot.press(*"flash")
        filtered = screen_text(pilot.app)
        await pilot.press("escape", "ctrl+t")
        await settled(pilot)
        after = screen_text(pilot.app)
    assert no_way_back == []
    assert [(name, rows) for name, rows in rows_torn if rows] == []
    assert after == before
    assert "✅ Active" in seen["the models"], "a list without rows"
    assert "Enter use" in seen["the models"]
    assert "Esc back" in seen["a block"]
    assert too_small.replace("─", "").split() == ["keyswitch", "needs", "40x12"]
    assert "Flash" in filtered, "the list was there all the time, and kept the keys"
