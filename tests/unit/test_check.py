"""Asking the providers about what is stored."""

from __future__ import annotations

from datetime import timedelta

from application.use_cases.check import Checked, CheckOutcome
from domain.credential import Tombstone
from domain.errors import AuthRejected, Offline, SessionEnded
from domain.provider import Provider
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.world import World


async def outcomes(world: World) -> dict[Provider, Checked]:
    return {one.record.provider: one for one in await world.check()}


async def test_one_refusal_and_one_outage_hide_no_other_answer() -> None:
    world = World(an_api_key(Provider.CHATGPT), an_api_key(Provider.CLAUDE), an_api_key(Provider.GEMINI))
    world.chat.checks = {
        Provider.CLAUDE: [AuthRejected(Provider.CLAUDE)],
        Provider.GEMINI: [Offline(Provider.GEMINI, "no route")],
    }
    found = await outcomes(world)
    assert found[Provider.CHATGPT].accepted
    assert isinstance(found[Provider.CLAUDE].error, AuthRejected)
    assert isinstance(found[Provider.GEMINI].error, Offline)


async def test_a_session_that_is_due_is_renewed_before_it_is_asked_about() -> None:
    world = World(a_session(obtained_at=NOON - timedelta(hours=2), access_expires_at=NOON - timedelta(hours=1)))
    assert (await outcomes(world))[Provider.CLAUDE].accepted
    assert world.chat.checked[0].record.generation == 2


async def test_a_token_that_died_early_is_renewed_and_asked_about_once_more() -> None:
    world = World(a_session())
    world.chat.checks = {Provider.CLAUDE: [AuthRejected(Provider.CLAUDE), True]}
    assert (await outcomes(world))[Provider.CLAUDE].accepted
    assert [credential.record.generation for credential in world.chat.checked] == [1, 2]


async def test_a_second_401_is_a_refusal_and_not_another_renewal() -> None:
    world = World(a_session())
    world.chat.checks = {Provider.CLAUDE: [AuthRejected(Provider.CLAUDE), AuthRejected(Provider.CLAUDE)]}
    assert (await outcomes(world))[Provider.CLAUDE].outcome is CheckOutcome.REFUSED
    assert (len(world.oauth.renewals), len(world.chat.checked)) == (1, 2)


async def test_a_session_that_has_ended_is_not_asked_about() -> None:
    world = World(a_session(tombstone=Tombstone("invalid_grant", NOON)))
    assert isinstance((await outcomes(world))[Provider.CLAUDE].error, SessionEnded)
    assert world.chat.checked == []


async def test_where_the_provider_offers_no_way_to_ask_nothing_is_claimed() -> None:
    world = World(a_session())
    world.chat.checks = {Provider.CLAUDE: [False]}
    assert (await outcomes(world))[Provider.CLAUDE] == Checked(a_session().record, accepted=False)


async def test_one_credential_is_asked_about_and_no_other() -> None:
    world = World(a_session(Provider.CHATGPT), a_session(Provider.CLAUDE))
    found = await world.check.one(a_session(Provider.CLAUDE).record.key)
    assert found is not None
    assert found.outcome is CheckOutcome.ACCEPTED
    assert [credential.record.provider for credential in world.chat.checked] == [Provider.CLAUDE]


async def test_what_is_not_stored_any_more_is_not_asked_about() -> None:
    assert await World().check.one(a_session().record.key) is None


async def test_only_a_refusal_says_something_against_a_credential() -> None:
    world = World(an_api_key(Provider.CHATGPT), an_api_key(Provider.CLAUDE), an_api_key(Provider.GEMINI))
    world.chat.checks = {
        Provider.CHATGPT: [AuthRejected(Provider.CHATGPT)],
        Provider.CLAUDE: [Offline(Provider.CLAUDE, "no route")],
        Provider.GEMINI: [False],
    }
    found = await outcomes(world)
    assert [one.outcome for one in found.values()] == [
        CheckOutcome.REFUSED,
        CheckOutcome.UNTOLD,
        CheckOutcome.NOT_OFFERED,
    ]
