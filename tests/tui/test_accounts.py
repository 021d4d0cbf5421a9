"""The accounts screen: who is signed in, which account answers, and what can be done about it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from adapters.catalogue.builtin import load_catalogue
from domain.accounts import tag
from domain.auth_mode import AuthMode
from domain.credential import CredentialKey, Setback, Tombstone
from domain.errors import Offline
from domain.provider import Provider
from domain.session import Session
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.screens.question import Question
from tests.support.credentials import NOON, a_record, a_session
from tests.support.fake_oauth import callback_of
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

SIZES = [(100, 30), (80, 24), (50, 20), (40, 12)]
ANA, BEN = a_record(account="ana").key, a_record(account="ben").key


def a_world(*sessions: Session, model: str = "claude-opus-4.1", mode: AuthMode = AuthMode.CLAUDE) -> TuiWorld:
    return TuiWorld(*sessions, settings=selecting(model, mode), catalogue=load_catalogue())


@pytest.fixture
def world() -> TuiWorld:
    """Ana and Ben at Claude, which answers as Ana; Ana at ChatGPT."""
    return a_world(a_session(Provider.CHATGPT), a_session(account="ana"), a_session(account="ben", active=False))


async def opened(pilot: object, *keys: str) -> str:
    """The screen after F3 and *keys*, as text."""
    from textual.pilot import Pilot

    assert isinstance(pilot, Pilot)
    await pilot.press("f3")
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return screen_text(pilot.app)


def words(seen: str) -> str:
    return " ".join(seen.split())


def active(world: TuiWorld) -> set[CredentialKey]:
    return {record.key for record in world.sessions.records() if record.active}


# What it shows


async def test_each_account_has_its_row_and_the_one_that_answers_is_chosen(world: TuiWorld, start: Start) -> None:
    world.environment.hold(Provider.CLAUDE)
    async with start(world) as pilot:
        seen = words(await opened(pilot))
    assert "ChatGPT ✅ logged in ana@example.test renews itself" in seen
    assert "▶ Claude ✅ logged in ana@example.test renews itself" in seen
    assert "not in use ben@example.test renews itself" in seen
    assert "Gemini ❌ not logged in -" in seen
    assert "Claude · ana@example.test · pays: Console, per token · answers now" in seen
    assert 'env ANTHROPIC_API_KEY present, ignored (auth.env_keys = "ignore")' in seen


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_cut_off_that_a_person_needs(world: TuiWorld, start: Start, size: tuple[int, int]) -> None:
    async with start(world, size=size) as pilot:
        await opened(pilot)
        for _ in range(4):
            seen = screen_text(pilot.app)
            lines = seen.splitlines()
            assert all(cell_len(line) <= size[0] for line in lines)
            assert any(line.lstrip().startswith("▶ ") for line in lines), "the chosen row is out of view"
            assert any("Esc back" in line for line in lines[-4:])
            await pilot.press("down")
            await settled(pilot)


async def test_session_and_last_renewal_are_in_view_where_there_is_room(start: Start) -> None:
    session = a_session(
        sign_in_expires_at=NOON + timedelta(days=14),
        generation=5,
        obtained_at=NOON - timedelta(minutes=12),
        access_expires_at=NOON + timedelta(minutes=48),
        scopes=("user:inference",),
    )
    for size in SIZES[:3]:
        world = a_world(session)
        world.events.record("renewed", provider="claude", account=tag(ANA))
        world.events.record("message_answered", provider="claude", account=tag(ANA))
        async with start(world, size=size) as pilot:
            seen = words(await opened(pilot))
        assert "expires in 14 days" in seen
        assert seen.count("12 min ago") == 1
        assert "renews itself in 43 minutes · scopes: user:inference" in seen
        assert "12:00 renewed Claude (ana@example.test)" in seen
        assert "answered" not in seen


@pytest.mark.parametrize(
    ("changed", "state", "more"),
    [
        ({"tombstone": Tombstone("invalid_grant", NOON - timedelta(hours=2))}, "❌ session ended",
         "ended 2 h ago: invalid_grant · l logs in again"),
        ({"setback": Setback("no route", 2, NOON + timedelta(minutes=5), NOON)}, "✅ renewal failed",
         "last renewal failed: no route · next try 12:05"),
        ({"renewable": False, "access_expires_at": NOON + timedelta(hours=8)}, "✅ logged in",
         "cannot be renewed, ends in 8 hours"),
        ({"sign_in_expires_at": NOON + timedelta(days=2)}, "✅ logged in",
         "expires in 2 days, and renewing does not prolong it"),
    ],
    ids=["ended", "failing", "not renewable", "ending"],
)  # fmt: skip
async def test_trouble_is_told_in_words(changed: dict[str, object], state: str, more: str, start: Start) -> None:
    session = a_session()
    record = replace(session.record, **changed)  # type: ignore[arg-type]  # members of the record, of their types
    async with start(a_world(replace(session, record=record))) as pilot:
        seen = words(await opened(pilot))
    assert f"▶ Claude {state} ana@example.test" in seen
    assert more in seen


async def test_what_keeps_renewals_from_being_made_is_said_in_full(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        app_of(pilot).background.renewal_trouble(Offline(Provider.CLAUDE, "no route"))
        assert "Not renewed: Claude cannot be reached: no route." in words(await opened(pilot))


async def test_the_screen_follows_what_another_process_does(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        world.sessions.save(a_session(Provider.GEMINI), activate=True)
        app_of(pilot).poll()
        await settled(pilot)
        await settled(pilot)
        assert "Gemini ✅ logged in ana@example.test" in words(screen_text(pilot.app))


async def test_labels_are_foreign_text(start: Start) -> None:
    async with start(a_world(a_session(label="[b]ana[/b]\x1b[31m\u202e"))) as pilot:
        seen = await opened(pilot)
    assert "[b]ana[/b]" in seen
    assert "\x1b" not in seen
    assert "\u202e" not in seen


# What it does


async def test_u_lets_the_chosen_account_answer_and_the_conversation_says_so(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        seen = words(await opened(pilot, "down", "u"))
        assert "Claude now uses ben@example.test (pays: Console, per token)." in seen
        assert active(world) == {a_record(Provider.CHATGPT).key, BEN}
        assert isinstance(pilot.app.screen, AccountsScreen)
        await pilot.press("escape")
        await settled(pilot)
        seen = words(screen_text(pilot.app))
    assert "Pays: Console, per token (ben@example.test), $4/$20 per million tokens in/out." in seen
    assert "▶ Claude Opus 4.1 · ben@example.test" in seen


async def test_an_account_that_another_window_chose_changes_nothing_in_this_one(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        world.sessions.activate(BEN)
        app_of(pilot).poll()
        await settled(pilot)
        seen = words(screen_text(pilot.app))
        assert "▶ Claude Opus 4.1 · this conversation" in seen
        assert "ben@example.test" not in seen
        stand = app_of(pilot).window_state
        assert stand is not None
        assert stand.selection is not None
        assert stand.selection.credential.label == "ana@example.test"


async def test_l_signs_the_chosen_account_in_again_and_no_other(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("f3")
        await settled(pilot)
        await pilot.press("down", "l")
        await pilot.pause()
        await pilot.pause()
        assert type(pilot.app.screen) is LoginDialog
        world.listener.callbacks.put_nowait(callback_of("ben"))
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert type(pilot.app.screen).__name__ == "AccountsScreen"
    assert [hint and hint.record.key for hint in world.oauth.hints] == [BEN]
    assert active(world) == {a_record(Provider.CHATGPT).key, ANA}


async def test_a_adds_an_account_that_is_not_used_before_somebody_says_so(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("f3")
        await settled(pilot)
        await pilot.press("a")
        await pilot.pause()
        await pilot.pause()
        world.listener.callbacks.put_nowait(callback_of("carla"))
        await settled(pilot)
        seen = words(screen_text(pilot.app))
        assert "✅ Logged in to Claude as carla@example.test (Console, per token)." in seen
        assert "To use this one: /accounts use claude carla@example.test" in seen
        await pilot.press("x")
        await settled(pilot)
        assert "not in use carla@example.test" in words(screen_text(pilot.app))
    assert world.oauth.hints == [None]
    assert ANA in active(world)


async def test_somebody_else_than_expected_is_asked_about(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"/login claude", "enter")
        await pilot.pause()
        await pilot.pause()
        world.listener.callbacks.put_nowait(callback_of("carla"))
        while not isinstance(pilot.app.screen, Question):
            await pilot.pause()
        seen = words(screen_text(pilot.app))
        assert "You signed in to Claude as carla@example.test, not as ana@example.test." in seen
        for words_of_choice in ("go on with ana@example.test", "use carla@example.test now", "Discard the sign-in"):
            assert words_of_choice in seen
        await pilot.press("right", "enter")
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
    assert CredentialKey(Provider.CLAUDE, "carla") in active(world)
    assert ANA not in active(world)


async def test_escape_at_that_question_keeps_nothing_of_it(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(50, 20)) as pilot:
        await pilot.press(*"/login claude", "enter")
        await pilot.pause()
        await pilot.pause()
        world.listener.callbacks.put_nowait(callback_of("carla"))
        while not isinstance(pilot.app.screen, Question):
            await pilot.pause()
        assert "Esc discard the sign-in of" in words(screen_text(pilot.app))
        await pilot.press("escape")
        await settled(pilot)
        assert "carla@example.test was not added" in words(screen_text(pilot.app))
    assert len(world.sessions.records()) == 3


async def test_o_asks_and_signs_out_the_chosen_account_alone(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        seen = words(await opened(pilot, "down", "o"))
        assert "Log out of Claude (ben@example.test) here, and end the session at Anthropic?" in seen
        await pilot.press("right", "enter")
        await settled(pilot)
        await settled(pilot)
        seen = words(screen_text(pilot.app))
        assert "Logged out of Claude (ben@example.test) here, and the provider confirmed" in seen
        assert isinstance(pilot.app.screen, AccountsScreen)
    assert {record.key for record in world.sessions.records()} == {a_record(Provider.CHATGPT).key, ANA}


async def test_without_an_account_in_use_the_screen_says_how_to_choose_one(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot, "o")
        await pilot.press("right", "enter")
        for _ in range(3):
            await settled(pilot)
        seen = words(screen_text(pilot.app))
        assert "No account of Claude is in use: u uses the one that is marked." in seen
        await pilot.press("escape")
        await settled(pilot)
        assert "Claude login required" in words(screen_text(pilot.app))


async def test_r_renews_the_chosen_account(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        seen = words(await opened(pilot, "down", "r"))
    assert "✅ Claude session of ben@example.test renewed." in seen
    assert [session.record.key for session in world.oauth.renewals] == [BEN]


async def test_j_copies_the_status_as_json(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        seen = words(await opened(pilot, "j"))
        document = json.loads(pilot.app.clipboard)
    assert "Status as JSON sent to your terminal;" in seen
    assert [one["account"] for one in document["providers"][1]["accounts"]] == ["ana@example.test", "ben@example.test"]
    assert "fake-access" not in json.dumps(document)


async def test_a_provider_without_an_account_is_signed_in_to(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        seen = words(await opened(pilot, "down", "down", "r"))
        assert "Nobody is logged in to Gemini yet; l logs in." in seen
        await pilot.press("l")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)
        assert "Log in to Gemini" in screen_text(pilot.app)


# The same by commands


async def typed(pilot: object, line: str) -> str:
    from textual.pilot import Pilot

    assert isinstance(pilot, Pilot)
    app_of(pilot).chat.composer.write(line)
    await pilot.press("enter")
    await settled(pilot)
    return words(screen_text(pilot.app))


async def test_an_account_is_chosen_by_name(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        assert "Claude now uses ben@example.test" in await typed(pilot, "/accounts use claude ben")
        assert "Claude already uses ben@example.test" in await typed(pilot, "/accounts use claude ben")
        seen = await typed(pilot, "/accounts use claude bne")
        assert 'Claude has no account "bne" here. Did you mean ben@example.test?' in seen
        assert "It is /accounts, or /accounts use PROVIDER NAME." in await typed(pilot, "/accounts choose")
        await typed(pilot, "/accounts")
        assert isinstance(pilot.app.screen, AccountsScreen)
    assert BEN in active(world)


async def test_logging_out_of_several_accounts_asks_which(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        seen = await typed(pilot, "/logout claude")
        assert "[ Log out ana@example.test only ]" in seen
        assert "[ Log out of all 2 ]" in seen
        await pilot.press("right", "right", "enter")
        await settled(pilot)
    assert {record.key for record in world.sessions.records()} == {a_record(Provider.CHATGPT).key, ANA}


async def test_an_account_is_signed_out_by_name(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        assert "(ben@example.test)" in await typed(pilot, "/logout claude --account ben")
        await pilot.press("right", "enter")
        await settled(pilot)
        assert "has no account" in await typed(pilot, "/logout claude --account=zoe")
    assert BEN not in {record.key for record in world.sessions.records()}


@pytest.mark.parametrize(
    ("line", "hint"),
    [("/login claude --account ben", BEN), ("/login claude --account=ana", ANA), ("/login claude --add", None)],
)
async def test_a_sign_in_is_bound_by_the_command(
    world: TuiWorld, start: Start, line: str, hint: CredentialKey | None
) -> None:
    async with start(world) as pilot:
        app_of(pilot).chat.composer.write(line)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)
    assert [session and session.record.key for session in world.oauth.hints] == [hint]
