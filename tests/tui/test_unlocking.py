"""A master key under a passphrase: asked for in a dialog, and nothing typed is lost."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from application.ports.earlier_files import TakenOver
from domain.auth_mode import AuthMode
from domain.errors import PassphraseNeeded, StoreNotWritable
from domain.provider import Provider
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.screens.passphrase_dialog import PassphraseDialog
from tests.support.credentials import a_record, a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

PASSPHRASE = "fake passphrase of ana"


@pytest.fixture
def world() -> TuiWorld:
    """Signed in, with the key under a passphrase."""
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())
    world.keys.seal_with(PASSPHRASE)
    return world


async def answer(pilot: Pilot[int], passphrase: str) -> None:
    dialog = pilot.app.screen
    assert isinstance(dialog, PassphraseDialog)
    await pilot.press(*("space" if sign == " " else sign for sign in passphrase), "enter")
    trying = [worker for worker in pilot.app.workers if worker.group == "unlock"]
    if trying:  # an empty list would stand for all, and a sign-in that begins waits for a browser
        await pilot.app.workers.wait_for_complete(trying)
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("size", [(100, 30), (60, 20), (40, 12)])
async def test_it_is_asked_for_when_the_sign_ins_are_read_and_does_not_show(
    world: TuiWorld, start: Start, size: tuple[int, int]
) -> None:
    async with start(world, size=size) as pilot:
        assert isinstance(pilot.app.screen, PassphraseDialog)
        await pilot.press(*"secret")
        text = screen_text(pilot.app)
        assert "secret" not in text
        assert "Esc later" in text
        assert "Enter unlock" in text


async def test_the_right_one_opens_the_key_and_closes_the_dialog(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await answer(pilot, PASSPHRASE)
        assert world.keys.unlocked
        assert pilot.app.screen is app_of(pilot).chat
        assert "Your sign-ins are open." in screen_text(pilot.app)
        assert PASSPHRASE not in screen_text(pilot.app)


async def test_a_wrong_one_says_so_and_may_be_tried_again(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await answer(pilot, "fake passphrase of bob")
        assert "does not open" in screen_text(pilot.app)
        assert pilot.app.screen.query_one(Input).value == ""
        await answer(pilot, PASSPHRASE)
        assert world.keys.unlocked


async def test_nothing_is_tried_without_a_passphrase(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PassphraseDialog)
        assert "does not open" not in screen_text(pilot.app)


async def test_later_keeps_the_app_and_says_that_it_asks_again(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is app_of(pilot).chat
        assert "stay sealed" in screen_text(pilot.app)
        assert not world.keys.unlocked


async def test_a_message_that_needs_the_key_asks_for_it_and_the_text_stays(world: TuiWorld, start: Start) -> None:
    world.sessions.refuse_to_load = PassphraseNeeded("auth.json", "its master key is sealed with a passphrase")
    async with start(world) as pilot:
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PassphraseDialog)
        assert app_of(pilot).draft == "hello"
        world.sessions.refuse_to_load = None
        await answer(pilot, PASSPHRASE)
        assert app_of(pilot).draft == "hello"
        assert app_of(pilot).chat.composer.has_focus
        await pilot.press("enter")
        await settled(pilot)
        assert app_of(pilot).draft == ""


async def test_a_sign_in_waits_for_the_passphrase_since_nothing_could_be_saved(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press(*"/login claude", "enter")
        await pilot.pause()
        await pilot.pause()
        await answer(pilot, PASSPHRASE)
        assert isinstance(pilot.app.screen, LoginDialog)


async def test_without_a_passphrase_nothing_is_asked(start: Start) -> None:
    async with start(TuiWorld(a_session(Provider.CHATGPT), catalogue=load_catalogue())) as pilot:
        assert pilot.app.screen is app_of(pilot).chat


# What an earlier program left, waiting for the passphrase


@pytest.fixture
def earlier_files(world: TuiWorld) -> TuiWorld:
    """As `world`, with a file of an earlier program that was not taken over yet."""
    world.earlier_files.waiting = TakenOver(
        records=(a_record(Provider.CLAUDE),), files=("auth.json",), kept_in="a-copy"
    )
    return world


TAKEN = "Taken over from auth.json of an earlier program: a Claude sign-in (ana@example.test)."


async def test_it_is_taken_over_once_the_key_is_open(earlier_files: TuiWorld, start: Start) -> None:
    async with start(earlier_files, sealed_earlier_files=True) as pilot:
        await answer(pilot, PASSPHRASE)
        await settled(pilot)
        assert TAKEN in screen_text(pilot.app)
    assert earlier_files.earlier_files.waiting == TakenOver()


async def test_a_message_asks_again_and_goes_out_when_it_is_taken_over(earlier_files: TuiWorld, start: Start) -> None:
    async with start(earlier_files, sealed_earlier_files=True) as pilot:
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        assert earlier_files.chat.requests == []
        await answer(pilot, PASSPHRASE)
        await settled(pilot)
        assert TAKEN in screen_text(pilot.app)
        assert app_of(pilot).draft == ""
    assert len(earlier_files.chat.requests) == 1


async def test_a_disk_that_takes_nothing_is_told_and_the_next_message_tries_again(
    earlier_files: TuiWorld, start: Start
) -> None:
    earlier_files.earlier_files.refuse = StoreNotWritable("auth.json", "cannot save: disk full")
    async with start(earlier_files, sealed_earlier_files=True) as pilot:
        await answer(pilot, PASSPHRASE)
        await settled(pilot)
        assert "disk full" in screen_text(pilot.app)
        earlier_files.earlier_files.refuse = None
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        assert TAKEN in screen_text(pilot.app)
