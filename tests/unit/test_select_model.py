"""Picking a model picks the sign-in, or changes nothing."""

from __future__ import annotations

import pytest

from application.settings import EnvKeys, Settings
from domain.auth_mode import AuthMode
from domain.errors import ConfigError, UnknownName
from domain.provider import Provider
from domain.switching import PayerChanges, SignInRequired, SwitchTo
from domain.text.key_command import KeyCommand
from tests.support.credentials import a_session, an_api_key
from tests.support.error_codes import with_code
from tests.support.world import World


def test_signed_in_to_three_selecting_claude_opus_switches_to_claude() -> None:
    world = World(*(a_session(provider) for provider in Provider), model="gpt-5.1-medium", mode=AuthMode.CHATGPT)
    switch = world.select("Claude Opus 4.1")
    assert isinstance(switch, SwitchTo)
    assert switch.lines[0] == "Switched to Claude Opus 4.1 (Claude OAuth)"
    settings = world.config.read()
    assert (settings.model, settings.active_auth_provider) == ("claude-opus-4.1", AuthMode.CLAUDE)
    assert world.events.facts("switched")[0]["provider"] == "claude"


def test_a_refused_selection_changes_nothing_and_is_in_the_event_log() -> None:
    world = World(a_session(Provider.CHATGPT), model="gpt-5.1-medium", mode=AuthMode.CHATGPT)
    before = world.config.read()
    switch = world.select("claude-opus-4.1")
    assert isinstance(switch, SignInRequired)
    assert world.config.read() == before
    assert world.events.facts("selection_refused") == [
        {"provider": "claude", "preset": "claude-opus-4.1", "reason": "sign_in_required"}
    ]


def test_a_selection_for_this_conversation_alone_is_not_written() -> None:
    world = World(*(a_session(provider) for provider in Provider), model="gpt-5.1-medium", mode=AuthMode.CHATGPT)
    assert isinstance(world.select("flash", save=False), SwitchTo)
    assert world.config.read().model == "gpt-5.1-medium"


def test_an_unknown_name_changes_nothing() -> None:
    world = World(a_session(Provider.CLAUDE), model="opus", mode=AuthMode.CLAUDE)
    with pytest.raises(UnknownName, check=with_code("unknown_model"), match=r"Did you mean claude-opus-4\.1"):
        world.select("claude-opsu-4.1")
    assert world.config.read().model == "opus"


def test_a_config_that_cannot_be_written_leaves_the_selection_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(*(a_session(provider) for provider in Provider), model="opus", mode=AuthMode.CLAUDE)

    def refuse(preset: str, mode: AuthMode) -> None:
        raise ConfigError("config.toml", "the disk is full")

    monkeypatch.setattr(world.config, "select", refuse)
    with pytest.raises(ConfigError):
        world.select("flash")
    assert world.snapshot().selection is not None
    assert world.config.read().model == "opus"
    assert world.events.names == []


def test_going_from_a_plan_to_a_key_waits_for_a_yes() -> None:
    world = World(
        a_session(Provider.CHATGPT), an_api_key(Provider.CLAUDE), model="gpt-5.1-medium", mode=AuthMode.CHATGPT
    )
    assert isinstance(world.select("opus"), PayerChanges)
    assert world.config.read().model == "gpt-5.1-medium"
    assert isinstance(world.select("opus", payer_agreed=True), SwitchTo)
    assert world.config.read().active_auth_provider is AuthMode.APIKEY


def test_what_is_in_force_decides_about_the_payer_and_not_what_was_saved() -> None:
    world = World(a_session(Provider.CHATGPT), an_api_key(Provider.CLAUDE), an_api_key(Provider.GEMINI))
    by_key = world.select("opus", save=False, payer_agreed=True)
    assert isinstance(by_key, SwitchTo)
    assert isinstance(world.select("flash", current=by_key.selection.held), SwitchTo)


def test_a_key_of_the_environment_is_used_only_where_config_allows() -> None:
    ignoring, allowing = World(), World(settings=Settings(env_keys=EnvKeys.FALLBACK))
    ignoring.environment.hold(Provider.CLAUDE)
    key = allowing.environment.hold(Provider.CLAUDE)
    assert isinstance(ignoring.select("opus"), SignInRequired)
    switch = allowing.select("opus")
    assert isinstance(switch, SwitchTo)
    assert switch.selection.credential == key.record


def test_the_environment_never_comes_before_what_is_stored() -> None:
    world = World(a_session(Provider.CLAUDE), settings=Settings(env_keys=EnvKeys.FALLBACK))
    world.environment.hold(Provider.CLAUDE)
    switch = world.select("opus")
    assert isinstance(switch, SwitchTo)
    assert switch.selection.mode is AuthMode.CLAUDE


PRINTS = KeyCommand(Provider.CLAUDE, ("pass", "show", "anthropic"))


def test_a_key_that_a_command_prints_answers_for_a_provider_without_anything_else_and_nothing_is_run() -> None:
    world = World(settings=Settings(key_commands=(PRINTS,)))
    switch = world.select("opus")
    assert isinstance(switch, SwitchTo)
    assert switch.selection.credential.label == "from the command `pass show anthropic`"
    assert switch.payment != ""
    status = next(one for one in world.status().providers if one.provider is Provider.CLAUDE)
    assert (status.serves, status.key_command, status.key_command_used) == (True, "pass show anthropic", True)
    assert (world.status().stored, world.status().listed) == ((), (status.credential,))
    assert world.key_commands.runs == 0


def test_sign_ins_stored_keys_and_the_environment_come_before_a_command() -> None:
    settings = Settings(env_keys=EnvKeys.FALLBACK, key_commands=(PRINTS,))
    signed_in, with_key, in_environment = (
        World(*stored, settings=settings) for stored in ((a_session(),), (an_api_key(),), ())
    )
    in_environment.environment.hold(Provider.CLAUDE)
    for world in (signed_in, with_key, in_environment):
        switch = world.select("opus")
        assert isinstance(switch, SwitchTo)
        assert not switch.selection.credential.key.by_command
        status = next(one for one in world.status().providers if one.provider is Provider.CLAUDE)
        assert (status.key_command, status.key_command_used) == ("pass show anthropic", False)


def test_a_command_steps_in_for_no_plan_unasked_and_a_conversation_keeps_its_key() -> None:
    world = World(a_session(Provider.CHATGPT), settings=Settings(key_commands=(PRINTS,)))
    by_plan = world.select("gpt-5.1-low", save=False)
    assert isinstance(by_plan, SwitchTo)
    assert isinstance(world.select("opus", current=by_plan.selection.held), PayerChanges)
    by_command = world.select("opus", save=False, payer_agreed=True)
    assert isinstance(by_command, SwitchTo)
    held = by_command.selection.held
    world.sessions.save(a_session(), activate=True)
    resumed = world.auth.snapshot(held=held.credential).resumed(held)
    assert isinstance(resumed, SwitchTo)
    assert resumed.selection.credential.key == PRINTS.key
    world.config.settings = Settings()
    assert isinstance(world.auth.snapshot(held=held.credential).resumed(held), SignInRequired)


def test_a_bare_provider_and_model_comes_back_after_a_restart() -> None:
    world = World(a_session(Provider.CLAUDE))
    assert isinstance(world.select("claude/claude-next-1"), SwitchTo)
    selection = world.snapshot().selection
    assert selection is not None
    assert selection.answering.model.id == "claude-next-1"
