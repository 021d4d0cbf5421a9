"""Pauses after a failure, and what stops a loop."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credential import CredentialRecord, Rejection, Setback
from domain.renewal.freshness import Instant
from domain.renewal.retry_policy import (
    is_pausing,
    left_in_doubt,
    may_renew_early,
    may_renew_for_rejection,
    rejected,
    seconds_to_wait,
    set_back,
    unexplained,
    was_just_tried,
)
from tests.support.credentials import NOON, a_record

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def after_failures(count: int) -> CredentialRecord:
    return a_record(setback=Setback("offline", count, NOON) if count else None)


@pytest.mark.parametrize(("failures", "longest"), [(0, 2), (1, 4), (2, 8), (6, 128), (8, 300), (50, 300)])
def test_pauses_double_up_to_five_minutes_and_are_spread_over_their_whole_length(failures: int, longest: int) -> None:
    record = after_failures(failures)
    assert set_back(record, "offline", NOON, chance=1.0).next_try == NOON + longest * SECOND
    assert set_back(record, "offline", NOON, chance=0.0).next_try == NOON


@given(st.floats(min_value=-1e9, max_value=1e9))
def test_a_pause_that_the_provider_asks_for_is_kept_up_to_an_hour(asked: float) -> None:
    pause = set_back(a_record(), "busy", NOON, chance=0.5, asked=asked).next_try - NOON
    assert pause == timedelta(seconds=min(max(asked, 0.0), 3600.0))


@pytest.mark.parametrize(("failures", "seconds"), [(0, 30), (1, 60), (2, 120), (4, 300), (40, 300)])
def test_lost_answers_are_waited_out_from_half_a_minute_to_five(failures: int, seconds: int) -> None:
    assert left_in_doubt(after_failures(failures), "lost", NOON).next_try == NOON + seconds * SECOND


def test_what_nobody_can_explain_gets_three_spaced_tries_and_then_one_an_hour() -> None:
    pauses = [unexplained(after_failures(count), "HTTP 404", NOON).next_try - NOON for count in range(5)]
    assert pauses == [30 * SECOND, 60 * SECOND, 60 * MINUTE, 60 * MINUTE, 60 * MINUTE]


def test_a_person_is_given_one_try_in_five_seconds_and_nobody_none_during_the_pause() -> None:
    record = a_record(setback=Setback("offline", 1, NOON + 10 * SECOND, NOON))
    assert was_just_tried(record, NOON + 4 * SECOND)
    assert not was_just_tried(record, NOON + 5 * SECOND)
    assert is_pausing(record, NOON + 9 * SECOND)
    assert not is_pausing(record, NOON + 10 * SECOND)
    assert record.setback is not None
    assert seconds_to_wait(record.setback, NOON + SECOND, unattended=False) == 4
    assert seconds_to_wait(record.setback, NOON + SECOND, unattended=True) == 9


def test_a_pause_that_a_moved_clock_makes_years_long_is_none() -> None:
    assert not is_pausing(a_record(setback=Setback("offline", 1, NOON + timedelta(days=3650))), NOON)


def test_a_session_is_not_renewed_before_the_moment_that_the_provider_names() -> None:
    record = a_record(earliest_refresh_at=NOON + 57 * MINUTE)
    assert not may_renew_early(record, Instant(NOON + 56 * MINUTE), spread=0.0)
    assert may_renew_early(record, Instant(NOON + 57 * MINUTE), spread=0.0)


def test_the_first_token_that_dies_before_its_time_is_renewed_at_once() -> None:
    assert may_renew_for_rejection(a_record(), NOON + SECOND)


def test_a_token_that_dies_again_within_a_quarter_of_its_life_is_not_renewed_once_more() -> None:
    record = a_record(generation=2, rejection=Rejection(1, (NOON,)))
    assert not may_renew_for_rejection(record, NOON + 9 * MINUTE)
    assert may_renew_for_rejection(record, NOON + 10 * MINUTE)


@given(st.lists(st.integers(min_value=1, max_value=200), max_size=60), st.sampled_from([1, 30, 200, 3600]))
def test_tokens_that_are_always_refused_cause_at_most_two_renewals_in_ten_minutes(steps: list[int], life: int) -> None:
    record = a_record(access_expires_at=NOON + life * SECOND)
    now, renewals = NOON, []
    for step in steps:
        now += step * SECOND
        if may_renew_for_rejection(record, now):
            renewals.append(now)
            rejection, generation = rejected(record, now), record.generation + 1
            record = replace(record, generation=generation, rejection=rejection)
    for moment in renewals:
        assert sum(moment <= other < moment + 10 * MINUTE for other in renewals) <= 2
    for earlier, later in pairwise(renewals):
        assert later - earlier >= 60 * SECOND


def test_a_renewal_that_is_under_way_or_failed_keeps_nobody_from_waiting_for_it_or_repeating_it() -> None:
    record = a_record(rejection=Rejection(1, (NOON,)))
    assert may_renew_for_rejection(record, NOON + SECOND)
    assert rejected(record, NOON + SECOND) == Rejection(1, (NOON + SECOND,))


def test_refusals_in_the_future_never_happened() -> None:
    """The wall clock was set back since."""
    record = a_record(generation=2, rejection=Rejection(1, (NOON + timedelta(days=365),)))
    assert may_renew_for_rejection(record, NOON)
