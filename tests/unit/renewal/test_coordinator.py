"""Of all who want a session renewed at once, one renews it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.credential import CredentialKey, Tombstone
from domain.errors import (
    Offline,
    Overloaded,
    RefreshInterrupted,
    RenewalPaused,
    SessionEnded,
    SignInNeeded,
    StoreBusy,
    StoreError,
)
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.error_codes import with_code
from tests.support.world import World

KEY = CredentialKey(Provider.CLAUDE, "ana")
PAST = NOON - timedelta(hours=2)


def expired() -> Session:
    return a_session(obtained_at=PAST, access_expires_at=PAST + timedelta(hours=1))


def due() -> Session:
    return a_session(obtained_at=NOON - timedelta(minutes=57), access_expires_at=NOON + timedelta(minutes=3))


async def test_a_fresh_session_is_handed_out_without_a_request() -> None:
    world = World(a_session())
    assert await world.renewal(KEY) == a_session()
    assert world.oauth.renewals == []


async def test_a_due_session_is_renewed_once_and_saved() -> None:
    world = World(due())
    renewed = await world.renewal(KEY)
    assert renewed.record.generation == 2
    assert world.sessions.load(KEY) == renewed
    assert len(world.oauth.renewals) == 1
    assert world.events.names == ["renewed"]


async def test_five_hundred_tasks_that_need_one_expired_session_cause_one_request() -> None:
    world = World(expired())
    world.oauth.held = asyncio.Event()
    tasks = [asyncio.create_task(world.renewal(KEY)) for _ in range(500)]
    await world.oauth.asked.wait()
    world.oauth.held.set()
    results = await asyncio.gather(*tasks)
    assert len(world.oauth.renewals) == 1
    assert {result.record.generation for result in results} == {2}


async def test_a_cancelled_prompt_does_not_cancel_the_renewal() -> None:
    world = World(expired())
    world.oauth.held = asyncio.Event()
    prompt = asyncio.create_task(world.renewal(KEY))
    await world.oauth.asked.wait()
    prompt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await prompt
    world.oauth.held.set()
    renewed = await world.renewal(KEY)
    assert renewed.record.generation == 2
    assert len(world.oauth.renewals) == 1


async def test_what_another_process_renewed_meanwhile_is_adopted_without_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(expired())
    theirs = a_session(generation=2)

    @contextmanager
    def after_the_other(key: CredentialKey, *, timeout: float) -> Iterator[None]:
        world.sessions.save(theirs)
        yield

    monkeypatch.setattr(world.sessions, "renewing", after_the_other)
    assert await world.renewal(KEY) == theirs
    assert world.oauth.renewals == []


def taken(key: CredentialKey, *, timeout: float) -> AbstractContextManager[None]:
    raise StoreBusy("locks", "another process is renewing this session")


async def test_a_due_session_is_served_as_it_is_while_another_process_renews_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(due())
    monkeypatch.setattr(world.sessions, "renewing", taken)
    assert await world.renewal(KEY) == due()
    assert world.oauth.renewals == []


async def test_an_expired_session_that_another_process_holds_too_long_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(expired())
    monkeypatch.setattr(world.sessions, "renewing", taken)
    with pytest.raises(StoreBusy):
        await world.renewal(KEY)
    assert world.sessions.load(KEY) == expired()


async def test_what_another_process_saved_ends_the_wait_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    world, theirs = World(expired()), a_session(generation=2)
    tries: list[CredentialKey] = []

    @contextmanager
    def held_once(key: CredentialKey, *, timeout: float) -> Iterator[None]:
        tries.append(key)
        if len(tries) == 1:
            asyncio.get_running_loop().call_soon(world.sessions.save, theirs)
            raise StoreBusy("locks", "another process is renewing this session")
        yield

    monkeypatch.setattr(world.sessions, "renewing", held_once)
    assert await world.renewal(KEY) == theirs
    assert tries == [KEY]


async def test_a_refused_session_is_kept_with_the_reason_and_never_sent_again() -> None:
    world = World(expired())
    world.oauth.failing = SessionEnded(Provider.CLAUDE, "invalid_grant")
    for _ in range(3):
        with pytest.raises(SessionEnded, match="invalid_grant"):
            await world.renewal(KEY)
    assert len(world.oauth.renewals) == 1
    kept = world.sessions.load(KEY)
    assert isinstance(kept, Session)
    assert kept.refresh_token is not None
    assert kept.refresh_token == expired().refresh_token
    assert kept.record.tombstone == Tombstone("invalid_grant", NOON, kept.refresh_token.fingerprint)
    assert world.events.names == ["session_ended"]


@pytest.mark.parametrize(
    "failure", [Offline(Provider.CLAUDE, "no route"), Overloaded(Provider.CLAUDE, "503")], ids=["offline", "overloaded"]
)
async def test_a_due_session_is_served_when_the_renewal_fails_for_now(failure: Exception) -> None:
    world = World(due())
    world.oauth.failing = failure
    assert (await world.renewal(KEY)).record.generation == 1
    await world.renewal(KEY)
    assert len(world.oauth.renewals) == 1, "a setback is waited out before the next try"


async def test_an_expired_session_whose_renewal_fails_for_now_is_kept_and_tried_again() -> None:
    world = World(expired())
    world.oauth.failing = Offline(Provider.CLAUDE, "no route")
    with pytest.raises(Offline):
        await world.renewal(KEY)
    world.oauth.failing = None
    with pytest.raises(RenewalPaused, match=r"no route.*next try in 5 s"):
        await world.renewal(KEY)
    world.clock.advance(timedelta(seconds=5))
    assert (await world.renewal(KEY)).record.generation == 2


async def test_the_pause_that_a_provider_asks_for_is_kept() -> None:
    world = World(due())
    world.oauth.failing = Overloaded(Provider.CLAUDE, retry_after=120)
    await world.renewal(KEY)
    record = world.sessions.records()[0]
    assert record.setback is not None
    assert record.setback.next_try == NOON + timedelta(seconds=120)


async def test_a_401_for_the_current_generation_renews_even_a_fresh_session() -> None:
    world = World(a_session())
    assert (await world.renewal(KEY, rejected=1)).record.generation == 2


async def test_a_401_for_an_older_generation_only_hands_out_the_newer_one() -> None:
    world = World(a_session(generation=4))
    assert (await world.renewal(KEY, rejected=3)).record.generation == 4
    assert world.oauth.renewals == []


async def test_a_key_is_never_renewed() -> None:
    key = an_api_key()
    world = World(key)
    assert await world.renewal(key.record.key, force=True) == key
    assert world.oauth.renewals == []


async def test_a_session_that_was_signed_out_meanwhile_says_so() -> None:
    with pytest.raises(SignInNeeded):
        await World().renewal(KEY)


async def test_refreshing_all_renews_what_is_due_and_one_failure_stops_no_other() -> None:
    world = World(due(), a_session(Provider.GEMINI), a_session(Provider.CHATGPT, tombstone=Tombstone("gone", NOON)))
    outcomes = {outcome.record.provider: outcome for outcome in await world.refresh_all()}
    assert outcomes[Provider.CLAUDE].renewed
    assert not outcomes[Provider.GEMINI].renewed
    assert outcomes[Provider.GEMINI].error is None
    assert isinstance(outcomes[Provider.CHATGPT].error, SessionEnded)


async def test_forcing_renews_a_fresh_session_of_that_provider_alone() -> None:
    world = World(a_session(), a_session(Provider.GEMINI))
    outcomes = await world.refresh_all(Provider.CLAUDE, force=True)
    assert [(outcome.record.provider, outcome.renewed) for outcome in outcomes] == [(Provider.CLAUDE, True)]
    assert world.oauth.renewals[0].access_token == Secret("fake-access-claude-ana-1")


async def test_a_copy_of_another_places_session_is_used_and_never_renewed_until_its_owner_says_here() -> None:
    fresh, spent = (
        World(a_session(elsewhere="/home/ana/.code")),
        World(replaced(expired(), elsewhere="/home/ana/.code")),
    )
    assert await fresh.renewal(KEY) == a_session(elsewhere="/home/ana/.code")
    with pytest.raises(StoreError, check=with_code("home_copied"), match="keyswitch refresh --here"):
        await fresh.renewal(KEY, force=True)
    with pytest.raises(StoreError, check=with_code("home_copied")):
        await fresh.renewal(KEY, rejected=1)
    with pytest.raises(StoreError, check=with_code("home_copied")):
        await spent.renewal(KEY)
    assert fresh.oauth.renewals == spent.oauth.renewals == []
    assert [record.key for record in spent.go_on_here()] == [KEY]
    assert (await spent.renewal(KEY)).record.generation == 2
    assert spent.events.names == ["home_kept", "renewed"]


async def test_a_refused_older_copy_is_named_as_what_it_is() -> None:
    world = World(replaced(expired(), older_copy=True))
    world.oauth.failing_once = [SessionEnded(Provider.CLAUDE, "invalid_grant")]
    with pytest.raises(RefreshInterrupted, match="before an older copy of it was put back here"):
        await world.renewal(KEY)
    assert len(world.oauth.renewals) == 1


def replaced(session: Session, **changes: Any) -> Session:
    return replace(session, record=replace(session.record, **changes))
