"""A bug in the app ends it with exit code 70, the draft given back, and no value of anything on the terminal."""

from __future__ import annotations

import asyncio
import gc
import io
import warnings
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import pytest
from rich.console import Console
from textual.app import App, ComposeResult, RenderResult
from textual.css.query import NoMatches
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.provider import Provider
from entrypoints.crash_report import CRASHED
from entrypoints.tui.app import KeyswitchApp
from tests.support.credentials import a_session
from tests.support.kept import PARSER, keep
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import settled

TOKEN = "fake-token-abcdefgh-1234"


class Rendering(Exception):
    """Offers to draw itself."""

    def __rich__(self) -> str:
        return TOKEN


def bug(error: Exception | None = None) -> NoReturn:
    secret = TOKEN  # what Textual's own report would show
    raise error or ValueError(secret)


class Broken(Widget):
    def render(self) -> RenderResult:
        bug()


class BrokenScreen(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("fine", markup=False)
        bug()


async def async_bug() -> None:
    bug()


SITES: dict[str, Callable[[App[int]], object]] = {
    "a callback": lambda app: app.call_later(bug),
    "a timer": lambda app: app.set_timer(0.01, bug),
    "a worker": lambda app: app.run_worker(async_bug()),
    "a thread": lambda app: app.run_worker(bug, thread=True),
    "a screen": lambda app: app.push_screen(BrokenScreen()),
    "a drawing": lambda app: app.mount(Broken()),
    "an error that draws itself": lambda app: app.call_later(bug, Rendering(TOKEN)),
    "a group of errors": lambda app: app.call_later(bug, ExceptionGroup(TOKEN, [ValueError(TOKEN)])),
}


async def crash(app: App[int], site: Callable[[App[int]], object]) -> str:
    """What is on the terminal after a bug at *site*, while something is typed."""
    printed = io.StringIO()
    app.error_console = Console(file=printed, width=100)
    with pytest.raises(Exception):  # noqa: B017,PT011 - the pilot hands the bug on, whichever it is
        await _typing_until_it_is_over(app, site)
    return printed.getvalue()


async def _typing_until_it_is_over(app: App[int], site: Callable[[App[int]], object]) -> None:
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press(*"draft")
        site(app)
        await app._exception_event.wait()


def an_app() -> KeyswitchApp:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue()).app()


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
async def test_a_bug_is_told_by_its_place_and_the_draft_is_given_back(site: Callable[[App[int]], object]) -> None:
    app = an_app()
    printed = await crash(app, site)
    assert app.return_code == CRASHED
    assert "keyswitch met a bug of its own" in printed
    assert "at tests/tui/test_crashing.py:" in printed
    assert "Your text, not sent:\ndraft" in printed
    assert TOKEN not in printed


async def test_textual_would_show_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same app without its own way to end."""
    monkeypatch.delattr(KeyswitchApp, "_handle_exception")
    assert TOKEN in await crash(an_app(), SITES["a callback"])


async def test_what_looks_for_a_widget_while_the_app_ends_is_no_bug() -> None:
    app = an_app()

    async def late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            bug(NoMatches("its screen is gone"))

    async with app.run_test() as pilot:
        await settled(pilot)
        app.run_worker(late())
        await pilot.pause()
        app.exit(0)
    assert (app.return_code, app._exception) == (0, None)


async def test_what_never_starts_since_the_app_ends_leaves_nothing_behind() -> None:
    world = TuiWorld(a_session(Provider.CLAUDE), settings=selecting("claude-opus-4.1", AuthMode.CLAUDE))
    keep(world.conversations)
    app = world.app(resume=PARSER)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        async with app.run_test() as pilot:
            await settled(pilot)
            chat = app.controller
            wishes = (
                *(partial(app.say, "A note"), partial(app.copy, "text", "Text"), app.chat.transcript.go_to_end),
                *(chat.past.poll, chat.edit, chat.retry, partial(chat.attach, "a.txt"), chat.diagnose),
                *(chat.outbox.begin, chat.outbox.show, partial(chat.kept.open_numbered, 2), chat.kept.bring_back),
                *(partial(chat.preferring.use_mouse, "on"), partial(chat.select, "claude-opus-4.1"), chat.begin_anew),
            )
            chat.thread.stamp = object()  # as if another window had written
            for wish in wishes:
                wish()
            app.exit(0)
            app.workers.cancel_all()  # none of them has started
        del wish, wishes
        gc.collect()
    assert [str(one.message) for one in told] == []
