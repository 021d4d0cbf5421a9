"""The catalogue of escapes through what gives words back: recall, farewell, the picker's filter, a click (row T1)."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Role, StopReason, Turn, Usage
from domain.provider import Provider
from domain.text.untrusted import UntrustedStream, untrusted, untrusted_line
from entrypoints.tui.crash import crash_text
from entrypoints.tui.run import farewell
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import drawn
from tests.support.terminal_escapes import ESCAPES, SIGN, with_sign
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

TEXTS = {name: with_sign(escape) for name, escape in ESCAPES.items()}


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-haiku-4.5", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


STEERING = frozenset(map(chr, (*range(9), *range(11, 32), *range(127, 160), 0x200F, 0x202E, 0x2066, 0x200B, 0xFEFF)))


def obeyed(text: str) -> list[str]:
    return sorted(f"U+{ord(one):04X}" for one in set(text) if one in STEERING or one not in untrusted(text))


def test_every_cut_of_every_escape_shows_the_same() -> None:
    wrong = []
    for name, text in TEXTS.items():
        whole = untrusted(text)
        for at in range(len(text) + 1):
            stream = UntrustedStream()
            if stream.feed(text[:at]) + stream.feed(text[at:]) + stream.flush() != whole:
                wrong.append(f"{name} at {at}")
        if obeyed(whole) or SIGN not in whole:
            wrong.append(name)
    assert wrong == []


async def test_what_was_piped_in_comes_back_by_up_without_its_escapes(world: TuiWorld, start: Start) -> None:
    turns = [Turn(Role.USER, text, NOON) for text in TEXTS.values()]
    world.conversations.begin(Conversation("earlier", NOON, turns=tuple(turns), title=turns[0].text))
    wrong = []
    async with start(world, continue_last=True) as pilot:
        composer = app_of(pilot).chat.composer
        for text in list(TEXTS.values())[::-1][:30]:
            composer._older()
            if composer.text != untrusted(text) or obeyed(composer.text):
                wrong.append(ascii(composer.text))
        await settled(pilot)
        wrong += obeyed(drawn(pilot.app))
        await pilot.press("enter")
        await settled(pilot)
    assert wrong == []
    assert SIGN in world.chat.requests[0][0].turns[-1].text


async def test_a_paste_holds_nothing_that_the_field_does_not_show(world: TuiWorld, start: Start) -> None:
    wrong = []
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        for text in TEXTS.values():
            pilot.app.post_message(events.Paste(text))
            await pilot.pause()
            if composer.text != untrusted(text) or obeyed(drawn(pilot.app)):
                wrong.append(ascii(composer.text))
            composer.write("")
        composer.insert("e\u0301")  # as it comes where letters and accents are typed apart
        composer.insert("\u0302")
        assert composer.text == "e\u0301\u0302"
    assert wrong == []


def test_the_farewell_and_a_crash_give_the_text_back_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = []
    for name, text in TEXTS.items():
        farewell(text)
        said = capsys.readouterr().err
        if obeyed(said) or SIGN not in said or not said.startswith("Your text, not sent:\n"):
            wrong.append(name)
        if obeyed(crash_text(LookupError(), text).plain):
            wrong.append(f"{name} in a crash")
    farewell(" \n")
    assert capsys.readouterr().err == ""
    assert wrong == []


async def test_the_filter_of_the_picker_shows_nothing_else_than_it_holds(world: TuiWorld, start: Start) -> None:
    wrong = []
    async with start(world) as pilot:
        await pilot.press("f2")
        await settled(pilot)
        field = pilot.app.screen.query_one(Input)
        for text in TEXTS.values():
            pilot.app.post_message(events.Paste(text))
            await pilot.pause()
            if obeyed(field.value) or obeyed(drawn(pilot.app)) or SIGN not in field.value:
                wrong.append(ascii(field.value))
            field.value = ""
        await pilot.press(*"op 4 ")
        assert field.value == "op 4 "
    assert wrong == []


async def test_a_clicked_link_shows_and_copies_no_escape(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta("text"), Done(StopReason.END, Usage()))]
    wrong = []
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        transcript = app_of(pilot).chat.transcript
        for text in TEXTS.values():
            for _ in range(2):
                transcript.action_link(f"https://example.test/{text}")
            await settled(pilot)
            told = "".join(notice.message for notice in pilot.app._notifications)
            pilot.app.clear_notifications()
            if (
                pilot.app.clipboard != untrusted_line(f"https://example.test/{text}")
                or obeyed(told)
                or SIGN not in told
            ):
                wrong.append(ascii(pilot.app.clipboard))
    assert wrong == []
