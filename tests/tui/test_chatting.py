"""Writing, sending, stopping: nothing that was typed is ever lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual import events

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Role, StopReason, Turn, TurnState, Usage
from domain.errors import AnswerUnreadable, AuthRejected, BrokenStream, ConfigError, LimitReached, Offline
from domain.provider import Provider
from entrypoints.chat.slash import help_lines
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.transcript.turn_window import TurnsInMemory
from entrypoints.tui.writing.composer import Composer
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import place_of, screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-haiku-4.5", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


async def test_each_answer_says_who_was_asked_by_what_and_who_pays(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta("Because."), Done(StopReason.END, Usage(input=1900, output=220)))]
    async with start(world, size=(120, 30)) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
    assert "Claude Haiku 4.5 · Claude OAuth · pays: Console, per token" in seen
    assert "12:00 · $0.0030 · 0.0 s · ↑1.9k ↓220" in seen
    assert "ctx 1%  ↑1.9k ↓220" in seen
    assert "keyswitch │ why?" in seen


async def test_enter_sends_and_three_keys_make_a_new_line(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c", "alt+enter", "d", "enter")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == ""
    assert world.chat.requests[0][0].turns[-1].text == "a\nb\nc\nd"


async def test_up_and_down_walk_the_history_and_bring_the_draft_back(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        for text in ("one", "two"):
            await pilot.press(*text, "enter")
            await settled(pilot)
        composer = app_of(pilot).chat.composer
        await pilot.press(*"draft")
        seen = []
        for key in ("up", "up", "up", "down", "down"):
            await pilot.press(key)
            seen.append(composer.text)
    assert seen == ["two", "one", "one", "two", "draft"]


async def test_escape_stops_the_answer_and_keeps_what_came(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta("Almost"), Done(StopReason.END, Usage(1, 1)))]
    world.chat.hold_before = Done
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await world.chat.holding.wait()
        await pilot.pause()
        assert "Esc stops" in screen_text(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "Almost" in seen
        assert "stopped, what came is kept" in seen
        assert app_of(pilot).controller.thread.conversation.turns[-1].state is TurnState.STOPPED
        await pilot.press("escape")
        assert pilot.app.is_running


async def test_stopping_before_anything_came_gives_the_text_back(world: TuiWorld, start: Start) -> None:
    world.chat.hold_before = TextDelta
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await world.chat.holding.wait()
        await pilot.press("escape")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "why?"
        assert app_of(pilot).controller.thread.conversation.turns == ()
        assert "Stopped before anything came." in screen_text(pilot.app)


async def test_a_failure_before_anything_came_gives_the_text_back_with_one_sentence(
    world: TuiWorld, start: Start
) -> None:
    world.chat.answers = [(AnswerUnreadable(Provider.CLAUDE, "a page of another network"),)]
    world.chat.hold_before = None
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "why?"
        seen = " ".join(screen_text(pilot.app).replace("│", " ").split())
    assert "Claude answered with something keyswitch cannot read: a page of another network." in seen
    assert "your text is back in the field. Enter tries again." in seen


async def test_what_is_typed_while_waiting_stays_behind_what_comes_back(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta(""), Offline(Provider.CLAUDE, "gone"))]
    world.chat.hold_before = TextDelta
    async with start(world) as pilot:
        await pilot.press(*"first", "enter")
        await world.chat.holding.wait()
        await pilot.press(*"second", "enter")
        await pilot.pause()
        assert "queued · second Up takes it back" in " ".join(screen_text(pilot.app).split())
        await pilot.press("escape")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "first\nsecond"


async def test_a_limit_says_when_it_resets(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(LimitReached(Provider.CLAUDE, resets_at=NOON + timedelta(hours=3)),)]
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        assert "It resets on Mon 23 Nov at 15:00 UTC." in screen_text(pilot.app)


async def test_a_broken_stream_keeps_what_came_and_says_so(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta("Half an"), BrokenStream(Provider.CLAUDE))]
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "Half an" in seen
        assert "broke off, what came is kept" in seen
        assert app_of(pilot).chat.composer.text == ""
        assert "Up brings your text back, Enter sends it again." in " ".join(seen.replace("│", " ").split())
        assert "Enter tries again" not in seen, "with an empty field it tries nothing"


async def test_an_answer_is_waited_for_before_it_is_written(world: TuiWorld, start: Start) -> None:
    world.chat.hold_before = TextDelta
    async with start(world, size=(60, 20)) as pilot:
        await pilot.press(*"why?", "enter")
        await world.chat.holding.wait()
        await pilot.pause()
        (stamp,) = (line for line in screen_text(pilot.app).splitlines() if "Esc stops" in line)
        assert "waiting 0 s" in stamp
        assert "pays: Console" in stamp, "who pays is in view however narrow it is"
        world.chat.go_on.set()
        await settled(pilot)


async def test_a_plans_limit_comes_with_the_link_to_manage_it(world: TuiWorld, start: Start) -> None:
    link = "https://chatgpt.example.test/usage"
    advice = "Whoever pays adds credit: https://billing.example.test/"
    spent = LimitReached(Provider.CHATGPT, "no credit", code="credit_used_up", advice=advice)
    world.chat.answers = [(spent,), (LimitReached(Provider.CHATGPT, manage_url=link),)]
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        assert f"Waiting does not help. {advice}" in " ".join(screen_text(pilot.app).replace("│", " ").split())
        assert (app_of(pilot).chat.composer.text, dict(world.outbox.messages)) == ("why?", {}), "nothing waits for it"
        await pilot.press("enter")
        await settled(pilot)
        assert f"Manage usage: {link}" in " ".join(screen_text(pilot.app).split())


async def test_a_message_while_signed_out_opens_the_dialog_and_is_parked(start: Start) -> None:
    world = TuiWorld(catalogue=load_catalogue())
    async with start(world) as pilot:
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "GPT-6.1 Sol requires ChatGPT login. Run /login --provider=chatgpt" in seen
        assert "[ Use an API key: Ctrl+K ]" in seen
        assert "Your message is parked. After the login, Enter on the empty field sends it." in " ".join(seen.split())
        assert app_of(pilot).chat.composer.text == ""
        assert [message.text for message in world.outbox.messages.values()] == ["hello"]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)
    assert world.chat.requests == []


async def test_a_rejected_credential_opens_the_dialog_and_parks_the_text(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(AuthRejected(Provider.CLAUDE),), (AuthRejected(Provider.CLAUDE),)]
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        assert "Run /login --provider=claude" in screen_text(pilot.app)
        assert [message.text for message in world.outbox.messages.values()] == ["why?"]


async def test_ctrl_c_stops_first_then_asks_and_keeps_the_draft(world: TuiWorld, start: Start) -> None:
    world.chat.hold_before = TextDelta
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await world.chat.holding.wait()
        await pilot.press("ctrl+c")
        await settled(pilot)
        assert not app_of(pilot).chat.answering
        assert "again to quit" not in screen_text(pilot.app)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert "Ctrl+C again to quit. Your draft is kept." in screen_text(pilot.app)
        assert app_of(pilot).chat.composer.text == "why?"
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert pilot.app.return_code == 0
        assert app_of(pilot).unsent == "why?"


async def test_ctrl_c_copies_a_selection(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"copy me")
        app_of(pilot).chat.composer.select_all()
        await pilot.press("ctrl+c")
        assert pilot.app.clipboard == "copy me"
        assert app_of(pilot).chat.composer.text == "copy me"


async def test_a_slash_offers_commands_with_what_they_do(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("/")
        await pilot.pause()
        seen = screen_text(pilot.app)
        for name in ("/model [name|-]", "/login [--provider=NAME] [--status]", "/logout", "/status", "/new"):
            assert name in seen
        assert "switch model and login; - goes back" in seen
        more = len(list(help_lines())) - sum(line.lstrip(" ▶").startswith("/") for line in seen.splitlines()[:-3])
        assert f"↑↓ {more} more" in seen
        await pilot.press("up")
        assert "/help" in screen_text(pilot.app), "the last ones come into view as one moves"
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert "keys and commands" in screen_text(pilot.app)
        cut = [line for line in screen_text(pilot.app).splitlines() if "/export" in line]
        assert "write this conversation to a file" in cut[0]
        assert cut[0].rstrip().endswith("…"), "where there is little room, what a command does is cut, not left out"
        await pilot.press(*"log", "down", "tab")
        assert app_of(pilot).chat.composer.text == "/logout "
        await pilot.press("escape")
        assert app_of(pilot).chat.composer.text == "/logout "


async def test_a_line_that_was_typed_faster_than_it_was_shown_is_carried_out_as_it_stands(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press("/")
        await pilot.pause()
        for letter in "status":
            composer.post_message(events.Key(letter, letter))
        composer.post_message(events.Key("enter", None))
        await settled(pilot)
        assert isinstance(pilot.app.screen, AccountsScreen)


@pytest.mark.parametrize("line", ["/status", "/login --status", "/stat"])
async def test_a_command_can_be_typed_in_full_or_begun(world: TuiWorld, start: Start, line: str) -> None:
    async with start(world) as pilot:
        await pilot.press(*line, "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AccountsScreen)


async def test_a_wrong_provider_or_command_gets_the_near_miss(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"/login claud", "enter")
        await settled(pilot)
        assert 'Unknown provider "claud". Did you mean claude?' in screen_text(pilot.app)
        app_of(pilot).chat.composer.write("/modle")
        await pilot.press("enter")
        await settled(pilot)
        assert 'There is no command "/modle". Did you mean /model?' in screen_text(pilot.app)
    assert world.chat.requests == []


async def test_a_path_is_no_command(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        app_of(pilot).chat.composer.write("/etc/hosts\nwhat is this?")
        await pilot.press("enter")
        await settled(pilot)
    assert world.chat.requests[0][0].turns[-1].text == "/etc/hosts\nwhat is this?"


async def test_new_starts_over_and_keeps_the_old_conversation(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        before = app_of(pilot).controller.thread.conversation
        await pilot.press(*"/new", "enter")
        await settled(pilot)
        assert app_of(pilot).controller.thread.conversation.turns == ()
        assert "why?" not in screen_text(pilot.app)
    assert world.conversations.load(before.id) == before


async def test_continue_shows_the_last_conversation_and_goes_on_with_it(world: TuiWorld, start: Start) -> None:
    turns = tuple(
        Turn(Role.USER if number % 2 == 0 else Role.ASSISTANT, f"turn {number}", NOON) for number in range(40)
    )
    world.conversations.begin(Conversation("earlier", NOON, "Earlier", turns))
    async with start(world, continue_last=True) as pilot:
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "turn 39" in seen
        assert "keyswitch │ Earlier" in seen
        assert "It goes on with the saved choice." in " ".join(seen.split())
        await pilot.press("up")
        assert app_of(pilot).chat.composer.text == "turn 38"


async def test_a_conversation_that_is_not_to_be_saved_is_not(world: TuiWorld, start: Start) -> None:
    async with start(world, save=False) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
    assert world.conversations.latest() is None


async def test_foreign_text_cannot_steer_the_terminal(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [
        (
            TextDelta("safe \x1b]0;own"),
            TextDelta("ed\x07text [/b] [TODO] &#x202e;evil\x9b31m"),
            Done(StopReason.END, Usage()),
        )
    ]
    async with start(world) as pilot:
        app_of(pilot).chat.composer.post_message(events.Paste("pasted\x1b[31m"))
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
    assert world.chat.requests[0][0].turns[-1].text == "pasted"
    assert "safe text [/b] [TODO] evil" in seen
    assert all(character == "\n" or character.isprintable() or character == "\ufe0f" for character in seen)


async def test_text_behind_an_unfinished_sequence_is_shown_at_the_end(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta("begin \x1b]0;never ends"), Done(StopReason.END, Usage()))]
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        assert "begin 0;never ends" in screen_text(pilot.app)


async def test_a_link_is_shown_then_copied_and_never_opened(world: TuiWorld, start: Start) -> None:
    target = "https://ana%40bank.test@ex\u0430mple.test/%2Fpage?a=%20"
    world.chat.answers = [(TextDelta(f"[click]({target})"), Done(StopReason.END, Usage()))]
    async with start(world, size=(120, 30)) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        link = place_of("click", pilot.app)
        await pilot.click(offset=link)
        seen = "".join(notice.message for notice in pilot.app._notifications)
        assert seen.startswith(f"It leads to {target}\nits host is xn--exmple-4nf.test")
        assert '"ana%40bank.test" before the @' in seen
        assert pilot.app.clipboard == ""
        await pilot.click(offset=link)
        await pilot.pause()
        assert pilot.app.clipboard == target


async def test_letters_go_to_the_field_whatever_was_clicked(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"why?", "enter")
        await settled(pilot)
        for place in ("#header", "#transcript", "#status"):
            await pilot.click(place)
            await pilot.press("x")
        pilot.app.post_message(events.Paste("pasted"))
        await pilot.pause()
        assert app_of(pilot).chat.composer.text == "xxxpasted"


async def test_an_unreadable_config_is_one_sentence_and_the_app_follows_its_repair(start: Start) -> None:
    world = TuiWorld(
        a_session(Provider.CLAUDE), settings=selecting("claude-haiku-4.5", AuthMode.CLAUDE), catalogue=load_catalogue()
    )
    world.config.fail_with = ConfigError("config.toml", "line 3 is no TOML")
    async with start(world) as pilot:
        seen = screen_text(pilot.app)
        assert "config.toml: line 3 is no TOML. The file was left as it is." in seen
        assert seen.count("line 3 is no TOML") == 1
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "hello"
        world.config.fail_with = None
        app_of(pilot).chat.app.read_again()
        await settled(pilot)
        assert "▶ Claude Haiku 4.5" in screen_text(pilot.app)


async def test_keys_count_from_the_first_frame_on_before_anything_is_read(world: TuiWorld) -> None:
    app = world.app()
    async with app.run_test() as pilot:
        await pilot.press(*"early", "enter")
        await settled(pilot)
        await settled(pilot)
    assert world.chat.requests[0][0].turns[-1].text == "early"


async def test_services_are_built_once_and_closed(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        for text in ("one", "two"):
            await pilot.press(*text, "enter")
            await settled(pilot)
        assert isinstance(app_of(pilot).chat.query_one(Composer), Composer)
    assert world.built == 1
    assert world.closed == 1


async def test_why_an_answer_ended_stands_under_it_also_when_it_is_shown_again(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [
        (TextDelta("Half of"), Done(StopReason.LENGTH, Usage())),
        (Done(StopReason.REFUSED, Usage()),),
    ]
    async with start(world, size=(110, 30)) as pilot:
        await pilot.press(*"one", "enter")
        await settled(pilot)
        await pilot.press(*"two", "enter")
        await settled(pilot)
        live = screen_text(pilot.app)
        turns = app_of(pilot).controller.thread.conversation.turns
        await app_of(pilot).chat.transcript.clear()
        await app_of(pilot).chat.transcript.restore(TurnsInMemory(turns))
        await settled(pilot)
        again = screen_text(pilot.app)

    for seen in (live, again):
        assert "The answer reached the limit of its length, and stops there. Ask the model to go on." in seen
        assert "No answer came: the model declined. Ask in other words, or pick another model." in seen
