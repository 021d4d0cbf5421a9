"""No key is cut off or broken in two, whatever the width, and no line that a person needs."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.errors import Offline
from domain.provider import Provider
from entrypoints.chat.fitting import packed
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

WIDTHS = [120, 100, 80, 72, 60, 50]


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    return TuiWorld(a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())


def test_words_are_packed_into_lines_and_stay_whole() -> None:
    assert packed(["Esc back", "u use", "l log in"], " · ", 20) == ["Esc back · u use", "l log in"]
    assert packed(["Esc back", "u use"], " · ", 16) == ["Esc back · u use"]
    assert packed(["Esc back", "u use"], " · ", 0) == ["Esc back", "u use"]
    assert packed([], " · ", 20) == []


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_keys_of_the_list_of_models_are_whole(world: TuiWorld, start: Start, width: int) -> None:
    async with start(world, size=(width, 24)) as pilot:
        await pilot.press("f2")
        await settled(pilot)
        (keys,) = (line for line in screen_text(pilot.app).splitlines() if "Esc keep" in line)
    assert "…" not in keys
    assert "Ctrl+L log in" in keys


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_sign_in_shows_every_key_and_that_nothing_changes_before(
    world: TuiWorld, start: Start, width: int
) -> None:
    world.with_consent = True
    world.oauth.offers_device = True
    async with start(world, size=(width, 24)) as pilot:
        app_of(pilot).chat.composer.write("/login claude")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        lines = screen_text(pilot.app).splitlines()
        seen = " ".join(" ".join(lines).split())
    for words in ("Esc cancel", "n new link", "1-3 other provider", "a approve", "[p] print it plain"):
        assert any(words in line for line in lines), words
    assert "You stay on GPT-5.1 Medium; nothing is saved until you approve." in seen


async def test_a_choice_says_which_arrows_move(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(120, 30)) as pilot:
        app_of(pilot).chat.composer.write("/logout chatgpt")
        await pilot.press("enter")
        await settled(pilot)
        assert "←→ others" in screen_text(pilot.app)
        await pilot.resize_terminal(60, 20)
        await settled(pilot)
        assert "↑↓ others" in screen_text(pilot.app)


async def test_what_does_not_fit_beside_a_key_goes_on_below_its_words(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(60, 20)) as pilot:
        await pilot.press("f1")
        await settled(pilot)
        lines = screen_text(pilot.app).splitlines()
    place = next(number for number, line in enumerate(lines) if "Ctrl+J" in line)
    assert lines[place].index("new line") == lines[place + 1].index("terminal knows them")


async def test_before_there_is_a_link_nothing_is_to_be_pasted(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        app_of(pilot).chat.composer.write("/login")
        await pilot.press("enter")
        await pilot.pause()
        assert "step 1 of 3" in screen_text(pilot.app)
        assert not pilot.app.screen.query_one(Input).display
        pilot.app.screen._take("code#state")  # type: ignore[attr-defined]  # the dialog's; what a paste comes to
        await pilot.pause()
        seen = screen_text(pilot.app)
        assert "There is no link yet whose answer could be pasted." in seen
        assert "Checking" not in seen


async def test_a_sign_in_that_failed_asks_for_no_paste(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_reach(_: Provider) -> None:
        raise Offline(Provider.CLAUDE, "no route")

    monkeypatch.setattr(world.oauth, "redirect_rule", out_of_reach)
    async with start(world, size=(80, 24)) as pilot:
        await pilot.press(*"/login claude", "enter")
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
    assert "Claude cannot be reached: no route" in seen
    assert "Nothing was changed." in seen
    assert "paste here" not in seen
    assert "r try again" in seen
