"""`t` on the accounts screen: whether a provider accepts what is stored, asked while everything else goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.settings import EnvKeys, Settings
from domain.auth_mode import AuthMode
from domain.credential import Tombstone
from domain.errors import AuthRejected, ConfigError, KeyswitchError, Offline
from domain.provider import Provider
from domain.session import Session
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from entrypoints.tui.screens.passphrase_dialog import PassphraseDialog
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

SIZES = [(100, 30), (80, 24), (60, 20), (50, 20)]


def a_world(*sessions: Session, settings: Settings | None = None) -> TuiWorld:
    chosen = settings or selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(*sessions, settings=chosen, catalogue=load_catalogue())


@pytest.fixture
def world() -> TuiWorld:
    """Ana and Ben at Claude, which answers as Ana."""
    return a_world(a_session(account="ana"), a_session(account="ben", active=False))


def seen(pilot: Pilot[int]) -> str:
    return " ".join(screen_text(pilot.app).split())


async def pressed(pilot: Pilot[int], *keys: str) -> str:
    """The screen after *keys* and what they set off, in words."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return seen(pilot)


async def under_way(pilot: Pilot[int], world: TuiWorld) -> None:
    """Wait until the provider has been asked and has not answered."""
    await world.chat.holding.wait()
    await pilot.pause()


async def test_a_session_that_works_is_said_to_work(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        assert "Test at 12:00: ✅ works" in await pressed(pilot, "f3", "t")
        assert "Test at" not in await pressed(pilot, "up", "up")
        assert "Test at 12:00: ✅ works" in await pressed(pilot, "down", "down")
    assert [credential.record.key.account for credential in world.chat.checked] == ["ana"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AuthRejected(Provider.CLAUDE), "❌ refused. Claude"),
        (Offline(Provider.CLAUDE, "no route"), "could not be told. Claude cannot be reached: no route. t asks again."),
    ],
    ids=["refused", "out of reach"],
)
async def test_a_refusal_and_an_outage_are_two_things(
    world: TuiWorld, start: Start, error: KeyswitchError, words: str
) -> None:
    world.chat.checks = {Provider.CLAUDE: [error, error]}
    async with start(world) as pilot:
        assert words in await pressed(pilot, "f3", "t")


async def test_a_session_that_has_ended_is_refused_with_the_key_that_helps(start: Start) -> None:
    async with start(a_world(a_session(tombstone=Tombstone("invalid_grant", NOON)))) as pilot:
        found = await pressed(pilot, "f3", "t")
    assert "❌ refused, the session has ended." in found
    assert found.count("invalid_grant") == 3, "in the status line, in the row and below it"
    assert found.count("l logs in again") == 1
    assert "answers now" not in found


async def test_a_provider_that_cannot_be_asked_is_said_to_be_so(world: TuiWorld, start: Start) -> None:
    world.chat.checks = {Provider.CLAUDE: [False]}
    async with start(world) as pilot:
        assert "this provider offers no way to ask" in await pressed(pilot, "f3", "t")


async def test_a_check_under_way_is_shown_and_holds_nothing_up(world: TuiWorld, start: Start) -> None:
    world.chat.check_waits = True
    async with start(world) as pilot:
        await pressed(pilot, "f3")
        await pilot.press("t")
        await under_way(pilot, world)
        assert "▶ Claude testing… ana@example.test" in seen(pilot)
        assert "Test: waiting for the provider's answer…" in seen(pilot)
        await pilot.press("down", "u")  # another account can be chosen meanwhile
        while "Claude now uses ben@example.test" not in seen(pilot):
            await pilot.pause()
        assert "testing…" in seen(pilot)
        world.chat.go_on.set()
        await settled(pilot)
        assert "testing…" not in seen(pilot)


async def test_pressing_again_and_again_asks_once(world: TuiWorld, start: Start) -> None:
    world.chat.check_waits = True
    async with start(world) as pilot:
        await pressed(pilot, "f3")
        await pilot.press("t", "t", "t")
        await under_way(pilot, world)
        await pilot.press("t", "t")
        await pilot.pause()
        world.chat.go_on.set()
        await settled(pilot)
        assert len(world.chat.checked) == 1
        assert "✅ works" in await pressed(pilot, "t")
    assert len(world.chat.checked) == 2


async def test_two_rows_are_asked_about_at_the_same_time(world: TuiWorld, start: Start) -> None:
    world.chat.check_waits = True
    async with start(world) as pilot:
        await pressed(pilot, "f3")
        await pilot.press("t", "down", "t")
        while len(world.chat.checked) < 2:
            await pilot.pause()
        assert seen(pilot).count("testing…") == 2
        world.chat.go_on.set()
        await settled(pilot)
        assert "✅ works" in seen(pilot)


async def test_a_check_goes_on_when_the_screen_is_left(world: TuiWorld, start: Start) -> None:
    world.chat.check_waits = True
    async with start(world) as pilot:
        await pressed(pilot, "f3")
        await pilot.press("t")
        await under_way(pilot, world)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, AccountsScreen)
        await pilot.press("f3")
        while "testing…" not in seen(pilot):
            await pilot.pause()
        await pilot.press("escape")
        world.chat.go_on.set()
        await settled(pilot)
        assert "Test at 12:00: ✅ works" in await pressed(pilot, "f3")
    assert len(world.chat.checked) == 1


async def test_an_earlier_result_says_nothing_about_a_newer_sign_in(world: TuiWorld, start: Start) -> None:
    world.chat.checks = {Provider.CLAUDE: [AuthRejected(Provider.CLAUDE)] * 2}
    async with start(world) as pilot:
        assert "❌ refused" in await pressed(pilot, "f3", "t")
        world.sessions.save(a_session(account="ana", session_id="a newer sign-in", generation=9), activate=True)
        app_of(pilot).poll()
        await settled(pilot)
        assert "❌ refused" not in await pressed(pilot, "escape", "f3")


async def test_a_key_of_the_environment_is_asked_about_where_config_lets_it_be_used(start: Start) -> None:
    settings = selecting("claude-opus-4.1", AuthMode.APIKEY, env_keys=EnvKeys.FALLBACK)
    world = a_world(settings=settings)
    world.environment.hold(Provider.CLAUDE)
    world.chat.checks = {Provider.CLAUDE: [AuthRejected(Provider.CLAUDE)]}
    async with start(world) as pilot:
        found = await pressed(pilot, "f3", "t")
    assert "❌ refused. " in found
    assert "Set ANTHROPIC_API_KEY to another key." in found


async def test_a_borrowed_profile_is_asked_about_and_nothing_of_it_is_ours(start: Start) -> None:
    world = a_world(settings=selecting("claude-opus-4.1", AuthMode.CLAUDE, claude_profile="work"))
    world.borrowed.sign_in("work")
    async with start(world) as pilot:
        found = await pressed(pilot, "f3", "t")
    assert "▶ Claude ✅ borrowed work" in found
    assert "only read here" in found
    assert "✅ works" in found


async def test_a_due_session_is_renewed_for_the_check(start: Start) -> None:
    due = a_session(obtained_at=NOON - timedelta(hours=2), access_expires_at=NOON - timedelta(hours=1))
    async with start(world := a_world(due)) as pilot:
        assert "✅ works" in await pressed(pilot, "f3", "t")
    assert world.chat.checked[0].record.generation == 2


async def test_the_reason_is_foreign_text(world: TuiWorld, start: Start) -> None:
    world.chat.checks = {Provider.CLAUDE: [Offline(Provider.CLAUDE, "[b]no\x1b[31m route\u202e")]}
    async with start(world) as pilot:
        found = await pressed(pilot, "f3", "t")
    assert "[b]no" in found
    assert "\x1b" not in found
    assert "\u202e" not in found


async def test_trouble_that_is_about_no_credential_leaves_the_row_as_it_was(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pressed(pilot, "f3")
        world.config.fail_with = ConfigError("config.toml", "line 3 makes no sense")
        found = await pressed(pilot, "t")
    assert "line 3 makes no sense" in found
    assert "testing…" not in found


async def test_a_passphrase_is_asked_for_first(world: TuiWorld, start: Start) -> None:
    world.keys.seal_with("fake-passphrase")
    async with start(world) as pilot:
        await pressed(pilot, "escape", "f3", "t")
        assert isinstance(pilot.app.screen, PassphraseDialog)
        assert world.chat.checked == []
        assert "✅ works" in await pressed(pilot, *"fake-passphrase", "enter")


@pytest.mark.parametrize("size", SIZES)
async def test_all_keys_are_whole_on_every_size(world: TuiWorld, start: Start, size: tuple[int, int]) -> None:
    async with start(world, size=size) as pilot:
        await pressed(pilot, "f3")
        lines = screen_text(pilot.app).splitlines()
    for words in ("Esc back", "u use", "l log in", "a add", "o log out", "r renew", "t test", "j JSON"):
        assert any(words in line for line in lines[-5:]), words
