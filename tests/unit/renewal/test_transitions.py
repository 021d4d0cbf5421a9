"""Every transition of a session, with its number of requests and what is on the disk afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from application.renewal.coordinator import Renewal
from domain.credential import CredentialKey, CredentialRecord, Rejection, Tombstone
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    ClientRefused,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    RefreshInterrupted,
    Refused,
    RenewalPaused,
    SessionEnded,
    SignInNeeded,
    StoreBusy,
    StoreError,
    StoreLocked,
    StoreNotWritable,
)
from domain.provider import Provider
from domain.session import Session, SessionState, state_of
from tests.support.credentials import NOON, a_session, an_intent
from tests.support.fixed_clock import FixedClock
from tests.support.world import World

KEY = CredentialKey(Provider.CLAUDE, "ana")
NEIGHBOURS = (a_session(Provider.CHATGPT), a_session(Provider.GEMINI))
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LOST = AnswerUnreadable(Provider.CLAUDE, "the connection broke before the answer was complete")
FULL = StoreNotWritable("auth.json", "no space left on device")


@pytest.fixture(autouse=True)
def _saving_again_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits to save again moves the tests' clock, by hours on a busy machine while a thread reads the store."""
    monkeypatch.setattr("application.renewal.coordinator.SAVE_AGAIN_SECONDS", 0.0)


def fresh() -> Session:
    return a_session()


def due() -> Session:
    return a_session(obtained_at=NOON - 57 * MINUTE, access_expires_at=NOON + 3 * MINUTE)


def expired(generation: int = 1) -> Session:
    old = NOON - 120 * MINUTE
    return a_session(obtained_at=old, access_expires_at=old + 60 * MINUTE, generation=generation)


def in_doubt(session: Session) -> Session:
    """As a process left it that died between its request and the answer."""
    return replace(session, record=replace(session.record, intent=an_intent(NOON - 10 * MINUTE)))


def a_world(session: Session) -> World:
    return World(session, *NEIGHBOURS)


def stored(world: World) -> CredentialRecord:
    record = next(record for record in world.sessions.records() if record.key == KEY)
    assert set(NEIGHBOURS) <= {world.sessions.load(one.record.key) for one in NEIGHBOURS}
    return record


def requests(world: World) -> int:
    return len(world.oauth.renewals)


# Nothing to do, or nothing that may be done


@pytest.mark.parametrize("session", [fresh(), a_session(renewable=False)], ids=["fresh", "without refresh token"])
async def test_a_good_session_is_served_without_request_or_write(session: Session) -> None:
    world = a_world(session)
    stamp = world.sessions.stamp()
    assert await world.renewal(KEY) == session
    assert (requests(world), world.sessions.stamp()) == (0, stamp)


async def test_a_due_session_that_cannot_be_renewed_is_served_to_its_end() -> None:
    session = a_session(obtained_at=NOON - 57 * MINUTE, access_expires_at=NOON + 3 * MINUTE, renewable=False)
    assert await a_world(session).renewal(KEY) == session


async def test_an_unchanged_store_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(fresh())
    await world.renewal(KEY)
    monkeypatch.setattr(world.sessions, "load", lambda _: pytest.fail("it was read"))
    assert await world.renewal(KEY) == fresh()


async def test_what_another_window_signed_out_is_not_served_from_memory() -> None:
    world = a_world(fresh())
    await world.renewal(KEY)
    world.sessions.remove(KEY)
    with pytest.raises(SignInNeeded):
        await world.renewal(KEY)


async def test_a_due_session_is_served_while_another_process_renews_it() -> None:
    world = a_world(due())
    with world.sessions.renewing(KEY, timeout=0):
        assert await world.renewal(KEY) == due()
    assert requests(world) == 0


async def test_an_expired_session_that_another_process_holds_for_half_a_minute_is_an_error_and_unchanged() -> None:
    world = a_world(in_doubt(expired()))
    with world.sessions.renewing(KEY, timeout=0), pytest.raises(StoreBusy, match="in progress in process 4242"):
        await world.renewal(KEY)
    assert world.clock.now() - NOON >= 30 * SECOND
    assert stored(world) == in_doubt(expired()).record
    assert requests(world) == 0


async def test_waiting_ends_with_the_newer_generation_and_not_with_the_lock() -> None:
    world = a_world(expired())
    world.clock = Meanwhile(world.clock, after=2.0, do=lambda: world.sessions.save(a_session(generation=2)))
    renewal = world.another_process()
    with world.sessions.renewing(KEY, timeout=0):
        assert (await renewal(KEY)).record.generation == 2
    assert requests(world) == 0


class Meanwhile(FixedClock):
    """A clock at which something happens after so many seconds of sleep."""

    def __init__(self, clock: FixedClock, *, after: float, do: Callable[[], None]) -> None:
        super().__init__(start=clock.now())
        self._left, self._do = after, do

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self._left > 0 >= self._left - seconds:
            self._do()
        self._left -= seconds


@pytest.mark.parametrize("error", [FULL, StoreLocked("keyring", "it is locked")], ids=["full disk", "locked keyring"])
async def test_without_a_writable_store_no_token_is_spent_and_a_good_one_is_served(error: StoreError) -> None:
    world = a_world(due())
    world.sessions.refuse_to_reserve = error
    assert await world.renewal(KEY) == due()
    assert requests(world) == 0


async def test_without_a_writable_store_an_expired_session_is_an_error_and_unspent() -> None:
    world = a_world(expired())
    world.sessions.refuse_to_reserve = FULL
    with pytest.raises(StoreNotWritable, match="no space left"):
        await world.renewal(KEY)
    world.sessions.refuse_to_reserve = None
    world.sessions.refuse_to_write = FULL
    with pytest.raises(StoreNotWritable, match="no space left"):
        await world.renewal(KEY)
    assert requests(world) == 0, "nor where the intent cannot be written"
    assert stored(world) == expired().record


# The normal way


async def test_the_intent_stands_on_the_disk_while_the_token_is_on_its_way_and_goes_with_the_answer() -> None:
    world = a_world(expired())
    seen: list[CredentialRecord] = []
    world.oauth.before_answer = lambda: seen.append(stored(world))
    renewed = await world.renewal(KEY)
    assert isinstance(renewed, Session)
    intent = seen[0].intent
    token = expired().refresh_token
    assert intent is not None
    assert token is not None
    assert (intent.fingerprint, intent.attempt, intent.at) == (token.fingerprint, 1, NOON)
    assert state_of(seen[0], NOON) is SessionState.RENEWING
    assert (stored(world).intent, stored(world).generation) == (None, 2)
    assert world.sessions.load(KEY) == renewed


async def test_of_two_processes_one_renews_and_the_other_adopts() -> None:
    world = a_world(expired())
    world.oauth.held = asyncio.Event()
    first = asyncio.create_task(world.renewal(KEY))
    await world.oauth.asked.wait()
    second = asyncio.create_task(world.another_process()(KEY))
    world.oauth.held.set()
    assert await first == await second
    assert requests(world) == 1


async def test_a_new_sign_in_that_was_stored_meanwhile_is_what_is_handed_out() -> None:
    world = a_world(expired())
    anew = a_session(session_id="a later sign-in", obtained_at=NOON, access_expires_at=NOON + 60 * MINUTE)
    world.oauth.before_answer = lambda: world.sessions.save(anew)
    assert await world.renewal(KEY) == anew
    assert [session.record.session_id for session in world.oauth.revoked] == [expired().record.session_id]
    assert world.sessions.load(KEY) == anew


async def test_where_a_revocation_ends_all_sessions_of_an_account_the_old_one_is_not_revoked_beside_the_new() -> None:
    world = a_world(expired())
    anew = a_session(session_id="a later sign-in", obtained_at=NOON, access_expires_at=NOON + 60 * MINUTE)
    world.oauth.revocation_spreads = True
    world.oauth.before_answer = lambda: world.sessions.save(anew)
    assert await world.renewal(KEY) == anew
    assert world.oauth.revoked == []


async def test_an_answer_that_comes_after_the_sign_out_is_revoked_and_resurrects_nothing() -> None:
    world = a_world(expired())
    world.oauth.before_answer = partial(world.sessions.remove, KEY)
    with pytest.raises(SignInNeeded):
        await world.renewal(KEY)
    assert world.sessions.load(KEY) is None
    assert [session.record.generation for session in world.oauth.revoked] == [2]


# Failures that leave the token unspent


@pytest.mark.parametrize(
    "error",
    [Offline(Provider.CLAUDE, "no route"), Overloaded(Provider.CLAUDE, "503"), LimitReached(Provider.CLAUDE, "429")],
    ids=["before the request left", "503", "429"],
)
async def test_a_failure_that_processed_nothing_takes_the_intent_back(error: KeyswitchError) -> None:
    world = a_world(expired())
    world.oauth.failing = error
    with pytest.raises(type(error)):
        await world.renewal(KEY)
    record = stored(world)
    assert (record.intent, record.tombstone, record.generation) == (None, None, 1)
    assert record.setback is not None
    assert state_of(record, NOON) is SessionState.DEGRADED


async def test_while_a_failure_is_waited_out_a_person_gets_one_try_in_five_seconds_and_nobody_none() -> None:
    world = a_world(expired())
    world.oauth.failing = Overloaded(Provider.CLAUDE, "503", retry_after=60)
    with pytest.raises(Overloaded):
        await world.renewal(KEY)
    world.oauth.failing = None
    world.clock.advance(4 * SECOND)
    with pytest.raises(RenewalPaused):
        await world.renewal(KEY)
    world.clock.advance(2 * SECOND)
    with pytest.raises(RenewalPaused, match="next try in 54 s"):
        await world.renewal(KEY, unattended=True)
    assert requests(world) == 1
    assert (await world.renewal(KEY)).record.generation == 2


async def test_a_refusal_of_the_client_is_not_tried_again_until_the_program_starts_anew() -> None:
    world = a_world(expired())
    world.oauth.failing = ClientRefused(Provider.CLAUDE, "invalid_client")
    for _ in range(3):
        with pytest.raises(ClientRefused, match="invalid_client"):
            await world.renewal(KEY)
        world.clock.advance(10 * MINUTE)
    assert requests(world) == 1
    assert stored(world).tombstone is None, "the person is not signed out by it"
    world.oauth.failing = None
    assert (await world.another_process()(KEY)).record.generation == 2


async def test_a_refusal_that_nobody_can_explain_ends_no_session() -> None:
    world = a_world(expired())
    world.oauth.failing = Refused(Provider.CLAUDE, "HTTP 404")
    for _ in range(5):
        with pytest.raises((Refused, RenewalPaused)):
            await world.renewal(KEY, unattended=True)
        world.clock.advance(2 * MINUTE)
    assert requests(world) == 3
    record = stored(world)
    assert (record.tombstone, record.intent) == (None, None)
    assert record.setback is not None
    assert record.setback.next_try - record.setback.at == 60 * MINUTE  # type: ignore[operator]  # never None here


# Answers that were lost


async def test_a_lost_answer_is_worth_one_more_try_with_the_same_token() -> None:
    world = a_world(expired())
    world.oauth.failing_once = [LOST]
    assert (await world.renewal(KEY)).record.generation == 2
    assert [session.refresh_token for session in world.oauth.renewals] == [expired().refresh_token] * 2
    assert world.clock.slept[0] == 2.0
    assert stored(world).intent is None


async def test_two_lost_answers_leave_the_session_in_doubt_and_kept() -> None:
    world = a_world(expired())
    world.oauth.failing = LOST
    with pytest.raises(AnswerUnreadable):
        await world.renewal(KEY)
    assert requests(world) == 2
    record = stored(world)
    assert record.intent is not None
    assert record.intent.attempt == 2
    assert record.tombstone is None
    assert record.setback is not None
    assert record.setback.next_try - world.clock.now() == 30 * SECOND
    assert state_of(record, world.clock.now() + MINUTE) is SessionState.UNCERTAIN


@pytest.mark.parametrize("chance", [0.0, 1.0])
async def test_at_a_silent_server_both_tries_end_within_35_seconds(chance: float) -> None:
    world = a_world(expired())
    world.chance = chance
    world.oauth.failing = LOST
    world.oauth.before_answer = lambda: world.clock.advance(world.oauth.limits[-1] * SECOND)
    with pytest.raises(AnswerUnreadable):
        await world.another_process()(KEY)
    first, second = world.oauth.limits
    assert first == 15
    assert second >= 15
    assert 30 * SECOND < world.clock.now() - NOON <= 35 * SECOND


async def test_a_lost_answer_whose_repetition_is_refused_is_named_as_an_interruption() -> None:
    world = a_world(expired())
    world.oauth.failing_once = [LOST, SessionEnded(Provider.CLAUDE, "invalid_grant")]
    with pytest.raises(RefreshInterrupted, match="12:00 UTC"):
        await world.renewal(KEY)
    tombstone = stored(world).tombstone
    assert tombstone is not None
    assert tombstone.interrupted
    with pytest.raises(RefreshInterrupted, match="12:00 UTC"):
        await world.another_process()(KEY)
    assert requests(world) == 2, "a restart does not send it again"


async def test_a_lost_answer_of_a_provider_that_rotates_nothing_is_only_a_delay() -> None:
    session = expired()
    world = a_world(replace(session, record=replace(session.record, unrotated=3)))
    world.oauth.failing = LOST
    with pytest.raises(AnswerUnreadable):
        await world.renewal(KEY)
    assert requests(world) == 1
    assert stored(world).intent is None


async def test_a_session_in_doubt_is_served_at_once_while_its_token_lives_and_tried_again_beside() -> None:
    world = a_world(in_doubt(due()))
    world.oauth.held = asyncio.Event()
    assert await world.renewal(KEY) == in_doubt(due())
    await world.oauth.asked.wait()
    world.oauth.held.set()
    await world.renewal.settle()
    assert stored(world).generation == 2


async def test_a_session_in_doubt_that_is_refused_now_ended_when_it_was_interrupted() -> None:
    world = a_world(in_doubt(expired()))
    world.oauth.failing = SessionEnded(Provider.CLAUDE, "invalid_grant")
    with pytest.raises(RefreshInterrupted, match="11:50 UTC"):
        await world.renewal(KEY)
    assert requests(world) == 1


async def test_a_session_in_doubt_whose_answer_is_lost_again_waits() -> None:
    world = a_world(in_doubt(expired()))
    world.oauth.failing = LOST
    with pytest.raises(AnswerUnreadable):
        await world.renewal(KEY)
    assert requests(world) == 1
    assert stored(world).intent is not None


async def test_a_session_in_doubt_that_left_a_rescue_copy_needs_no_request() -> None:
    world = a_world(in_doubt(expired()))
    with world.sessions.reserve(KEY) as room:
        room.rescue(a_session(generation=2))
    assert await world.renewal(KEY) == a_session(generation=2)
    assert requests(world) == 0
    assert world.sessions.load(KEY) == a_session(generation=2)


# The strict mode: a token whose answer was lost is never sent again


async def test_in_the_strict_mode_a_lost_answer_is_not_followed_by_a_second_try() -> None:
    world = a_world(expired())
    world.strict = True
    world.oauth.failing = LOST
    with pytest.raises(AnswerUnreadable):
        await world.renewal(KEY)
    assert requests(world) == 1
    assert stored(world).intent is not None
    world.oauth.failing = None
    world.clock.advance(10 * SECOND)
    with pytest.raises(RefreshInterrupted, match="12:00 UTC"):
        await world.renewal(KEY)
    assert requests(world) == 1
    assert stored(world).tombstone is not None


async def test_in_the_strict_mode_a_session_in_doubt_is_served_to_its_end() -> None:
    world = a_world(in_doubt(due()))
    world.strict = True
    assert await world.renewal(KEY) == in_doubt(due())
    await world.renewal.settle()
    assert requests(world) == 0
    assert stored(world).tombstone is None


# Refusals


async def test_a_refusal_after_somebody_else_renewed_is_no_end() -> None:
    world = a_world(expired())
    world.oauth.failing = SessionEnded(Provider.CLAUDE, "invalid_grant")
    world.oauth.before_answer = lambda: world.sessions.save(a_session(generation=2))
    assert await world.renewal(KEY) == a_session(generation=2)
    assert stored(world).tombstone is None


async def test_the_winner_of_a_race_that_no_lock_could_stop_is_given_two_seconds_to_save() -> None:
    """Another machine, or another program, on the same home."""
    world = a_world(expired())
    world.oauth.failing = SessionEnded(Provider.CLAUDE, "refresh_token_reused", spent=True)
    world.clock = Meanwhile(world.clock, after=1.5, do=lambda: world.sessions.save(a_session(generation=2)))
    assert await world.another_process()(KEY) == a_session(generation=2)


async def test_an_ended_session_comes_back_with_a_new_sign_in_of_another_window() -> None:
    ended = replace(expired(), record=replace(expired().record, tombstone=Tombstone("invalid_grant", NOON)))
    world = a_world(ended)
    with pytest.raises(SessionEnded):
        await world.renewal(KEY)
    anew = a_session(session_id="a later sign-in")
    world.sessions.save(anew)
    assert await world.renewal(KEY) == anew
    assert requests(world) == 0


# 401 from the API


async def test_a_refused_token_is_renewed_once_and_its_successor_not_for_that_reason() -> None:
    world = a_world(fresh())
    assert (await world.renewal(KEY, rejected=1)).record.generation == 2
    with pytest.raises(AuthRejected):
        await world.renewal(KEY, rejected=2)
    assert requests(world) == 1
    rejection = stored(world).rejection
    assert rejection is not None
    assert rejection.generation == 1


async def test_tokens_that_are_always_refused_cause_two_requests_in_ten_minutes() -> None:
    world = a_world(fresh())
    world.oauth.life = 30 * SECOND
    generation = 1
    for _ in range(120):
        with suppress(AuthRejected):
            generation = (await world.renewal(KEY, rejected=generation)).record.generation
        world.clock.advance(5 * SECOND)
    assert requests(world) == 2


async def test_fifty_requests_that_are_refused_together_cause_one_renewal() -> None:
    world = a_world(fresh())
    results = await asyncio.gather(*(world.renewal(KEY, rejected=1) for _ in range(50)))
    assert {result.record.generation for result in results} == {2}
    assert requests(world) == 1


async def test_whoever_is_refused_while_another_process_renews_for_that_reason_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = replace(fresh(), record=replace(fresh().record, intent=an_intent(NOON), rejection=Rejection(1, (NOON,))))
    world = a_world(begun)

    async def renewed_meanwhile(_seconds: float) -> None:
        world.sessions.save(a_session(generation=2))

    monkeypatch.setattr(world.clock, "sleep", renewed_meanwhile)
    with world.sessions.renewing(KEY, timeout=0):
        assert (await world.renewal(KEY, rejected=1)).record.generation == 2
    assert requests(world) == 0


# A disk that fails after the token was spent


async def test_a_save_that_fails_at_first_is_tried_again() -> None:
    world = a_world(expired())
    world.sessions.refuse_to_commit = [FULL, FULL]
    assert (await world.renewal(KEY)).record.generation == 2
    assert stored(world).generation == 2
    assert world.renewal.unsaved() == ()


def full_disk(world: World) -> None:
    """From now on, as the answer is on its way."""
    world.sessions.refuse_to_write = FULL


async def test_what_cannot_be_saved_is_used_from_memory_and_left_where_others_find_it() -> None:
    world = a_world(expired())
    world.oauth.before_answer = partial(full_disk, world)
    renewed = await world.renewal(KEY)
    assert renewed.record.generation == 2
    assert world.renewal.unsaved() == (KEY,)
    assert "renewal_unsaved" in world.events.names
    assert stored(world).generation == 1
    assert await world.renewal(KEY) == renewed
    world.sessions.refuse_to_write = None
    assert await world.another_process()(KEY) == renewed
    assert requests(world) == 1
    assert await world.renewal.settle() == ()
    assert stored(world).generation == 2


async def test_what_not_even_the_rescue_could_keep_is_saved_as_soon_as_the_disk_takes_it() -> None:
    world = a_world(expired())
    world.oauth.before_answer = partial(full_disk, world)
    world.sessions.refuse_to_rescue = FULL
    renewed = await world.renewal(KEY)
    with pytest.raises(StoreBusy):
        await world.another_process()(KEY)
    assert requests(world) == 1, "the spent token is not sent by another window either"
    world.sessions.refuse_to_write = None
    assert await world.renewal.settle() == ()
    assert await world.another_process()(KEY) == renewed
    assert requests(world) == 1


async def test_what_stays_unsaved_at_the_end_is_named() -> None:
    world = a_world(expired())
    world.oauth.before_answer = partial(full_disk, world)
    await world.renewal(KEY)
    assert await world.renewal.settle() == (KEY,)


# Clocks


@pytest.mark.parametrize(
    "offset",
    [timedelta(seconds=61), timedelta(hours=1), timedelta(days=2), timedelta(days=366), timedelta(days=3653)],
    ids=["a minute", "an hour", "two days", "a year", "ten years"],
)
@pytest.mark.parametrize("sign", [1, -1], ids=["ahead", "behind"])
async def test_a_clock_that_is_set_costs_at_most_three_requests_in_two_hours_and_no_session(
    offset: timedelta, sign: int
) -> None:
    world = a_world(fresh())
    world.clock.set_wall(NOON + sign * offset)
    for _ in range(120):
        await world.renewal(KEY)
        world.clock.advance(MINUTE)
    assert requests(world) <= 3
    assert stored(world).tombstone is None


async def test_a_night_asleep_is_noticed_although_the_stopwatch_stood_still() -> None:
    world = a_world(fresh())
    renewal: Renewal = world.renewal
    await renewal(KEY)
    world.clock.suspend(timedelta(hours=8))
    assert (await renewal(KEY)).record.generation == 2
    assert requests(world) == 1
