"""ChatGPT sessions that another program made: renewed and revoked by their own client and server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.providers.binding import bound
from adapters.providers.profile import load_profile
from application.ports.oauth_client import OfSomebodyElse, Revocation
from domain.errors import KeyswitchError, Refused, SessionEnded
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from tests.integration.oauth.conftest import ClientWith
from tests.integration.oauth.test_requests import Wire
from tests.support.credentials import NOON, a_session
from tests.support.earlier_files import CODEX_CLIENT, USER, jwt
from tests.support.fixed_clock import FixedClock

GPT = Provider.CHATGPT
TOKENS = {"access_token": "fake-access-2", "refresh_token": "fake-refresh-2"}


def imported(**changes: Any) -> Session:
    """As it is bound when it is taken over."""
    session = bound(a_session(GPT, imported=True, client_id="", **changes), load_profile(GPT, {}))
    assert isinstance(session, Session)
    return session


async def test_a_renewal_is_json_with_the_sessions_own_client_and_nothing_else(client_with: ClientWith) -> None:
    wire = Wire(body=TOKENS)

    fresh = (await client_with(wire).renew(imported())).session

    assert str(wire.requests[0].url) == "https://auth.openai.com/oauth/token"
    assert wire.json == {
        "client_id": CODEX_CLIENT,
        "grant_type": "refresh_token",
        "refresh_token": "fake-refresh-chatgpt-ana-1",
    }
    assert fresh.access_token == Secret("fake-access-2")
    assert fresh.refresh_token == Secret("fake-refresh-2")
    assert fresh.record.generation == 2
    assert fresh.record.imported


async def test_a_configured_client_of_ones_own_changes_nothing_for_it(client_with: ClientWith) -> None:
    wire = Wire(body=TOKENS)
    table = {"client_id": "fake-own", "client_secret": "fake-own-secret", "token_url": "https://own.example.test/token"}

    await client_with(wire, **table, authorize_url="https://own.example.test/a").renew(imported())

    assert wire.json["client_id"] == CODEX_CLIENT
    assert "fake-own-secret" not in wire.requests[0].content.decode()


async def test_an_end_that_the_answer_leaves_out_is_read_from_the_token(client_with: ClientWith) -> None:
    ends = NOON + timedelta(days=10)
    token = jwt({"exp": int(ends.timestamp())})

    fresh = (await client_with(Wire(body={**TOKENS, "access_token": token})).renew(imported())).session

    assert fresh.record.access_expires_at == ends


@pytest.mark.parametrize("end", [True, -1, 1e300, "soon", None])
async def test_an_end_that_makes_no_sense_is_unknown(client_with: ClientWith, end: object) -> None:
    fresh = (await client_with(Wire(body={**TOKENS, "access_token": jwt({"exp": end})})).renew(imported())).session
    assert fresh.record.access_expires_at is None


async def test_what_the_answer_says_itself_beats_the_token(client_with: ClientWith) -> None:
    token = jwt({"exp": int((NOON + timedelta(days=10)).timestamp())})
    answer = {**TOKENS, "access_token": token, "expires_in": 60}

    fresh = (await client_with(Wire(body=answer)).renew(imported())).session

    assert fresh.record.access_expires_at == NOON + timedelta(seconds=60)


async def test_the_token_of_a_session_of_ours_is_never_looked_into(client_with: ClientWith) -> None:
    own = bound(a_session(GPT), load_profile(GPT, {}))
    assert isinstance(own, Session)
    token = jwt({"exp": int((NOON + timedelta(days=10)).timestamp())})

    fresh = (await client_with(Wire(body={**TOKENS, "access_token": token})).renew(own)).session

    assert fresh.record.access_expires_at is None


async def test_members_that_the_answer_leaves_out_stay(client_with: ClientWith) -> None:
    session = imported()
    fresh = (await client_with(Wire(body={"access_token": "fake-access-2"})).renew(session)).session
    assert fresh.refresh_token == session.refresh_token
    assert fresh.record.api_account == session.record.api_account


async def test_a_new_refresh_token_without_the_rest_is_not_lost(client_with: ClientWith) -> None:
    fresh = (
        await client_with(Wire(body={"refresh_token": "fake-refresh-2", "id_token": None})).renew(imported())
    ).session
    assert fresh.refresh_token == Secret("fake-refresh-2")


@pytest.mark.parametrize("code", ["refresh_token_expired", "refresh_token_reused", "refresh_token_invalidated"])
async def test_a_session_that_is_over_is_said_to_be(client_with: ClientWith, code: str) -> None:
    wire = Wire(401, {"error": {"code": code, "message": "Please sign in again."}})
    with pytest.raises(SessionEnded):
        await client_with(wire).renew(imported())


@pytest.mark.parametrize(("status", "body"), [(500, {}), (503, {}), (429, {}), (401, {})])
async def test_every_other_answer_ends_nothing(client_with: ClientWith, status: int, body: object) -> None:
    with pytest.raises(KeyswitchError) as caught:
        await client_with(Wire(status, body)).renew(imported())
    assert not isinstance(caught.value, SessionEnded)


@pytest.mark.parametrize("token_url", ["https://auth.example.test/oauth/token", ""])
async def test_it_is_sent_to_no_other_server_than_its_own(client_with: ClientWith, token_url: str) -> None:
    wire = Wire(body=TOKENS)
    elsewhere = a_session(GPT, imported=True, client_id=CODEX_CLIENT, token_url=token_url)
    with pytest.raises(Refused):
        await client_with(wire).renew(elsewhere)
    assert wire.requests == []


async def test_signing_out_revokes_it_where_it_belongs(client_with: ClientWith) -> None:
    wire = Wire(body={})
    assert await client_with(wire).revoke(imported()) is Revocation.CONFIRMED
    assert str(wire.requests[0].url) == "https://auth.openai.com/oauth/revoke"
    assert wire.json == {
        "client_id": CODEX_CLIENT,
        "token": "fake-refresh-chatgpt-ana-1",
        "token_type_hint": "refresh_token",
    }


async def test_a_sign_in_goes_by_a_client_of_our_own_even_where_both_have_one_address(
    client_with: ClientWith, clock: FixedClock
) -> None:
    """A stand-in may serve both at one token endpoint."""
    base = "https://auth.example.test"
    table = {"authorize_url": f"{base}/a", "token_url": f"{base}/t", "imported": {"token_url": f"{base}/t"}}
    previous = bound(a_session(GPT, imported=True, client_id=""), load_profile(GPT, table))
    assert isinstance(previous, Session)
    assert previous.record.token_url == f"{base}/t"

    attempt = await client_with(Wire(), **table).authorize(
        GPT, redirect_uri="http://127.0.0.1:1455/auth/callback", previous=previous
    )

    assert attempt.client_id == "dynamic_agent_client"


async def test_an_answer_for_another_person_is_handed_over_apart(client_with: ClientWith) -> None:
    mine = a_session(GPT, imported=True, client_id="")
    session = bound(
        Session(mine.record, mine.access_token, mine.refresh_token, Secret(jwt({"sub": USER}))), load_profile(GPT, {})
    )
    assert isinstance(session, Session)
    came = await client_with(Wire(body={**TOKENS, "id_token": jwt({"sub": "user-fake-ben"})})).renew(session)
    assert isinstance(came, OfSomebodyElse)


async def test_a_claude_session_that_was_taken_over_may_learn_whose_it_is(client_with: ClientWith) -> None:
    """The file of an earlier program does not say; the provider's answer does, and that is no other account."""
    answer = {**TOKENS, "expires_in": 60, "account": {"uuid": "fake-uuid-ana", "email_address": "ana@example.test"}}
    session = bound(a_session(Provider.CLAUDE, account="imported", client_id=""), load_profile(Provider.CLAUDE, {}))
    assert isinstance(session, Session)

    fresh = (await client_with(Wire(body=answer), client_id="fake-client").renew(session)).session

    assert fresh.refresh_token == Secret("fake-refresh-2")
