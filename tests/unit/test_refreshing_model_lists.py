from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from application.settings import Settings
from application.use_cases.models.refresh_model_lists import RefreshModelLists, RefreshOutcome
from domain.credential import BY_COMMAND, CredentialKey, CredentialKind
from domain.errors import AnswerUnreadable, Offline
from domain.model_lists.listed import ListedModel
from domain.provider import Provider
from domain.session import ApiKey, Credential
from tests.support.credentials import a_session, an_api_key
from tests.support.world import World

NEW = ListedModel("claude-opus-6", "Claude Opus 6")
OPUS = ListedModel("claude-opus-5-5", "Claude Opus 5.5")
LUNA = ListedModel("gpt-6-luna", "GPT-6 Luna")


def a_world(*credentials: Credential, **given: object) -> tuple[World, RefreshModelLists]:
    world = World(*(credentials or (a_session(Provider.CLAUDE),)), **given)  # type: ignore[arg-type]
    return world, world.loaded.refresh_model_lists


async def test_only_who_is_signed_in_is_asked_and_one_failure_stops_no_other() -> None:
    world, refresh = a_world(a_session(Provider.CLAUDE), an_api_key(Provider.CHATGPT))
    world.model_lists.answers = {
        Provider.CLAUDE: (OPUS, NEW),
        Provider.CHATGPT: AnswerUnreadable(Provider.CHATGPT, "a page"),
    }
    outcomes = {one.provider: one for one in await refresh()}
    assert {provider: one.outcome for provider, one in outcomes.items()} == {
        Provider.CHATGPT: RefreshOutcome.FAILED,
        Provider.CLAUDE: RefreshOutcome.READ,
        Provider.GEMINI: RefreshOutcome.NOT_LOGGED_IN,
    }
    assert sorted(world.model_lists.asked) == [Provider.CHATGPT, Provider.CLAUDE]
    assert outcomes[Provider.CLAUDE].new == ("claude-opus-6",)
    assert world.snapshot().catalogue.resolve("Claude Opus 6").model == "claude-opus-6"


async def test_what_a_list_loses_is_told_once_and_the_model_stays() -> None:
    world, refresh = a_world()
    told = []
    for answer in ((OPUS, NEW), (OPUS,), (OPUS,)):
        world.model_lists.answers[Provider.CLAUDE] = answer
        one = (await refresh())[1]
        told.append((one.new, one.gone))
    assert told == [(("claude-opus-6",), ()), ((), ("claude-opus-6",)), ((), ())]
    assert "no longer in" in world.snapshot().catalogue.resolve("claude-opus-6").tagline


async def test_in_the_background_each_is_asked_once_a_day_whatever_it_answers_but_a_lost_line() -> None:
    world, refresh = a_world(a_session(Provider.CLAUDE), an_api_key(Provider.CHATGPT), an_api_key(Provider.GEMINI))
    world.model_lists.answers = {
        Provider.CLAUDE: (OPUS,),
        Provider.CHATGPT: AnswerUnreadable(Provider.CHATGPT, "a page"),
        Provider.GEMINI: Offline(Provider.GEMINI, "no connection"),
    }
    await refresh.if_wanted()
    assert sorted(world.model_lists.asked) == sorted(Provider)
    world.model_lists.asked.clear()
    await refresh.if_wanted()
    assert world.model_lists.asked == [Provider.GEMINI]
    world.clock.advance(timedelta(hours=25))
    world.model_lists.asked.clear()
    await refresh.if_wanted()
    assert sorted(world.model_lists.asked) == sorted(Provider)


async def test_in_the_background_no_command_is_run_for_a_key() -> None:
    printed = an_api_key(Provider.CLAUDE)
    key = CredentialKey(Provider.CLAUDE, f"{BY_COMMAND}0a1b", CredentialKind.API_KEY)
    world, refresh = a_world(ApiKey(replace(printed.record, key=key), printed.value))
    await refresh.if_wanted()
    assert world.model_lists.asked == []
    assert not world.kept_lists.found


async def test_a_switch_in_the_config_turns_the_background_off_and_not_the_command() -> None:
    world, refresh = a_world(settings=Settings(refresh_models=False))
    world.model_lists.answers[Provider.CLAUDE] = (OPUS,)
    await refresh.if_wanted()
    assert world.model_lists.asked == []
    assert (await refresh())[1].outcome is RefreshOutcome.READ


async def test_offline_the_last_list_serves_with_its_date() -> None:
    world, refresh = a_world()
    world.model_lists.answers[Provider.CLAUDE] = (OPUS, NEW)
    await refresh()
    read_at = world.clock.now()
    world.clock.advance(timedelta(days=10))
    world.model_lists.answers[Provider.CLAUDE] = Offline(Provider.CLAUDE, "no connection")
    one = (await refresh())[1]
    assert one.outcome is RefreshOutcome.FAILED
    assert one.kept is not None
    assert one.kept.read_at == read_at
    assert [found.read_at for found in world.snapshot().catalogue.lists] == [read_at]


async def test_a_provider_without_a_list_for_this_sign_in_is_no_failure() -> None:
    _, refresh = a_world()
    assert (await refresh())[1].outcome is RefreshOutcome.NO_LIST
    assert (await refresh(due_only=True))[1].outcome is RefreshOutcome.NOT_DUE


async def test_each_account_has_the_list_of_its_own() -> None:
    ana, ben = a_session(Provider.CLAUDE), a_session(Provider.CLAUDE, account="ben", active=False)
    world, refresh = a_world(ana, ben)
    world.model_lists.answers[Provider.CLAUDE] = (OPUS, NEW)
    await refresh()
    assert world.snapshot().catalogue.has_name("claude-opus-6")
    assert not world.snapshot(held=ben.record.key).catalogue.has_name("claude-opus-6")
