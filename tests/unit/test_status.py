"""Who is signed in, from the store alone."""

from __future__ import annotations

from datetime import timedelta

from application.settings import Settings
from domain.auth_mode import AuthMode
from domain.credential import Tombstone
from domain.provider import Provider
from domain.session import SessionState
from domain.switching import SignInRequired, SwitchTo
from entrypoints.words.accounts import status_line
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.world import World


def lines(world: World) -> list[str]:
    report = world.status()
    return [status_line(status, report.at) for status in report.providers]


def test_every_provider_has_its_line() -> None:
    world = World(
        a_session(Provider.CHATGPT, sign_in_expires_at=NOON + timedelta(days=7)),
        a_session(Provider.CLAUDE, sign_in_expires_at=NOON + timedelta(days=14)),
        model="gpt-5.1-medium",
        mode=AuthMode.CHATGPT,
    )
    assert lines(world) == [
        "✅ ChatGPT: logged in (expires in 7 days)",
        "✅ Claude: logged in (expires in 14 days)",
        "❌ Gemini: not logged in",
    ]


def test_the_access_token_is_never_what_expires() -> None:
    assert lines(World(a_session(Provider.GEMINI)))[2] == "✅ Gemini: logged in (renews itself)"


def test_a_key_is_shown_by_its_last_characters_and_an_ended_session_with_its_reason() -> None:
    ended = a_session(Provider.CLAUDE, tombstone=Tombstone("invalid_grant", NOON))
    assert lines(World(an_api_key(Provider.CHATGPT), ended))[:2] == [
        "✅ ChatGPT: API key …1234",
        "❌ Claude: session ended (invalid_grant)",
    ]


def test_the_provider_of_the_selected_model_is_the_active_one() -> None:
    world = World(a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), model="opus", mode=AuthMode.CLAUDE)
    states = {status.provider: (status.state, status.active) for status in world.status().providers}
    assert states == {
        Provider.CHATGPT: (SessionState.LOGGED_IN, False),
        Provider.CLAUDE: (SessionState.ACTIVE, True),
        Provider.GEMINI: (SessionState.NOT_LOGGED_IN, False),
    }


def test_a_provider_without_a_client_says_so() -> None:
    world = World(settings=Settings(clients=frozenset({Provider.CHATGPT})))
    assert [status.state for status in world.status().providers] == [
        SessionState.NOT_LOGGED_IN,
        SessionState.NO_CLIENT,
        SessionState.NO_CLIENT,
    ]


def test_status_is_usable_if_the_active_credential_is_or_without_one_any() -> None:
    assert not World().status().usable
    assert World(a_session(Provider.GEMINI)).status().usable
    assert not World(a_session(Provider.GEMINI), model="opus").status().usable
    assert World(a_session(Provider.CLAUDE), model="opus").status().usable


def test_a_key_in_the_environment_is_reported_and_not_used() -> None:
    world = World()
    world.environment.hold(Provider.CLAUDE)
    claude = world.status().providers[1]
    assert (claude.env_key, claude.env_key_used, claude.signed_in) == ("ANTHROPIC_API_KEY", False, False)


def test_the_auth_manager_answers_from_the_store() -> None:
    world = World(a_session(Provider.CLAUDE), a_session(Provider.GEMINI), model="flash", mode=AuthMode.GEMINI)
    assert world.auth.logged_in_providers() == (Provider.CLAUDE, Provider.GEMINI)
    assert world.auth.is_logged_in(Provider.CLAUDE)
    assert not world.auth.is_logged_in(Provider.CHATGPT)
    assert world.auth.preferred_auth_method() is AuthMode.GEMINI


def test_switching_the_provider_keeps_a_model_of_its_own_and_else_takes_its_default() -> None:
    world = World(a_session(Provider.CLAUDE), a_session(Provider.GEMINI), model="haiku-is-unknown")
    switch = world.auth.switch_provider(Provider.CLAUDE)
    assert isinstance(switch, SwitchTo)
    assert world.config.read().model == "claude-opus-5-5"
    world.select("claude-haiku-4.5")
    world.auth.switch_provider(Provider.CLAUDE)
    assert world.config.read().model == "claude-haiku-4.5"
    assert isinstance(world.auth.switch_provider(Provider.CHATGPT), SignInRequired)


async def test_refreshing_all_tokens_renews_what_is_due() -> None:
    world = World(a_session(Provider.CLAUDE, obtained_at=NOON - timedelta(hours=1), access_expires_at=NOON))
    assert [outcome.renewed for outcome in await world.auth.refresh_all_tokens()] == [True]
