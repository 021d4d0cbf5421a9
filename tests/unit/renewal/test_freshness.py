"""How old a token is, by two clocks, and what that asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credential import BootStamp, CredentialRecord
from domain.renewal.freshness import Freshness, Instant, freshness, renewal_at, shortest_gap
from tests.support.credentials import NOON, a_record, an_api_key

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOOTED = a_record(obtained_at_boot=BootStamp("fake-boot", 1000.0))


def after(span: timedelta, record: CredentialRecord | None = None, *, spread: float = 0.0) -> Freshness:
    return freshness(record or a_record(), Instant(NOON + span), spread=spread)


def with_life(life: timedelta | None) -> CredentialRecord:
    return a_record(access_expires_at=None if life is None else NOON + life)


@pytest.mark.parametrize(
    ("age", "then"),
    [
        (54 * MINUTE, Freshness.FRESH), (55 * MINUTE, Freshness.DUE), (58 * MINUTE, Freshness.DUE),
        (59 * MINUTE, Freshness.EXPIRED), (61 * MINUTE, Freshness.EXPIRED),
    ],
)  # fmt: skip
def test_an_hour_long_token_is_due_five_minutes_before_its_end_and_not_sent_in_the_last(
    age: timedelta, then: Freshness
) -> None:
    assert after(age) is then


@pytest.mark.parametrize(
    ("age", "then"), [(22 * SECOND, Freshness.FRESH), (23 * SECOND, Freshness.DUE), (27 * SECOND, Freshness.EXPIRED)]
)
def test_a_token_of_thirty_seconds_is_not_always_due(age: timedelta, then: Freshness) -> None:
    assert after(age, with_life(30 * SECOND)) is then


def test_processes_spread_by_at_most_a_minute() -> None:
    assert after(55.9 * MINUTE, spread=1.0) is Freshness.FRESH
    assert after(56 * MINUTE, spread=1.0) is Freshness.DUE


def test_a_token_without_a_stated_life_is_renewed_after_55_minutes_and_never_expires_by_the_clock() -> None:
    assert after(54 * MINUTE, with_life(None)) is Freshness.FRESH
    assert after(55 * MINUTE, with_life(None)) is Freshness.DUE
    assert after(timedelta(days=400), with_life(None)) is Freshness.DUE


def test_a_life_of_zero_is_used_for_the_shortest_gap_and_renewed_after_it() -> None:
    assert after(9 * SECOND, with_life(timedelta(0))) is Freshness.FRESH
    assert after(10 * SECOND, with_life(timedelta(0))) is Freshness.EXPIRED


def test_a_clock_set_back_by_hours_makes_a_session_due_and_not_valid_for_days() -> None:
    assert after(-3 * HOUR) is Freshness.DUE
    assert after(-MINUTE) is Freshness.FRESH, "servers and machines differ by that much"


def test_a_wall_clock_that_stands_still_does_not_keep_a_token_fresh() -> None:
    def at_boot_second(seconds: float) -> Freshness:
        return freshness(BOOTED, Instant(NOON, BootStamp("fake-boot", seconds)))

    assert at_boot_second(1000.0 + 54 * 60) is Freshness.FRESH
    assert at_boot_second(1000.0 + 56 * 60) is Freshness.DUE
    assert at_boot_second(1000.0 + 59 * 60) is Freshness.EXPIRED


def test_expired_is_what_either_clock_says() -> None:
    assert freshness(BOOTED, Instant(NOON + 2 * HOUR, BootStamp("fake-boot", 1001.0))) is Freshness.EXPIRED
    assert freshness(BOOTED, Instant(NOON - 2 * HOUR, BootStamp("fake-boot", 1000.0 + 3600))) is Freshness.EXPIRED


def test_seconds_since_another_boot_say_nothing() -> None:
    assert freshness(BOOTED, Instant(NOON, BootStamp("a later boot", 9000.0))) is Freshness.FRESH


def test_soon_after_a_renewal_no_clock_asks_for_another() -> None:
    ahead = replace(BOOTED, access_expires_at=NOON - timedelta(days=3650))
    assert freshness(ahead, Instant(NOON + SECOND, BootStamp("fake-boot", 1001.0))) is Freshness.FRESH


def test_a_key_has_no_age() -> None:
    assert freshness(an_api_key().record, Instant(NOON + timedelta(days=3650))) is Freshness.FRESH


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)), st.floats(0, 1), st.floats(0, 1))
def test_with_age_a_token_goes_from_fresh_over_due_to_expired_and_never_back(
    life: timedelta, share: float, spread: float
) -> None:
    record = with_life(life)
    order = [Freshness.FRESH, Freshness.DUE, Freshness.EXPIRED]
    ages = [life * (step / 40) * (0.5 + share) for step in range(60)]
    found = [order.index(after(age, record, spread=spread)) for age in ages]
    assert found == sorted(found)
    assert after(timedelta(0), record, spread=spread) is Freshness.FRESH
    assert after(max(life, shortest_gap(record)), record, spread=spread) is Freshness.EXPIRED


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400)), st.floats(0, 1))
def test_the_moment_of_the_next_renewal_is_the_first_at_which_it_is_asked_for(life: timedelta, spread: float) -> None:
    record = with_life(life)
    moment = renewal_at(record, spread=spread)
    just_before = Instant(moment - timedelta(milliseconds=1))
    assert freshness(record, just_before, spread=spread) is Freshness.FRESH
    assert freshness(record, Instant(moment), spread=spread) is not Freshness.FRESH


def test_the_next_renewal_is_not_before_the_moment_that_the_provider_names() -> None:
    record = a_record(earliest_refresh_at=NOON + 58 * MINUTE)
    assert renewal_at(record) == NOON + 58 * MINUTE
