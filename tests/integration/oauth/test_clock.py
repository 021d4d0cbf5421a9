"""A server states moments, and this machine's clock is off: the moments are stored by the clock of this machine."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from domain.provider import Provider
from domain.session import Session
from tests.integration.oauth.conftest import ClientWith
from tests.integration.oauth.test_imported_sessions import imported
from tests.integration.oauth.test_requests import TABLE, Wire, session_of
from tests.support.credentials import NOON
from tests.support.earlier_files import jwt

TOKENS = {"access_token": "fake-access-2", "refresh_token": "fake-refresh-2", "expires_in": 3600}
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

OFFSETS = pytest.mark.parametrize("ahead", [HOUR, -HOUR, 47 * HOUR, -47 * HOUR], ids=str)
"""What this machine's clock, which shows noon, is ahead of the server's."""


def answering(ahead: timedelta, **members: object) -> Wire:
    """A server whose clock shows something else than ours."""
    return Wire(body={**TOKENS, **members}, date=format_datetime(NOON - ahead, usegmt=True))


async def renewed(client_with: ClientWith, wire: Wire, **changes: Any) -> Session:
    return (await client_with(wire, **TABLE).renew(session_of(Provider.CHATGPT, **changes))).session


@OFFSETS
async def test_how_far_the_clock_is_off_is_kept_with_the_session(client_with: ClientWith, ahead: timedelta) -> None:
    fresh = await renewed(client_with, answering(ahead))
    assert abs(fresh.record.clock_ahead - ahead) <= SECOND
    assert fresh.record.access_expires_at == NOON + HOUR, "which counts from the moment of the request by any clock"


@OFFSETS
async def test_the_moment_before_which_no_renewal_is_wanted_comes_when_the_servers_clock_shows_it(
    client_with: ClientWith, ahead: timedelta
) -> None:
    stated = NOON - ahead + 20 * timedelta(minutes=1)
    fresh = await renewed(client_with, answering(ahead, earliest_refresh_at=int(stated.timestamp())))
    assert fresh.record.earliest_refresh_at is not None
    assert abs(fresh.record.earliest_refresh_at - (NOON + timedelta(minutes=20))) <= SECOND


@OFFSETS
async def test_an_end_that_stands_in_the_token_alone_comes_when_the_servers_clock_shows_it(
    client_with: ClientWith, ahead: timedelta
) -> None:
    wire = Wire(
        body={"access_token": jwt({"exp": int((NOON - ahead + HOUR).timestamp())}), "refresh_token": "fake-refresh-2"},
        date=format_datetime(NOON - ahead, usegmt=True),
    )
    fresh = (await client_with(wire).renew(imported())).session
    assert fresh.record.access_expires_at is not None
    assert abs(fresh.record.access_expires_at - (NOON + HOUR)) <= SECOND


@pytest.mark.parametrize(
    "date", ["", "soon", "Mon, 23 Nov 2026", "Fri, 31 Dec 9999 23:59:59 GMT", "\x00", "1764000000"]
)
async def test_a_date_that_says_nothing_changes_nothing(client_with: ClientWith, date: str) -> None:
    stated = NOON + timedelta(minutes=20)
    wire = Wire(body={**TOKENS, "earliest_refresh_at": int(stated.timestamp())}, date=date)
    fresh = await renewed(client_with, wire, clock_ahead=HOUR)
    assert (fresh.record.clock_ahead, fresh.record.earliest_refresh_at) == (timedelta(0), stated)


async def test_a_date_that_is_further_off_than_two_days_changes_nothing(client_with: ClientWith) -> None:
    fresh = await renewed(client_with, answering(timedelta(hours=49)))
    assert fresh.record.clock_ahead == timedelta(0)
