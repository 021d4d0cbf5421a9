"""A window that nobody uses hardly wakes the machine, and still finds what others change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual import events
from textual.message_pump import MessagePump
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.provider import Provider
from entrypoints.tui.app import KeyswitchApp
from entrypoints.tui.background import LOOKS_BEFORE_REST, OFTEN, READ_AGAIN_AFTER, SELDOM
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

AT_MOST = 1.0
"""Wakeups in a second."""

WITHIN = 1.0
"""Seconds, at the median, until another window's change shows, as tests/e2e/test_side_by_side.py has it."""


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


def beats(app: KeyswitchApp) -> list[float]:
    """The intervals, in seconds, of all timers of *app* that run and have no end."""
    pumps: list[MessagePump] = [app, *app.screen_stack, *(one for screen in app.screen_stack for one in screen.query())]
    timers: list[Any] = [timer for pump in pumps for timer in pump._timers]  # Textual gives `_repeat` a narrower type
    running = [timer for timer in timers if timer._repeat is None and timer._active.is_set() and timer._task]
    return sorted(timer._interval for timer in running)


def rest(app: KeyswitchApp) -> None:
    """Let ten seconds pass in which nothing happens."""
    for _ in range(LOOKS_BEFORE_REST):
        app.pulse.beat()


async def test_after_ten_seconds_it_wakes_less_than_once_a_second_until_somebody_is_there(
    world: TuiWorld, start: Start
) -> None:
    assert pytest.approx(10) == LOOKS_BEFORE_REST * OFTEN
    assert SELDOM / 2 < WITHIN
    async with start(world) as pilot:
        app, field = app_of(pilot), app_of(pilot).chat.composer
        field.cursor_blink = True  # as it does outside of tests
        await pilot.press("a", "backspace")  # the lists of models are read for somebody who types
        busy = beats(app)
        assert busy.count(OFTEN) == 2, "the field's cursor, and the look for changes"

        for somebody in (events.AppFocus(), events.Paste("a word"), events.Key("b", "b")):
            rest(app)
            await settled(pilot)
            assert sum(1 / seconds for seconds in beats(app)) < AT_MOST, beats(app)
            assert not field.cursor_blink
            assert field._draw_cursor, "it is still seen"
            app.post_message(somebody)
            await settled(pilot)
            assert beats(app) == busy, somebody
            assert field.cursor_blink
        assert app.draft == "a wordb"


async def test_a_field_of_any_screen_rests_and_goes_on_alone(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("a", "backspace")
        app, busy = app_of(pilot), beats(app_of(pilot))
        await pilot.press("f2")
        await settled(pilot)
        field = pilot.app.screen.query_one(Input)
        field.focus()
        await settled(pilot)
        rest(app)
        await settled(pilot)
        assert sum(1 / seconds for seconds in beats(app)) < AT_MOST, beats(app)
        app.pop_screen()  # while nobody is there
        field.screen.set_focus(None)
        await settled(pilot)
        app.pulse.beat()
        await pilot.press("x")
        assert beats(app) == busy
        assert field.cursor_blink
        assert not field._blink_timer or not field._blink_timer._active.is_set()


async def test_at_rest_another_windows_change_and_the_end_of_a_session_are_found(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        app = app_of(pilot)
        app.chat.composer.cursor_blink = True
        rest(app)
        before = beats(app)
        world.sessions.save(a_session(Provider.CHATGPT), activate=True)
        app.pulse.beat()
        await settled(pilot)
        assert "ChatGPT ✅" in screen_text(pilot.app)
        assert beats(app)[0] == OFTEN < before[0], "changes come in groups"
        assert not app.chat.composer.cursor_blink, "but nobody is there"

        rest(app)
        read = app._readings
        app.pulse.beat()
        assert app._readings == read
        world.clock.advance(timedelta(seconds=READ_AGAIN_AFTER))
        app.pulse.beat()
        assert app._readings == read + 1
        await settled(pilot)
