"""What every terminal must be able to show: little room, a crash."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from textual.worker import WorkerFailed

from adapters.catalogue.builtin import load_catalogue
from application.settings import Looks
from domain.auth_mode import AuthMode
from domain.provider import Provider
from entrypoints.crash_report import CRASHED
from entrypoints.tui.app import KeyswitchApp
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


@pytest.mark.parametrize("size", [(39, 20), (60, 11)])
async def test_below_the_least_size_one_line_says_so(world: TuiWorld, start: Start, size: tuple[int, int]) -> None:
    async with start(world, size=size) as pilot:
        assert "keyswitch needs 40x12" in screen_text(pilot.app)
        await pilot.press(*"kept")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "kept" in screen_text(pilot.app)


async def test_at_the_least_size_status_line_and_field_are_there(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(40, 12)) as pilot:
        await pilot.press(*"hello")
        seen = screen_text(pilot.app)
        assert "hello" in seen
        assert "Claude Opus 4.1" in seen
        for key in ("f1", "f2", "f3"):
            await pilot.press(key)
            await settled(pilot)
            assert "Esc" in screen_text(pilot.app).splitlines()[-2] + screen_text(pilot.app).splitlines()[-3]
            await pilot.press("escape")
            await pilot.pause()


async def test_a_light_theme_can_be_chosen(start: Start) -> None:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE, ui=Looks(theme="light"))
    world = TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())
    async with start(world) as pilot:
        assert pilot.app.theme == "keyswitch-light"


async def test_notices_of_the_config_are_said_once(start: Start) -> None:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE, notices=("using_chatgpt_auth was migrated.",))
    world = TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())
    async with start(world) as pilot:
        app_of(pilot).read_again()
        await settled(pilot)
        assert screen_text(pilot.app).count("using_chatgpt_auth was migrated.") == 1


async def crash(app: KeyswitchApp) -> None:
    """Send a message that ends in a fault, and begin another one."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press(*"first", "enter", *"draft")
        await settled(pilot)


async def test_a_crash_shows_no_value_of_any_variable_and_gives_the_draft_back(
    world: TuiWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chat.answers = [(ZeroDivisionError("sk-fake-in-the-message"),)]
    app = world.app()
    printed = io.StringIO()
    app.error_console = Console(file=printed, width=100)
    with pytest.raises(WorkerFailed):
        await crash(app)
    assert app.return_code == CRASHED
    seen = printed.getvalue() + capsys.readouterr().err
    assert "keyswitch met a bug of its own (ZeroDivisionError)." in seen
    assert "ZeroDivisionError" in seen
    assert "sk-fake-in-the-message" not in seen
    assert "fake-access" not in seen
