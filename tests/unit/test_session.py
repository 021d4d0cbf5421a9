"""When a session is due, usable, or over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credential import CredentialRecord, Setback, Tombstone, Use
from domain.provider import Provider
from domain.secret import Secret
from domain.session import Session, SessionState, can_serve, renewal_due, renewed, state_of, usable
from tests.support.credentials import NOON, a_record, a_session, an_api_key

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("before", "due"), [(6 * MINUTE, False), (5 * MINUTE, True), (timedelta(0), True)])
def test_an_hour_long_token_is_due_five_minutes_before_its_end(before: timedelta, due: bool) -> None:
    record = a_record()
    assert record.access_expires_at is not None
    assert renewal_due(record, record.access_expires_at - before) is due


def test_a_token_of_thirty_seconds_is_not_always_due() -> None:
    record = a_record(access_expires_at=NOON + timedelta(seconds=30))
    assert not renewal_due(record, NOON)
    assert usable(record, NOON + timedelta(seconds=20))
    assert renewal_due(record, NOON + timedelta(seconds=23))


def test_a_token_is_not_sent_in_its_last_minute() -> None:
    assert usable(a_record(), NOON + 58 * MINUTE)
    assert not usable(a_record(), NOON + 59.5 * MINUTE)


def test_a_clock_set_back_by_hours_makes_a_session_due_and_not_valid_for_days() -> None:
    assert renewal_due(a_record(), NOON - timedelta(hours=3))
    assert not usable(a_record(), NOON - timedelta(hours=3))


def test_a_token_without_a_stated_life_is_renewed_within_the_hour() -> None:
    record = a_record(access_expires_at=None)
    assert not renewal_due(record, NOON + 45 * MINUTE)
    assert renewal_due(record, NOON + 54 * MINUTE)


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (a_record(), SessionState.LOGGED_IN),
        (a_record(access_expires_at=NOON), SessionState.DUE),
        (a_record(access_expires_at=NOON, renewable=False), SessionState.NEEDS_LOGIN),
        (a_record(tombstone=Tombstone("revoked", NOON)), SessionState.NEEDS_LOGIN),
        (a_record(setback=Setback("offline", 1, NOON + MINUTE)), SessionState.DEGRADED),
        (a_record(setback=Setback("offline", 1, NOON - MINUTE)), SessionState.LOGGED_IN),
        (a_record(sign_in_expires_at=NOON), SessionState.NEEDS_LOGIN),
        (an_api_key().record, SessionState.API_KEY),
    ],
)
def test_the_state_is_told_from_the_record_alone(record: CredentialRecord, state: SessionState) -> None:
    assert state_of(record, NOON) is state


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400)), st.floats(0, 1))
def test_whatever_its_life_a_fresh_token_is_usable_and_due_before_it_is_unusable(life: timedelta, part: float) -> None:
    record = a_record(access_expires_at=NOON + life)
    assert usable(record, NOON)
    moment = NOON + life * part
    assert usable(record, moment) or renewal_due(record, moment)
    assert can_serve(record, moment)


def test_what_a_renewal_does_not_return_is_kept() -> None:
    old = a_session(scopes=("a",), sign_in_expires_at=NOON + timedelta(days=30))
    answer = Session(a_record(scopes=(), obtained_at=NOON + MINUTE), Secret("fake-access-new"))
    new = renewed(old, by=answer)
    assert new.access_token == Secret("fake-access-new")
    assert new.refresh_token == old.refresh_token
    assert new.record.generation == 2
    assert new.record.scopes == ("a",)
    assert new.record.sign_in_expires_at == NOON + timedelta(days=30)
    assert new.record.session_id == old.record.session_id


def test_a_rotated_refresh_token_replaces_the_old_one_and_ends_every_setback() -> None:
    old = a_session(setback=Setback("offline", 3, NOON))
    new = renewed(old, by=Session(a_record(), Secret("fake-access-new"), Secret("fake-refresh-new")))
    assert new.refresh_token == Secret("fake-refresh-new")
    assert new.record.setback is None


def test_a_plan_token_is_for_chat_and_never_printed() -> None:
    assert a_record(Provider.CHATGPT).uses == {Use.CHAT}
    assert Use.PRINT in a_record(Provider.CLAUDE).uses
    assert an_api_key().record.uses == {Use.CHAT}
