"""Sign-ins are kept alive while the app is open, and people are told before one ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.renewal.background import LONGEST_WAKE_PAUSE, TICK, BackgroundRenewal
from application.renewal.warnings import Ending
from domain.credential import CredentialKey, CredentialRecord, Setback, Tombstone
from domain.errors import (
    KeyswitchError,
    NoClient,
    Offline,
    SessionEnded,
    StoreDamaged,
    StoreLocked,
    StoreNotWritable,
)
from domain.provider import Provider
from domain.renewal.ending import due_warning
from domain.renewal.freshness import Instant
from tests.support.credentials import NOON, a_record, a_session, an_api_key
from tests.support.world import World

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
CLAUDE, GEMINI, CHATGPT = (
    CredentialKey(provider, "ana") for provider in (Provider.CLAUDE, Provider.GEMINI, Provider.CHATGPT)
)


class Window:
    """A window that uses one credential, and hears the rest."""

    def __init__(self, in_use: CredentialKey | None = CLAUDE) -> None:
        self.using = in_use
        self.troubles: list[KeyswitchError | None] = []
        self.endings: list[Ending] = []

    def in_use(self) -> CredentialKey | None:
        return self.using

    def renewal_trouble(self, error: KeyswitchError | None) -> None:
        self.troubles.append(error)

    def sign_in_ends(self, ending: Ending) -> None:
        self.endings.append(ending)


def everywhere() -> World:
    return World(*(a_session(provider) for provider in Provider))


async def let_pass(world: World, span: timedelta, *backgrounds: BackgroundRenewal, window: Window) -> None:
    """Look every tick until *span* is over."""
    end = world.clock.now() + span
    while world.clock.now() < end:
        for background in backgrounds:
            await background.look(window)
        world.clock.advance(timedelta(seconds=TICK))


def renewals(world: World) -> list[CredentialKey]:
    return [session.record.key for session in world.oauth.renewals]


def pauses(world: World) -> list[float]:
    """What was waited for, in seconds, but for the turns of a loop."""
    return [seconds for seconds in world.clock.slept if seconds]


async def test_what_is_in_use_is_renewed_when_it_is_due_and_not_before() -> None:
    world, window = everywhere(), Window()
    background = world.background()
    await let_pass(world, timedelta(minutes=54), background, window=window)
    assert renewals(world) == []
    await let_pass(world, timedelta(minutes=2), background, window=window)
    assert renewals(world) == [CLAUDE]


async def test_who_is_asked_not_to_renew_yet_obeys_only_as_long_as_the_token_is_good() -> None:
    """After a clock was set back that moment may be far off."""
    world, window = World(a_session(earliest_refresh_at=NOON + 30 * DAY)), Window()
    await let_pass(world, timedelta(minutes=58), world.background(), window=window)
    assert renewals(world) == []
    await let_pass(world, timedelta(minutes=5), world.background(), window=window)
    assert renewals(world) == [CLAUDE]


async def test_idle_sessions_are_renewed_once_a_day_and_no_more() -> None:
    world, window = everywhere(), Window()
    await let_pass(world, 3 * DAY + 4 * HOUR, world.background(), window=window)
    for idle in (CHATGPT, GEMINI):
        assert renewals(world).count(idle) == 3
    assert 80 <= renewals(world).count(CLAUDE) <= 84


async def test_starting_the_app_again_and_again_renews_no_idle_session_more_often() -> None:
    world, window = everywhere(), Window()
    for _ in range(24):
        await let_pass(world, timedelta(seconds=60), world.background(), window=window)
        world.clock.advance(2 * HOUR)
    for idle in (CHATGPT, GEMINI):
        assert renewals(world).count(idle) == 1


async def test_an_idle_session_that_was_not_used_for_long_is_renewed_at_the_first_look() -> None:
    world, window = everywhere(), Window()
    world.clock.advance(20 * DAY)
    await world.background().look(window)
    assert renewals(world)[0] == CLAUDE
    assert len(renewals(world)) == 2
    await let_pass(world, timedelta(minutes=1), world.background(), window=window)
    assert len(renewals(world)) == 3
    assert set(renewals(world)) == {CHATGPT, CLAUDE, GEMINI}


async def test_many_idle_sessions_do_not_come_in_one_moment() -> None:
    world = World(*(a_session(account=f"idle-{number}", active=False) for number in range(20)))
    world.clock.advance(2 * DAY)
    background, window = world.background(), Window(None)
    for number in range(1, 21):
        await background.look(window)
        assert len(renewals(world)) == number
        world.clock.advance(timedelta(seconds=TICK))


async def test_windows_come_at_different_moments() -> None:
    world, window = everywhere(), Window(None)
    world.clock.advance(DAY + timedelta(minutes=30))
    await world.background(chance=1.0).look(window)
    assert renewals(world) == []
    await world.background(chance=0.0).look(window)
    assert len(renewals(world)) == 1


async def test_two_windows_renew_what_one_would() -> None:
    world, window = everywhere(), Window()
    await let_pass(world, DAY, world.background(chance=0.1), world.background(chance=0.9), window=window)
    both = renewals(world).count(CLAUDE)
    alone = everywhere()
    await let_pass(alone, DAY, alone.background(chance=0.1), window=window)
    assert both == renewals(alone).count(CLAUDE)


async def test_keys_and_ended_sessions_are_left_alone() -> None:
    world = World(
        an_api_key(),
        a_session(Provider.GEMINI, tombstone=Tombstone("invalid_grant", NOON)),
        a_session(Provider.CHATGPT, renewable=False),
    )
    await let_pass(world, 2 * DAY, world.background(), window=Window(CHATGPT))
    assert renewals(world) == []


async def test_a_failure_is_noted_waited_out_and_tried_again() -> None:
    world, window = everywhere(), Window()
    world.oauth.failing = Offline(Provider.CLAUDE, "no route")
    await let_pass(world, timedelta(minutes=70), world.background(), window=window)
    tries = renewals(world).count(CLAUDE)
    assert 3 < tries < 20
    assert window.troubles == []
    assert next(record.setback for record in world.sessions.records() if record.key == CLAUDE) is not None
    world.oauth.failing = None
    await let_pass(world, timedelta(minutes=6), world.background(), window=window)
    assert next(record.setback for record in world.sessions.records() if record.key == CLAUDE) is None


async def test_an_idle_session_that_fails_is_tried_hourly() -> None:
    world, window = everywhere(), Window()
    world.clock.advance(2 * DAY)
    world.oauth.failing = Offline(Provider.GEMINI, "no route")
    window.using = None
    await let_pass(world, 3 * HOUR, world.background(), window=window)
    assert renewals(world).count(GEMINI) == 3


async def test_a_session_that_ended_is_tried_once() -> None:
    world, window = everywhere(), Window()
    world.oauth.failing = SessionEnded(Provider.CLAUDE, "invalid_grant")
    await let_pass(world, 3 * HOUR, world.background(), window=window)
    assert renewals(world).count(CLAUDE) == 1
    assert window.troubles == []


@pytest.mark.parametrize(
    "error",
    [StoreNotWritable("auth.json", "the disk is full"), StoreLocked("auth.json", "the keyring is locked")],
    ids=["full", "locked"],
)
async def test_trouble_that_no_record_can_tell_of_is_reported_until_it_is_over(
    error: StoreNotWritable | StoreLocked,
) -> None:
    world, window = everywhere(), Window()
    world.clock.advance(timedelta(minutes=57))
    background = world.background()
    if isinstance(error, StoreLocked):
        world.sessions.refuse_to_load = error
    else:
        world.sessions.refuse_to_write = error
        world.clock.advance(timedelta(minutes=5))  # expired: nothing can be served in its place
    await background.look(window)
    assert window.troubles == [error]
    world.sessions.refuse_to_load = world.sessions.refuse_to_write = None
    world.clock.advance(timedelta(seconds=TICK))
    await background.look(window)
    assert window.troubles == [error, None]
    await background.look(window)
    assert window.troubles == [error, None]
    assert renewals(world) == [CLAUDE]


async def test_a_store_that_cannot_be_read_is_reported_and_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, window = everywhere(), Window()
    background = world.background()

    def damaged() -> tuple[CredentialRecord, ...]:
        raise StoreDamaged("auth.json", "it is no whole JSON document")

    with monkeypatch.context() as patched:
        patched.setattr(world.sessions, "records", damaged)
        await background.look(window)
    await background.look(window)
    assert [type(trouble) for trouble in window.troubles] == [StoreDamaged, type(None)]


async def test_a_client_that_is_gone_from_the_config_is_reported() -> None:
    world, window = everywhere(), Window()
    world.clock.advance(2 * HOUR)
    world.oauth.failing = NoClient(Provider.CLAUDE)
    await world.background().look(window)
    assert [type(trouble) for trouble in window.troubles] == [NoClient]


# Sleep, and clocks that are set


async def test_after_sleep_the_store_is_read_first_and_a_moment_passes_before_a_renewal() -> None:
    world, window = everywhere(), Window()
    background = world.background(chance=0.5)
    await background.look(window)
    world.clock.suspend(8 * HOUR)
    await background.look(window)
    assert pauses(world) == [0.5 * LONGEST_WAKE_PAUSE]
    assert renewals(world) == [CLAUDE]
    await background.look(window)
    assert pauses(world) == [0.5 * LONGEST_WAKE_PAUSE]


async def test_what_another_window_renewed_on_waking_is_not_renewed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, window = everywhere(), Window()
    background, other = world.background(), world.another_process()
    await background.look(window)
    world.clock.suspend(8 * HOUR)
    sleep = world.clock.sleep

    async def meanwhile(seconds: float) -> None:
        monkeypatch.setattr(world.clock, "sleep", sleep)
        await other(CLAUDE)
        await sleep(seconds)

    monkeypatch.setattr(world.clock, "sleep", meanwhile)
    await background.look(window)
    assert renewals(world) == [CLAUDE]


@pytest.mark.parametrize("by", [timedelta(days=-400), timedelta(minutes=-5), timedelta(days=400)])
async def test_a_clock_that_is_set_causes_no_burst(by: timedelta) -> None:
    world, window = everywhere(), Window()
    background = world.background()
    await background.look(window)
    world.clock.set_wall(world.clock.now() + by)
    await let_pass(world, 2 * HOUR, background, window=window)
    assert renewals(world).count(CLAUDE) <= 4
    assert renewals(world).count(GEMINI) <= 1


async def test_without_a_clock_since_boot_sleep_is_noticed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    world, window = everywhere(), Window()
    monkeypatch.setattr(world.clock, "boot", lambda: None)
    background = world.background()
    world.clock.suspend(HOUR)
    await background.look(window)
    assert pauses(world) == [0.5 * LONGEST_WAKE_PAUSE]


@given(st.lists(st.sampled_from(["pass", "sleep", "set", "boot"]), max_size=20))
async def test_ordinary_time_is_never_taken_for_a_jump(steps: list[str]) -> None:
    """The clocks jump where the machine sleeps or somebody sets them, and only there."""
    world, window = World(), Window()
    clock, background = world.clock, world.background()
    for step in steps:
        before = len(clock.slept)
        match step:
            case "pass":
                clock.advance(timedelta(seconds=TICK))
            case "sleep":
                clock.suspend(timedelta(minutes=1))
            case "set":
                clock.set_wall(clock.now() - timedelta(minutes=3))
            case _:
                pass
        await background.look(window)
        assert (len(clock.slept) > before) is (step in ("sleep", "set"))


# Warnings


def at(span: timedelta) -> Instant:
    return Instant(NOON + span)


END = NOON + 7 * DAY


@pytest.mark.parametrize(
    ("left", "warning"),
    [
        (3 * DAY + SECOND, None),
        (3 * DAY, 3),
        (DAY + SECOND, 3),
        (DAY, 1),
        (SECOND, 1),
        (timedelta(0), None),
    ],
)
def test_there_is_a_warning_three_days_and_one_day_before_the_end(left: timedelta, warning: int | None) -> None:
    now = END - left
    record = a_record(obtained_at=now - HOUR, sign_in_expires_at=END)
    found = due_warning(record, Instant(now))
    assert (found.days if found else None) == warning


def test_a_sign_in_that_renewals_prolong_is_nothing_to_warn_of() -> None:
    """Unused for 28 of its 30 days: the next renewal gives it 30 more."""
    record = a_record(sign_in_expires_at=NOON + 30 * DAY)
    assert due_warning(record, at(28 * DAY)) is None


@pytest.mark.parametrize("record", [
    a_record(sign_in_expires_at=NOON + 30 * DAY, renewable=False),
    a_record(sign_in_expires_at=NOON + 30 * DAY, setback=Setback("the provider is down", 9, NOON)),
], ids=["no refresh token", "renewals fail"])  # fmt: skip
def test_what_nothing_prolongs_is_warned_of_however_old_it_is(record: CredentialRecord) -> None:
    assert due_warning(record, at(28 * DAY)) == 3 * DAY


@pytest.mark.parametrize(
    "record",
    [a_record(), an_api_key().record, a_record(sign_in_expires_at=END, tombstone=Tombstone("invalid_grant", NOON))],
    ids=["no known end", "a key", "ended already"],
)
def test_what_has_no_end_to_come_is_nothing_to_warn_of(record: CredentialRecord) -> None:
    assert due_warning(record, at(6 * DAY)) is None


async def test_each_warning_is_given_once_in_whichever_window_comes_first() -> None:
    world, one, other = World(a_session(sign_in_expires_at=END)), Window(), Window()
    first, second = world.background(), world.background()
    await let_pass(world, timedelta(days=3, hours=23), first, window=one)
    assert one.endings == []
    await let_pass(world, timedelta(hours=4), first, window=one)
    await let_pass(world, timedelta(hours=4), second, window=other)
    assert [ending.within for ending in one.endings] == [3 * DAY]
    assert other.endings == []
    await let_pass(world, 2 * DAY, second, window=other)
    await let_pass(world, timedelta(hours=4), first, world.background(), window=one)
    assert [ending.within for ending in one.endings + other.endings] == [3 * DAY, DAY]
    assert world.events.names.count("sign_in_ends") == 2


async def test_a_new_sign_in_of_the_account_is_warned_of_anew() -> None:
    world, window = World(a_session(sign_in_expires_at=END)), Window()
    background = world.background()
    await let_pass(world, timedelta(days=4, hours=1), background, window=window)
    world.sessions.save(
        a_session(
            session_id="again",
            obtained_at=world.clock.now(),
            access_expires_at=None,
            sign_in_expires_at=world.clock.now() + 2 * DAY,
        )
    )
    await background.look(window)
    assert [ending.record.session_id for ending in window.endings] == ["sign-in-claude-ana", "again"]
