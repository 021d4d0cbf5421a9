"""What a server's time proves of this machine's clock, and what follows for moments that the server states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.provider import Provider
from domain.renewal.clock_skew import LARGEST, NOTICEABLE, clock_ahead, clock_off, on_our_clock
from tests.support.credentials import NOON, a_record, an_api_key

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

offsets = st.timedeltas(min_value=-LARGEST - HOUR, max_value=LARGEST + HOUR)
ways = st.timedeltas(min_value=timedelta(0), max_value=timedelta(seconds=30))
moments = st.datetimes(timezones=st.just(UTC))


def seen(ahead: timedelta, there: timedelta, back: timedelta, *, sent: datetime = NOON) -> timedelta:
    """What is told of a clock that is *ahead*, where the way there and the way back take so long."""
    theirs = (sent - ahead + there).replace(microsecond=0)
    return clock_ahead(theirs, sent=sent, received=sent + there + back)


@given(offsets, ways, ways)
def test_it_is_never_said_to_be_further_off_than_it_is(ahead: timedelta, there: timedelta, back: timedelta) -> None:
    told = seen(ahead, there, back)
    assert abs(told) <= abs(ahead)
    assert told == timedelta(0) or (told > timedelta(0)) == (ahead > timedelta(0))


@given(offsets, ways, ways)
def test_what_is_told_is_right_to_the_length_of_the_exchange(
    ahead: timedelta, there: timedelta, back: timedelta
) -> None:
    told = seen(ahead, there, back)
    if abs(ahead) <= LARGEST:
        assert abs(ahead - told) <= there + back + SECOND


@given(ways, ways)
def test_a_clock_that_is_right_is_never_said_to_be_off(there: timedelta, back: timedelta) -> None:
    assert seen(timedelta(0), there, back) == timedelta(0)


@given(moments, moments, moments)
def test_whatever_is_named_more_than_two_days_are_never_made_up_for(
    theirs: datetime, sent: datetime, received: datetime
) -> None:
    assert abs(clock_ahead(theirs, sent=sent, received=received)) <= LARGEST


def test_nothing_is_told_without_a_time_or_by_a_clock_that_was_moved_meanwhile() -> None:
    assert clock_ahead(None, sent=NOON, received=NOON) == timedelta(0)
    assert clock_ahead(NOON - HOUR, sent=NOON, received=NOON - SECOND) == timedelta(0)


@pytest.mark.parametrize("ahead", [LARGEST + 2 * SECOND, -LARGEST - 2 * SECOND, timedelta(days=3650)])
def test_further_off_than_two_days_counts_as_unknown(ahead: timedelta) -> None:
    assert seen(ahead, timedelta(0), timedelta(0)) == timedelta(0)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)), offsets)  # noqa: DTZ001 - as hypothesis wants them
def test_a_moment_of_the_server_comes_when_its_clock_shows_it(theirs: datetime, ahead: timedelta) -> None:
    ours = on_our_clock(theirs, ahead)
    assert ours is not None
    assert ours - ahead == theirs


@given(moments, offsets)
def test_no_moment_is_too_far_off(theirs: datetime, ahead: timedelta) -> None:
    assert on_our_clock(theirs, ahead) is not None


def test_no_moment_stays_none() -> None:
    assert on_our_clock(None, HOUR) is None


def test_the_latest_word_on_the_clock_is_the_one_that_counts() -> None:
    off = a_record(provider=Provider.CLAUDE, clock_ahead=2 * HOUR, obtained_at=NOON + 2 * HOUR)
    later = a_record(provider=Provider.GEMINI, obtained_at=NOON + timedelta(minutes=5))
    assert clock_off([off]) == off
    assert clock_off([off, later]) is None, "the clock was set back since, and is right"
    assert clock_off([off, replace(later, obtained_at=NOON - HOUR)]) == off
    assert clock_off([]) is None
    assert clock_off([an_api_key().record]) is None


@pytest.mark.parametrize(("ahead", "named"), [(NOTICEABLE, False), (NOTICEABLE + SECOND, True), (-HOUR, True)])
def test_a_clock_is_worth_a_word_from_two_minutes_on(ahead: timedelta, named: bool) -> None:
    assert (clock_off([a_record(clock_ahead=ahead)]) is not None) is named
