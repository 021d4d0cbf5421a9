"""A walk over every screen: plain ASCII and no colour where that is asked for; all of it in 40x12."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from application.ports.chat_client import Done, ReasoningDelta, TextDelta
from domain.conversation import StopReason, Usage
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.tui.screens.passphrase_dialog import PassphraseDialog
from tests.support.screen_text import drawn, screen_text
from tests.support.screen_tour import MARKDOWN, ONE_EACH, STOPS, Tour, stand_still, walk, world_of_the_tour
from tests.support.tui_world import TuiWorld
from tests.tui.conftest import Start, settled

pytestmark = pytest.mark.slow

OF_THE_CHAT: Final = ("commands", "files", "thoughts", "block")

WALKED: Final = (
    *(stop for stop in ONE_EACH if stop.kind not in (ChatScreen, PassphraseDialog)),
    *(stop for stop in STOPS if stop.name in OF_THE_CHAT),
)
"""Without the one that says something in the conversation when it is left."""

LISTS: Final = ("models", "conversations", "palette", "earlier-messages")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> TuiWorld:
    stand_still(monkeypatch, tmp_path)
    return world_of_the_tour()


async def asked(tour: Tour, answer: str) -> None:
    await tour.send("hello", ReasoningDelta("First I look."), TextDelta(answer), Done(StopReason.END, Usage(12, 5)))


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
        tour = Tour(pilot, world)
        await asked(tour, MARKDOWN)
        seen["conversation"] = screen_text(pilot.app)
        async for stop in walk(tour, WALKED):
            name = stop.name
            seen[name] = screen_text(pilot.app)
            strange += [(name, sign) for sign in drawn(pilot.app) if not sign.isascii()]
            coloured += [(name, str(style)) for style in styles(pilot) if style.color or style.bgcolor]
            if name in LISTS and not any(style.reverse for style in styles(pilot)):
                unmarked.append(name)
    assert strange == []
    assert coloured == []
    assert unmarked == [], "without colour, the chosen row can be told by nothing there"
    assert "Gemini [!] login" in seen["conversation"]
    assert "* two" in seen["conversation"]
    assert "[ok] Active" in seen["models"]


FLAGS = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1ee\U0001f1f9"

WIDE = f"{FLAGS * 12}\n\n{'漢字仮名' * 14}\n\n| 漢 | {FLAGS} |\n|---|---|\n| a | 漢字 |\n\n```\nx = 漢字{FLAGS}\n```\n"


def torn(pilot: Pilot[int]) -> list[str]:
    """The rows with half a wide sign, or half a flag."""
    rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
    halves = [row for row in rows if any(len(run) % 2 for run in re.findall("[\U0001f1e6-\U0001f1ff]+", row))]
    return halves + [row for row in rows if cell_len(row) != pilot.app.size.width]


def heads(pilot: Pilot[int]) -> list[str]:
    """What the dialog in front is called, if it is always called that."""
    return [str(title.content) for title in pilot.app.screen.query(".title") if isinstance(title, Static)]


async def test_on_the_smallest_window_every_screen_names_the_way_back_and_nothing_is_torn(
    world: TuiWorld, start: Start
) -> None:
    no_way_back: list[str] = []
    cut: list[tuple[str, str]] = []
    rows_torn: list[tuple[str, list[str]]] = []
    seen: dict[str, str] = {}
    async with start(world) as pilot:
        tour = Tour(pilot, world)
        await asked(tour, WIDE)
        before = screen_text(pilot.app)
        rows_torn.append(("before", torn(pilot)))
        await pilot.resize_terminal(40, 12)
        await settled(pilot)
        async for stop in walk(tour, WALKED):
            name = stop.name
            seen[name] = screen_text(pilot.app)
            rows_torn.append((name, torn(pilot)))
            cut += [(name, head) for head in heads(pilot) if head not in seen[name]]
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
    assert cut == [], "the head of a dialog"
    assert {name for name in LISTS if re.search(r"\d more (below|above)", seen[name])} == {
        "models",
        "palette",
        "earlier-messages",
    }
    assert "more below" in seen["help"]
    assert [(name, rows) for name, rows in rows_torn if rows] == []
    assert after == before
    assert "✅ Active" in seen["models"], "a list without rows"
    assert "Enter use" in seen["models"]
    assert "Esc back" in seen["block"]
    assert too_small.replace("─", "").split() == ["keyswitch", "needs", "40x12"]
    assert "Flash" in filtered, "the list was there all the time, and kept the keys"
