"""Ending one session never ends another one of the same account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from application.ports.oauth_client import Revocation
from domain.errors import StoreDamaged
from domain.session import Session
from tests.support.credentials import a_session
from tests.support.world import World

OLD = a_session()


def newer() -> Session:
    return replace(OLD, record=replace(OLD.record, session_id="of-a-newer-sign-in"))


@pytest.mark.parametrize("spreads", [True, False])
async def test_a_session_that_nothing_replaced_is_ended(*, spreads: bool) -> None:
    world = World()
    world.oauth.revocation_spreads = spreads
    assert await world.end_session(OLD) is Revocation.CONFIRMED
    assert world.oauth.revoked == [OLD]


async def test_where_each_session_ends_alone_a_newer_one_is_no_obstacle() -> None:
    world = World(newer())
    world.turns.held = 1
    assert await world.end_session(OLD) is Revocation.CONFIRMED


async def test_where_all_end_together_a_newer_one_that_is_stored_lives_on() -> None:
    world = World(newer())
    world.oauth.revocation_spreads = True
    assert await world.end_session(OLD) is Revocation.WITHHELD
    assert world.oauth.revoked == []


async def test_where_all_end_together_one_that_another_window_is_just_obtaining_lives_on() -> None:
    world = World()
    world.oauth.revocation_spreads = True
    world.turns.held = 1
    assert await world.end_session(OLD) is Revocation.WITHHELD
    assert world.oauth.revoked == []


async def test_no_sign_in_begins_while_the_provider_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.oauth.revocation_spreads = True
    turns: list[int] = []
    revoke = world.oauth.revoke

    async def watched(session: Session) -> Revocation:
        turns.append(world.turns.taken)
        return await revoke(session)

    monkeypatch.setattr(world.oauth, "revoke", watched)
    await world.end_session(OLD)
    assert turns == [1]
    assert world.turns.taken == 0


async def test_where_all_end_together_and_the_store_cannot_be_read_nothing_is_risked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.oauth.revocation_spreads = True

    def damaged() -> None:
        raise StoreDamaged("auth.json", "it is no JSON")

    monkeypatch.setattr(world.sessions, "records", damaged)
    assert await world.end_session(OLD) is Revocation.WITHHELD
