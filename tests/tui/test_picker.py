"""The picker: what comes first, what a row shows, what is said below it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from entrypoints.tui.widgets.model_rows import PickerRow
from entrypoints.tui.widgets.row_list import RowList
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, settled


@pytest.fixture
def world() -> TuiWorld:
    sessions = (a_session(Provider.CHATGPT, sign_in_expires_at=NOON + timedelta(days=7)), an_api_key(Provider.CLAUDE))
    world = TuiWorld(*sessions, settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT), catalogue=load_catalogue())
    world.environment.hold(Provider.GEMINI)
    world.chat.answers = [(TextDelta("Yes."), Done(StopReason.END, Usage(1900, 220)))]
    return world


async def press(pilot: Pilot[int], *keys: str) -> list[str]:
    """The lines on the screen after *keys*."""
    await pilot.press(*keys)
    await settled(pilot)
    return [line.rstrip() for line in screen_text(pilot.app).splitlines()]


def rows_of(pilot: Pilot[int]) -> list[PickerRow]:
    models = pilot.app.screen.query_one(RowList)._models
    assert models is not None
    entries = (models[place] for place in models.places)
    return [entry for entry in entries if isinstance(entry, PickerRow)]


async def test_groups_rows_and_what_is_said_below_them(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(100, 90)) as pilot:
        await press(pilot, *"why?", "enter")
        lines = await press(pilot, "f2")
        headings = [line.strip() for line in lines if re.match(r" {3}[A-Z]{4}", line)]
        assert headings == [
            "FAVOURITES & RECENT",
            "CHATGPT · ana@example.test · expires in 7 days",
            "CLAUDE · …1234 · API key",
            "GEMINI · not logged in · Ctrl+L logs in, Ctrl+K takes an API key",
            "CLASSIC PRESETS",
        ]
        classic = lines[next(place for place, line in enumerate(lines) if "CLASSIC" in line) :]
        for row in (
            "Gemini 3 Pro → LMArena #1 $2/$12 ⚠️ Login required",
            "Claude Opus 4.1 → ultra premium $15/$75 ✅ Logged in",
            "GPT-5.1 Medium → default $1.25/$10 ✅ Active",
            "Claude Haiku 4.5 fast, simple tasks $1/$5 ✅ Logged in",
        ):
            assert any(row in " ".join(line.split()) for line in classic), row
        seen = "\n".join(lines)
        assert "GPT-5.1 Medium has left ChatGPT plans: GPT-6.1 Sol answers, paid by the plan (list $2/$10)" in seen
        assert "Handoff: 2 messages, 2.1k of 1.1M tokens fit" in seen
        assert "Pays: plan." in seen
        rows = {(row.group, row.preset.id): row for row in rows_of(pilot)}
        assert sum(group == "CLASSIC PRESETS" for group, _ in rows) == 13
        assert rows["CHATGPT", "gpt-6.1-sol"].covered
        assert not rows["CLAUDE", "claude-opus-5-5"].covered
        assert "GPT-5.1 Codex High was retired" in "\n".join(await press(pilot, "end"))
        assert "GPT-5.1 Medium has left ChatGPT plans" in "\n".join(await press(pilot, "home"))
        seen = "\n".join(await press(pilot, *"argon"))
        assert "Run /login --provider=gemini first. Enter logs in right here." in seen
        assert "Would pay: Google Cloud project. GEMINI_API_KEY is set; it will NOT be used." in seen


async def test_favourites_come_first_are_kept_and_stay_on_top_of_what_the_filter_finds(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        await press(pilot, "f2", *"op4", "ctrl+f")
        found = [row.label for row in rows_of(pilot)]
        assert found[0] == "Claude Opus 4.8"
        assert "Claude Opus 4.1" in found
        await press(pilot, "end", "ctrl+f")
        assert list(world.config.read().ui.favourites) == ["claude-opus-4-8", "claude-opus-4.1"]
        await press(pilot, *["backspace"] * 3, *"opus")
        assert [row.label for row in rows_of(pilot)][:3] == ["Claude Opus 4.8", "Claude Opus 4.1", "Claude Opus 5.5"]
        await press(pilot, *["backspace"] * 4)
        labels = [row.label for row in rows_of(pilot) if row.group == "FAVOURITES & RECENT"]
        assert labels == ["Claude Opus 4.8", "Claude Opus 4.1", "GPT-5.1 Medium"]
        await press(pilot, "home", "ctrl+f", "enter")
    assert list(world.config.read().ui.favourites) == ["claude-opus-4.1"]


async def test_what_was_really_selected_is_recent_and_usable_models_have_only_their_headings(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        await press(pilot, "f2", *"flash", "enter", "escape")  # nobody is signed in there
        await press(pilot, "f2", *"gpt-6-astra", "enter")
        await press(pilot, "f2")
        assert [row.label for row in rows_of(pilot)][:2] == ["GPT-6 Astra", "GPT-6.2 Astra"]
        lines = await press(pilot, "tab")
        assert not any("GEMINI" in line for line in lines[3:])
        assert any("Switch model and login · usable only · Tab: all" in line for line in lines)
