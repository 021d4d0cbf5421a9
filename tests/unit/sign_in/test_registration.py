"""A client that registered itself is kept before the code is spent, and used again by the right sign-in only."""

from __future__ import annotations

import pytest
from pytest_mock import MockerFixture

from application.ports.sign_in_dialog import SignInLink
from application.sign_in.keep import Whose
from domain.errors import (
    AnswerUnreadable,
    OtherAccount,
    SignInDeclined,
    SignInRefused,
    SignInTimedOut,
    StoreDamaged,
    StoreNotWritable,
)
from domain.provider import Provider
from domain.session import Session
from domain.sign_in.registration import RegisteredClient, usable_again
from tests.support.credentials import a_session
from tests.support.fake_oauth import STATE, TOKEN_URL, FakeDialog, callback_of
from tests.support.world import World

GPT = Provider.CHATGPT
NEW = "fake-client"
LOST = AnswerUnreadable(GPT, "the connection broke")
KEPT = RegisteredClient(GPT, "issued-1", TOKEN_URL)


def a_world(*sessions: Session) -> World:
    world = World(*sessions)
    world.oauth.registers = True
    return world


async def fails(world: World, error: type[Exception] = AnswerUnreadable, whose: Whose | None = None) -> None:
    """A sign-in that registers a client and comes to no session."""
    world.oauth.failing = LOST
    with pytest.raises(error):
        await succeeds(world, whose=whose)
    world.oauth.failing = None


class Approving(FakeDialog):
    """Approves each link that is shown."""

    def __init__(self, world: World, account: str = "ana") -> None:
        super().__init__()
        self._world = world
        self._account = account

    def link_ready(self, link: SignInLink) -> None:
        super().link_ready(link)
        self._world.listener.callbacks.put_nowait(callback_of(self._account))


async def succeeds(world: World, account: str = "ana", whose: Whose | None = None) -> Session:
    done = await world.sign_in.by_browser(GPT, Approving(world, account), whose=whose or Whose())
    session = world.sessions.load(done.record.key)
    assert isinstance(session, Session)
    return session


# Whose it is


@pytest.mark.parametrize(
    ("client", "account", "further", "usable"),
    [
        (KEPT, "", False, True),
        (None, "", False, False),
        (KEPT, "ana", False, False),
        (KEPT, "", True, False),
        (RegisteredClient(GPT, "issued-1", TOKEN_URL, account="ana"), "ana", False, True),
        (RegisteredClient(GPT, "issued-1", TOKEN_URL, account="ana"), "", False, False),
        (RegisteredClient(GPT, "issued-1", TOKEN_URL, unanswered=True), "", False, False),
        (RegisteredClient(Provider.CLAUDE, "issued-1", TOKEN_URL), "", False, False),
    ],
)
def test_only_the_sign_in_that_it_was_issued_for_uses_it_again(
    client: RegisteredClient | None, account: str, further: bool, usable: bool
) -> None:
    assert (usable_again(client, GPT, account=account, further=further) is not None) is usable


# In a sign-in


async def test_an_exchange_that_failed_costs_no_second_registration() -> None:
    world = a_world()
    await fails(world)
    assert world.registrations.client == KEPT

    session = await succeeds(world)

    assert (world.oauth.registrations, world.oauth.asking) == (1, [NEW, "issued-1"])
    assert session.record.client_id == "issued-1"
    assert world.registrations.client is None, "the session keeps it from now on"


async def test_it_is_used_as_often_as_the_exchange_fails() -> None:
    world = a_world()
    for _ in range(3):
        await fails(world)
    assert (world.oauth.registrations, world.oauth.asking) == (1, [NEW, "issued-1", "issued-1"])


async def test_a_session_that_could_not_be_saved_leaves_it_kept(mocker: MockerFixture) -> None:
    world = a_world()
    full = mocker.patch.object(world.sessions, "save", side_effect=StoreNotWritable("auth.json", "the disk is full"))
    with pytest.raises(StoreNotWritable):
        await succeeds(world)
    mocker.stop(full)
    await succeeds(world)
    assert world.oauth.registrations == 1


async def test_a_client_that_the_provider_refuses_is_forgotten_and_one_new_one_is_registered() -> None:
    world = a_world()
    await fails(world)
    world.oauth.refused_clients = {"issued-1"}

    session = await succeeds(world)

    assert session.record.client_id == "issued-2"
    assert world.oauth.asking == [NEW, "issued-1", NEW]
    assert world.events.names.count("signed_in") == 1


async def test_a_new_client_that_is_refused_as_well_ends_the_sign_in() -> None:
    world = a_world()
    await fails(world)
    world.oauth.refused_clients = {"issued-1", "issued-2"}

    with pytest.raises(SignInRefused, check=lambda error: error.client_unknown):
        await succeeds(world)

    assert (world.oauth.registrations, world.oauth.asking) == (2, [NEW, "issued-1", NEW])


async def test_a_client_that_came_with_the_callback_and_is_refused_is_not_kept() -> None:
    for refusal in (
        SignInRefused(GPT, "the code was not accepted (invalid_grant)", client_id="issued-1"),
        SignInRefused(GPT, "the provider refused the request (HTTP 404)", client_id="issued-1"),
        SignInRefused(GPT, "the client was refused (invalid_client)", client_id="issued-1", client_unknown=True),
    ):
        world = a_world()
        world.oauth.failing = refusal
        with pytest.raises(SignInRefused):
            await succeeds(world)
        assert world.registrations.client is None, "another sign-in would hang on it"
        world.oauth.failing = None

        session = await succeeds(world)

        assert (world.oauth.asking, session.record.client_id) == ([NEW, NEW], "issued-2")


async def test_a_kept_client_that_the_page_refuses_is_forgotten_whatever_the_error() -> None:
    world = a_world()
    await fails(world)
    world.oauth.failing = SignInRefused(GPT, "invalid_request", client_id="issued-1")
    with pytest.raises(SignInRefused):
        await succeeds(world)
    world.oauth.failing = None

    await succeeds(world)

    assert world.oauth.asking == [NEW, "issued-1", NEW]


async def test_a_client_of_a_stored_session_that_is_refused_gives_way_to_a_new_one() -> None:
    world = a_world(a_session(GPT, client_id="issued-0"))
    world.oauth.refused_clients = {"issued-0"}

    session = await succeeds(world)

    assert session.record.client_id == "issued-1"
    assert world.oauth.asking == ["issued-0", NEW]
    assert world.registrations.client is None


async def test_while_a_client_is_replaced_the_stored_session_stays_and_so_does_its_account() -> None:
    before = a_session(GPT, client_id="issued-0")
    world = a_world(before)
    world.oauth.refused_clients = {"issued-0"}

    with pytest.raises(OtherAccount):
        await succeeds(world, "ben")

    assert world.sessions.load(before.record.key) == before


async def test_where_no_client_registers_itself_a_refusal_is_final() -> None:
    before = a_session(GPT, client_id="of-the-config")
    world = a_world(before)
    world.oauth.registers = False
    world.oauth.refused_clients = {"of-the-config"}

    with pytest.raises(SignInRefused, check=lambda error: error.client_unknown):
        await succeeds(world)

    assert world.oauth.asking == ["of-the-config"]
    assert world.sessions.load(before.record.key) == before


async def test_one_whose_page_never_sent_the_browser_back_is_not_tried_again() -> None:
    world = a_world()
    await fails(world)
    world.registrations.keep(RegisteredClient(GPT, "issued-1", TOKEN_URL, unanswered=True))

    await succeeds(world)

    assert world.oauth.asking == [NEW, NEW]


async def test_one_whose_page_was_answered_with_no_is_used_again() -> None:
    world = a_world()
    await fails(world)
    world.listener.callbacks.put_nowait({"error": "access_denied", "state": STATE})
    with pytest.raises(SignInDeclined):
        await world.sign_in.by_browser(GPT, FakeDialog())

    await succeeds(world)

    assert (world.oauth.registrations, world.oauth.asking) == (1, [NEW, "issued-1", "issued-1"])


async def test_it_counts_as_unanswered_from_the_moment_the_browser_is_sent_out() -> None:
    world = a_world()
    await fails(world)
    await succeeds(world)
    assert [client.unanswered for client in world.registrations.history] == [False, True, False]


async def test_a_further_account_registers_its_own_and_leaves_what_is_kept_alone() -> None:
    world = a_world()
    await fails(world)
    await fails(world, whose=Whose(further=True))
    assert world.registrations.client == KEPT

    await succeeds(world, "ben", whose=Whose(further=True))

    assert world.oauth.asking == [NEW, NEW, NEW]
    assert world.registrations.client == KEPT


async def test_the_client_of_a_stored_session_is_kept_by_that_session_alone() -> None:
    world = a_world(a_session(GPT, client_id="issued-0"))
    await fails(world)
    assert world.oauth.asking == ["issued-0"]
    assert world.registrations.history == []


async def test_an_account_whose_session_cannot_be_read_keeps_its_new_client_for_itself() -> None:
    world = a_world(a_session(GPT, client_id="issued-0"))
    world.sessions.refuse_to_load = StoreDamaged("auth.json", "a record is damaged")
    await fails(world)
    assert world.registrations.client == RegisteredClient(GPT, "issued-1", TOKEN_URL, account="ana")


async def test_the_client_of_somebody_who_was_not_expected_is_forgotten() -> None:
    world = a_world(a_session(GPT, client_id="issued-0"))
    world.sessions.refuse_to_load = StoreDamaged("auth.json", "a record is damaged")
    with pytest.raises(OtherAccount):
        await succeeds(world, "ben")
    assert world.registrations.client is None


async def test_the_client_of_somebody_whom_nobody_decided_about_is_forgotten() -> None:
    world = a_world(a_session(GPT, client_id="issued-0"))
    world.sessions.refuse_to_load = StoreDamaged("auth.json", "a record is damaged")
    world.listener.callbacks.put_nowait(callback_of("ben"))
    with pytest.raises(SignInTimedOut, match="nobody said what becomes of the other account"):
        await world.sign_in.by_browser(GPT, FakeDialog(undecided=True), seconds=600)
    assert (world.registrations.client, len(world.oauth.revoked)) == (None, 1)


async def test_a_sign_in_to_another_provider_forgets_nothing() -> None:
    world = a_world()
    await fails(world)
    world.oauth.registers = False
    world.listener.callbacks.put_nowait(callback_of("ana"))
    await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert world.registrations.client == KEPT
