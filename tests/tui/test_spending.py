"""Money before it is spent, in a chat: what a switch costs, and what a limit holds back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from domain.spending.limits import Limits
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from tests.support.credentials import a_session, an_api_key
from tests.support.sample_files import a_file
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled
from tests.tui.test_pictures import PICTURES, shows_the_picture

TEXT = "It went on as it does. " * 5400
LOG = a_file("night.log", TEXT.encode())
"""Some 41,000 tokens, as they are estimated."""
ASKED = "Why did it fail last night?"


@pytest.fixture
def world() -> TuiWorld:
    """Signed in to Claude, with an API key of Gemini; the plan of ChatGPT is there, too."""
    return TuiWorld(
        a_session(Provider.CLAUDE),
        an_api_key(Provider.GEMINI),
        a_session(Provider.CHATGPT),
        settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT),
        catalogue=load_catalogue(),
    )


async def typed(pilot: Pilot[int], text: str) -> None:
    app_of(pilot).chat.composer.write(text)
    await pilot.press("enter")
    await settled(pilot)


def seen(pilot: Pilot[int]) -> str:
    return " ".join(screen_text(pilot.app).replace("│", " ").split())


ANEW = "41k tokens are read anew: about $0.21 at Claude Console, then $0.008 a turn; /model - goes back."


@pytest.mark.slow
@pytest.mark.parametrize("size", [(100, 30), (50, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_switch_says_what_it_costs_and_a_message_over_the_limit_waits_for_a_word(
    size: tuple[int, int], world: TuiWorld, start: Start
) -> None:
    world.chat.answers = [(TextDelta("It failed at 02:14."), Done(StopReason.END, Usage(input=31_000, output=12)))]

    async def shows(name: str) -> None:
        await shows_the_picture(pilot, PICTURES / f"{name}-{size[0]}x{size[1]}.svg")

    async with start(world, size=size) as pilot:
        app_of(pilot).chat.composer.cursor_blink = False
        app_of(pilot).controller.attaching.give_back((LOG,))
        await typed(pilot, ASKED)
        await typed(pilot, "/model claude-opus-5-5")
        assert ANEW in seen(pilot)
        await shows("switch-cost")

        world.config.spending = Limits(day=Decimal("0.30"))
        await typed(pilot, "And what failed before that?")
        assert "Over your limit" in seen(pilot)
        assert len(world.chat.requests) == 1
        await shows("held-back")
        await pilot.press("escape")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "And what failed before that?"

        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("enter")  # the first way: a shorter answer
        await settled(pilot)
        shorter = world.chat.requests[-1][0].max_output
        assert (len(world.chat.requests), shorter) == (2, 4600)
        assert app_of(pilot).chat.composer.text == ""

        world.config.spending = Limits(day=Decimal(0))
        await typed(pilot, "And then?")
        await pilot.press("s")
        await settled(pilot)
        assert (len(world.chat.requests), world.chat.requests[-1][0].max_output) == (3, None)
        await typed(pilot, "/allow")
        assert "No message is held back here." in seen(pilot)


def test_in_plain_mode_the_lines_name_the_commands(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.config.spending = Limits(day=Decimal("0.30"))
    lines = iter([TEXT, "/model claude-opus-5-5", "why?", "/allow 4600", "and then?", "/allow", "/allow", "/quit"])
    monkeypatch.setattr("builtins.input", lambda _="": next(lines))
    assert plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True)) == 0
    out = capsys.readouterr().out
    assert ANEW in out
    assert "is left of your limit of $0.30 a day (UTC). Nothing was sent. Your text is kept.\nRun /allow to send" in out
    assert "or /allow 4600 for a shorter answer." in out
    assert "No message is held back here." in out
    assert [request.max_output for request, _ in world.chat.requests] == [None, 4600, None]
