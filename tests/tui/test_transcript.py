"""The conversation as it is read: scrolled, folded, selected, chosen, however long it is."""

from __future__ import annotations

import asyncio

import pytest
from textual.events import MouseDown, MouseMove, MouseUp
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, ReasoningDelta, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Role, StopReason, Turn, Usage
from domain.provider import Provider
from entrypoints.chat.glyphs import UNICODE
from entrypoints.tui.transcript import loading
from entrypoints.tui.transcript.live import LiveAnswer
from entrypoints.tui.transcript.messages import Answer
from entrypoints.tui.transcript.pace import Pace
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import place_of, screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

END = Done(StopReason.END, Usage())


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-haiku-4.5", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


async def ask(pilot: Pilot[int]) -> None:
    await pilot.press(*"why?", "enter")
    await settled(pilot)


async def drag(pilot: Pilot[int], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot._post_mouse_events([MouseDown], offset=start, button=1)
    await pilot._post_mouse_events([MouseMove], offset=end, button=1)
    await pilot._post_mouse_events([MouseUp], offset=end, button=1)
    await pilot.pause()


async def test_turns_are_read_as_one_scrolls_to_them_and_nothing_jumps(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_LINES", 200)
    turns = tuple(
        Turn(Role.USER if number % 2 == 0 else Role.ASSISTANT, f"turn {number}.", NOON) for number in range(300)
    )
    world.conversations.begin(Conversation("earlier", NOON, "Earlier", turns))
    jumps, seen = [], set()
    async with start(world, continue_last=True) as pilot:
        transcript = app_of(pilot).chat.transcript
        await settled(pilot)
        assert "turn 299." in screen_text(pilot.app)
        for _ in range(60):
            before = screen_text(pilot.app).splitlines()[4]
            transcript.scroll_relative(y=-10, animate=False)
            await settled(pilot)
            after = screen_text(pilot.app).splitlines()
            seen |= {number for number in range(300) if f"turn {number}." in "".join(after)}
            if before.strip(" │") and before not in after and transcript.scroll_offset.y:
                jumps.append(before)
            assert transcript.virtual_size.height <= 200 + 90
        assert jumps == []
        assert set(range(200, 290)) <= seen
        await pilot.press("ctrl+home")
        await settled(pilot)
        assert "turn 0." in screen_text(pilot.app)
        await pilot.press("ctrl+down", "ctrl+down", "ctrl+up")
        await settled(pilot)
        assert "turn 0." not in screen_text(pilot.app)
        await transcript.note("something new")
        await pilot.pause()
        assert "More came below" in screen_text(pilot.app)
        await pilot.press("ctrl+end")
        await settled(pilot)
        seen_at_end = screen_text(pilot.app)
    assert "turn 299." in seen_at_end
    assert "something new" in seen_at_end
    assert "More came below" not in seen_at_end


async def test_thoughts_are_folded_and_shown_on_demand_while_they_come_and_later(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(ReasoningDelta("First I **look**."), TextDelta("Because."), END)]
    world.chat.hold_before = TextDelta
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await world.chat.holding.wait()
        for _ in range(100):  # they are drawn with the next frame
            if "Thinking" in screen_text(pilot.app):
                break
            await pilot.pause(0.05)
        folded = screen_text(pilot.app)
        await pilot.press("ctrl+t")
        shown = screen_text(pilot.app)
        world.chat.go_on.set()
        await settled(pilot)
        with_answer = screen_text(pilot.app)
        await pilot.click(offset=place_of("Thinking", pilot.app))
        await pilot.pause()
        again = screen_text(pilot.app)
    looked = [("First I look." in text, "Ctrl+T shows it" in text) for text in (folded, shown, with_answer, again)]
    assert looked == [(False, True), (True, False), (True, False), (False, True)]
    assert "Because." in with_answer


async def test_a_block_is_chosen_and_copied_and_letters_go_to_the_field_otherwise(
    world: TuiWorld, start: Start
) -> None:
    world.chat.answers = [(TextDelta("# Title\n\nSome **words**.\n\n```py\n\tcode()\n```\n\n- a\n- b\n"), END)]
    copied = []
    async with start(world) as pilot:
        await ask(pilot)
        for ups in range(5):
            await pilot.press("alt+up", *["up"] * ups, "y")
            await settled(pilot)
            copied.append(pilot.app.clipboard)
        await pilot.press("alt+up")
        await pilot.pause()
        assert "y copies it" in screen_text(pilot.app)
        await pilot.press("x", "y")
        assert "y copies it" not in screen_text(pilot.app)
        assert app_of(pilot).chat.composer.text == "xy"
        await pilot.press("alt+up", "escape", "z")
        assert app_of(pilot).chat.composer.text == "xyz"
    assert copied == ["- a\n- b", "\tcode()\n", "Some **words**.", "# Title", "why?"]


async def test_a_selection_goes_over_blocks_and_survives_another_width(world: TuiWorld, start: Start) -> None:
    text = f"first {'word ' * 40}end.\n\n- an item\n- another\n\n```\ncode\n```\n"
    world.chat.answers = [(TextDelta(text), END)]
    async with start(world) as pilot:
        await ask(pilot)
        await drag(pilot, place_of("first", pilot.app), place_of("code", pilot.app))
        before = pilot.app.screen.get_selected_text()
        await pilot.resize_terminal(60, 30)
        await settled(pilot)
        after = pilot.app.screen.get_selected_text()
    assert before == f"first {'word ' * 40}end.\n\n• an item\n• another\n\nc"
    assert after == before


async def test_a_note_that_need_not_stay_goes_with_the_next_message(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await app_of(pilot).chat.transcript.note("only for now", kind="passing")
        await app_of(pilot).chat.transcript.note("to stay")
        await pilot.pause()
        assert "only for now" in screen_text(pilot.app)
        await ask(pilot)
        seen = screen_text(pilot.app)
    assert "only for now" not in seen
    assert "to stay" in seen


async def test_code_is_wrapped_and_what_is_written_stays_in_view(world: TuiWorld, start: Start) -> None:
    code = f"x = {'1 + ' * 40}last"
    world.chat.answers = [(TextDelta("line\n" * 60), END), (TextDelta(f"```\n{code}\n```\nend"), END)]
    async with start(world, size=(80, 24)) as pilot:
        await ask(pilot)
        await ask(pilot)
        assert "last" in screen_text(pilot.app)
        app_of(pilot).chat.transcript.scroll_relative(y=-20, animate=False)
        await pilot.pause()
        await ask(pilot)
        assert "Hello from the fake." in screen_text(pilot.app), "what one sends is shown"


async def test_what_comes_while_a_frame_is_drawn_is_in_the_next_one(world: TuiWorld, start: Start) -> None:
    came: list[int] = []
    drawn: list[int] = []

    def draw() -> None:
        drawn.append(len(came))
        if len(drawn) == 1:
            transcript.call_next(again)  # after the frame is made, before it is on the screen

    def again() -> None:
        came.append(1)
        pace.ask()

    async with start(world) as pilot:
        transcript = app_of(pilot).chat.transcript
        pace = Pace(transcript, lambda: False, draw)
        pace.ask()
        for _ in range(100):
            if len(drawn) > 1:
                break
            await pilot.pause(0.02)
    assert drawn[:2] == [0, 1]


async def test_a_long_answer_is_read_to_its_end_even_if_nobody_waits_for_it(world: TuiWorld, start: Start) -> None:
    text = "# A heading\n\nSome words.\n\n" * 800
    whole = Answer(loading.place_of(0), "a model", UNICODE)
    whole.write(text)
    async with start(world) as pilot:
        transcript = app_of(pilot).chat.transcript
        whole.lay_out(transcript.virtual_size.width)
        while whole.behind:
            whole.read_some()
        before = transcript.virtual_size.height
        entries = [Answer(loading.place_of(number), "a model", UNICODE) for number in range(2)]
        for entry, is_cancelled in zip(entries, (False, True), strict=True):
            transcript.put_below([entry])
            live = LiveAnswer(transcript, entry, transcript)
            await live.write(text)
            finishing = asyncio.create_task(live.finish(None))
            await asyncio.sleep(0)
            if is_cancelled:
                finishing.cancel()
            await asyncio.gather(finishing, return_exceptions=True)
        for _ in range(500):
            if transcript.virtual_size.height == before + 2 * whole.height:
                break
            await pilot.pause(0.02)
        assert [entry.height for entry in entries] == [whole.height] * 2
        assert transcript.virtual_size.height == before + 2 * whole.height

        thinking = entries[0]
        thinking.think(text[: len(text) // 2])
        transcript.fold_thoughts()
        behind = [thinking.thoughts_behind]
        for _ in range(1500):
            behind.append(thinking.thoughts_behind)
            if not behind[-1] and thinking.height >= 1.5 * whole.height:
                break
            await pilot.pause(0.02)
        assert (behind[0], behind[-1]) == (True, False), "not all of it at once, with keys waiting"
        assert thinking.height >= 1.5 * whole.height
