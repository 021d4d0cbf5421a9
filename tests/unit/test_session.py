"""What a session is, and what a renewal makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.credential import CredentialRecord, Setback, Tombstone
from domain.session import Session, SessionState, can_serve, renewed, state_of
from domain.text.secret import Secret
from tests.support.credentials import NOON, a_record, a_session, an_api_key, an_intent

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (a_record(), SessionState.LOGGED_IN),
        (a_record(obtained_at=NOON - 60 * MINUTE, access_expires_at=NOON), SessionState.DUE),
        (a_record(obtained_at=NOON - 60 * MINUTE, access_expires_at=NOON, renewable=False), SessionState.NEEDS_SIGN_IN),
        (a_record(tombstone=Tombstone("revoked", NOON)), SessionState.NEEDS_SIGN_IN),
        (a_record(setback=Setback("offline", 1, NOON + MINUTE)), SessionState.DEGRADED),
        (a_record(setback=Setback("offline", 1, NOON - MINUTE)), SessionState.LOGGED_IN),
        (a_record(sign_in_expires_at=NOON), SessionState.LOGGED_IN),
        (a_record(intent=an_intent(NOON - timedelta(seconds=5))), SessionState.RENEWING),
        (a_record(intent=an_intent(NOON - MINUTE)), SessionState.UNCERTAIN),
        (a_record(intent=replace(an_intent(NOON - timedelta(seconds=5)), answered=True)), SessionState.UNCERTAIN),
        (a_record(intent=an_intent(NOON + MINUTE)), SessionState.UNCERTAIN),
        (an_api_key().record, SessionState.API_KEY),
    ],
)
def test_the_state_is_told_from_the_record_alone(record: CredentialRecord, state: SessionState) -> None:
    assert state_of(record, NOON) is state


def test_a_sign_in_past_its_known_end_is_still_tried_because_only_the_provider_ends_it() -> None:
    assert can_serve(a_record(sign_in_expires_at=NOON), NOON + timedelta(days=3650))


def test_three_renewals_that_keep_the_refresh_token_show_that_the_provider_never_rotates_it() -> None:
    session = a_session()
    for _ in range(2):
        session = renewed(session, by=Session(a_record(), Secret("fake-access-new")))
    assert session.record.rotates
    session = renewed(session, by=Session(a_record(), Secret("fake-access-new"), session.refresh_token))
    assert not session.record.rotates
    session = renewed(session, by=Session(a_record(), Secret("fake-access-new"), Secret("fake-refresh-other")))
    assert session.record.rotates


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
