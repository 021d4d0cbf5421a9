"""What goes over the wire, and what comes of the answers, without a server."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pytest_mock import MockerFixture

from adapters.oauth import http_answer
from adapters.oauth.new_session import Issue
from application.ports.oauth_client import OfSomebodyElse, Revocation
from domain.errors import AnswerUnreadable, NoClient, Offline, Overloaded, Refused, SessionEnded, SignInError
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from tests.integration.oauth.conftest import ClientWith
from tests.support.credentials import a_session
from tests.support.fixed_clock import FixedClock

SERVER = "https://auth.example.test"
TABLE: dict[str, Any] = {
    "client_id": "fake-client",
    "authorize_url": f"{SERVER}/authorize?tenant=a",
    "token_url": f"{SERVER}/token",
    "revoke_url": f"{SERVER}/revoke",
}
REDIRECT = "http://127.0.0.1:1455/callback"
TOKENS = {"access_token": "fake-access-2", "token_type": "Bearer", "expires_in": 60, "refresh_token": "fake-refresh-2"}


class Wire:
    """Answers every request alike, and keeps them."""

    def __init__(self, status: int = 200, body: object = None, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(TOKENS if body is None else body).encode()
        self.requests: list[httpx2.Request] = []
        self._answer = (status, headers, content)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        status, headers, content = self._answer
        return httpx2.Response(status, headers=headers, content=content)

    @property
    def form(self) -> dict[str, list[str]]:
        (request,) = self.requests
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        return parse_qs(request.content.decode(), strict_parsing=True)

    @property
    def json(self) -> dict[str, str]:
        (request,) = self.requests
        assert request.headers["content-type"] == "application/json"
        document: dict[str, str] = json.loads(request.content)
        return document


def session_of(provider: Provider = Provider.CLAUDE, **changes: Any) -> Session:
    return a_session(provider, **{"token_url": f"{SERVER}/token", **changes})


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, strict_parsing=True)


@pytest.mark.parametrize("provider", Provider)
async def test_a_client_of_ones_own_sends_the_standard_parameters_and_the_configured_ones(
    client_with: ClientWith, provider: Provider
) -> None:
    client = client_with(Wire(), **TABLE, scopes=["openid", "chat"], authorize_params={"audience": "x"})

    attempt = await client.authorize(provider, redirect_uri=REDIRECT)

    assert query(attempt.url).keys() == {
        "tenant", "audience", "response_type", "client_id", "redirect_uri", "scope", "state", "nonce",
        "code_challenge", "code_challenge_method",
    }  # fmt: skip
    assert query(attempt.url)["code_challenge_method"] == ["S256"]
    assert query(attempt.url)["scope"] == ["openid chat"]
    assert attempt.client_id == "fake-client"
    assert 43 <= len(attempt.code_verifier.reveal()) <= 128


async def test_without_openid_there_is_no_nonce(client_with: ClientWith) -> None:
    attempt = await client_with(Wire(), **TABLE, scopes=["chat"]).authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    assert "nonce" not in query(attempt.url)
    assert attempt.nonce is None


async def test_google_is_asked_for_a_refresh_token(client_with: ClientWith) -> None:
    attempt = await client_with(Wire(), **TABLE).authorize(Provider.GEMINI, redirect_uri=REDIRECT)

    assert query(attempt.url)["access_type"] == ["offline"]
    assert query(attempt.url)["prompt"] == ["consent"]


async def exchanged(client_with: ClientWith, wire: Wire, provider: Provider, **table: Any) -> Session:
    client = client_with(wire, **{**TABLE, "scopes": ["chat"], **table})
    attempt = await client.authorize(provider, redirect_uri=REDIRECT)
    return await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})


async def test_an_exchange_is_a_form_with_no_more_than_the_standard(client_with: ClientWith) -> None:
    wire = Wire()
    await exchanged(client_with, wire, Provider.CHATGPT)

    assert wire.form.keys() == {"grant_type", "code", "redirect_uri", "code_verifier", "client_id"}
    assert wire.requests[0].headers["user-agent"] == "keyswitch/0"
    assert "cookie" not in wire.requests[0].headers
    assert "authorization" not in wire.requests[0].headers


async def test_claude_gets_the_state_again(client_with: ClientWith) -> None:
    wire = Wire()
    await exchanged(client_with, wire, Provider.CLAUDE)

    assert wire.form["state"] != wire.form["code_verifier"]


async def test_an_exchange_can_be_json(client_with: ClientWith) -> None:
    wire = Wire()
    await exchanged(client_with, wire, Provider.CLAUDE, token_body="json", client_secret="fake-secret-1")

    assert wire.json.keys() == {
        "grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "state"
    }  # fmt: skip


async def test_a_secret_goes_in_the_form_once(client_with: ClientWith) -> None:
    wire = Wire()
    await exchanged(client_with, wire, Provider.GEMINI, client_secret="fake-secret-1")

    assert wire.form["client_secret"] == ["fake-secret-1"]
    assert wire.form["client_id"] == ["fake-client"]


async def test_a_server_that_names_nobody_still_makes_a_stable_account(client_with: ClientWith) -> None:
    first = await exchanged(client_with, Wire(), Provider.CLAUDE)
    second = await exchanged(client_with, Wire(), Provider.CLAUDE)

    assert first.record.key == second.record.key
    assert first.record.session_id != second.record.session_id


async def test_an_absent_scope_means_what_was_asked_for(client_with: ClientWith) -> None:
    assert (await exchanged(client_with, Wire(), Provider.CLAUDE)).record.scopes == ("chat",)


async def test_lives_count_from_the_moment_of_sending(client_with: ClientWith, clock: FixedClock) -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        clock.advance(timedelta(seconds=20))
        return httpx2.Response(200, json={**TOKENS, "refresh_token_expires_in": 86_400})

    started = clock.now()
    client = client_with(slow, **{**TABLE, "scopes": ["chat"]})
    attempt = await client.authorize(Provider.GEMINI, redirect_uri=REDIRECT)
    record = (await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})).record

    assert record.obtained_at == started
    assert record.access_expires_at == started + timedelta(seconds=60)
    assert record.sign_in_expires_at == started + timedelta(days=1)


async def test_a_renewal_asks_for_no_scope(client_with: ClientWith) -> None:
    wire = Wire()
    await client_with(wire, **TABLE).renew(session_of(Provider.CHATGPT))

    assert wire.form.keys() == {"grant_type", "refresh_token", "client_id"}


async def test_claude_renews_in_json_with_the_header_of_its_oauth(client_with: ClientWith) -> None:
    wire = Wire()
    await client_with(wire, **TABLE).renew(session_of())

    assert wire.json.keys() == {"grant_type", "refresh_token", "client_id"}
    assert wire.requests[0].headers["anthropic-beta"] == "oauth-2025-04-20"


async def test_what_a_renewal_leaves_out_stays(client_with: ClientWith) -> None:
    session = session_of(scopes=("inference",))

    renewed = (await client_with(Wire(body={"access_token": "fake-access-2"}), **TABLE).renew(session)).session

    assert renewed.refresh_token == session.refresh_token
    assert renewed.record.scopes == ("inference",)
    assert renewed.record.access_expires_at is None
    assert renewed.record.label == session.record.label


async def test_a_new_refresh_token_survives_an_answer_that_is_no_use_otherwise(client_with: ClientWith) -> None:
    session = session_of()

    rescued = (await client_with(Wire(body={"refresh_token": "fake-refresh-2"}), **TABLE).renew(session)).session

    assert rescued.refresh_token == Secret("fake-refresh-2")
    assert rescued.access_token == session.access_token
    assert rescued.record.access_expires_at == rescued.record.obtained_at
    assert rescued.record.generation == 2


async def test_tokens_of_another_account_are_handed_over_apart(client_with: ClientWith) -> None:
    answer = {**TOKENS, "account": {"uuid": "ben", "email_address": "ben@example.test"}}

    came = await client_with(Wire(body=answer), **TABLE).renew(session_of(account="ana"))

    assert isinstance(came, OfSomebodyElse)
    assert came.session.record.label == "ben@example.test"
    assert came.session.record.key.account not in {"ana", "ben"}
    assert not came.session.record.active
    assert came.session.refresh_token == Secret("fake-refresh-2")


async def test_a_session_without_a_refresh_token_cannot_be_renewed(client_with: ClientWith) -> None:
    wire = Wire()
    with pytest.raises(SessionEnded, match="cannot be renewed"):
        await client_with(wire, **TABLE).renew(session_of(renewable=False))
    assert wire.requests == []


@pytest.mark.parametrize(
    "bound", ["https://other.example.test/token", "http://auth.example.test/token", f"{SERVER}:8443/token", "", "x"]
)
async def test_a_session_of_another_origin_is_not_sent(client_with: ClientWith, bound: str) -> None:
    wire = Wire()
    client = client_with(wire, **TABLE)
    with pytest.raises(Refused, match="session is kept"):
        await client.renew(session_of(token_url=bound))
    assert await client.revoke(session_of(token_url=bound)) is Revocation.UNCONFIRMED
    assert wire.requests == []


async def test_what_differs_between_two_servers_is_named(client_with: ClientWith) -> None:
    for bound, named in (
        ("https://other.example.test/token", "belongs to other.example.test, and auth.example.test is"),
        (f"{SERVER}:8443/token", f"belongs to {SERVER}:8443, and {SERVER} is"),
        ("http://auth.example.test/token", f"belongs to http://auth.example.test, and {SERVER} is"),
    ):
        with pytest.raises(Refused, match=re.escape(named)):
            await client_with(Wire(), **TABLE).renew(session_of(token_url=bound))


@pytest.mark.parametrize("moved", ["https://other.example.test/revoke", f"{SERVER}.evil.example/revoke"])
async def test_a_token_is_not_revoked_at_another_origin_than_it_came_from(client_with: ClientWith, moved: str) -> None:
    wire = Wire()

    assert await client_with(wire, **{**TABLE, "revoke_url": moved}).revoke(session_of()) is Revocation.UNCONFIRMED

    assert wire.requests == []


async def test_a_session_of_another_client_keeps_its_client_and_gets_no_secret(client_with: ClientWith) -> None:
    wire = Wire()
    await client_with(wire, **TABLE, client_secret="fake-secret-1").renew(
        session_of(Provider.GEMINI, client_id="fake-earlier-client")
    )

    assert wire.form["client_id"] == ["fake-earlier-client"]
    assert "client_secret" not in wire.form


async def test_an_imported_chatgpt_session_is_renewed_as_what_it_is(client_with: ClientWith) -> None:
    wire = Wire()
    imported = a_session(
        Provider.CHATGPT, client_id="fake-imported-client", token_url="https://auth.openai.com/oauth/token"
    )

    renewed = (await client_with(wire).renew(imported)).session

    assert str(wire.requests[0].url) == "https://auth.openai.com/oauth/token"
    assert wire.form.keys() == {"grant_type", "refresh_token", "client_id"}
    assert renewed.record.client_id == "fake-imported-client"
    assert renewed.record.sign_in_expires_at is None


async def test_without_a_client_nothing_is_renewed(client_with: ClientWith) -> None:
    with pytest.raises(NoClient):
        await client_with(Wire()).renew(a_session(Provider.GEMINI, token_url="https://oauth2.googleapis.com/token"))


async def test_google_does_not_spend_refresh_tokens_so_a_broken_server_means_later(client_with: ClientWith) -> None:
    session = a_session(Provider.GEMINI, token_url="https://oauth2.googleapis.com/token")

    with pytest.raises(Overloaded):
        await client_with(Wire(500, b"oops"), client_id="fake-client").renew(session)


async def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked(client_with: ClientWith) -> None:
    class Packed(httpx2.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield gzip.compress(b" " * 300_000_000, compresslevel=1)[:200_000]

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=Packed())

    with pytest.raises(AnswerUnreadable, match="more than any token answer"):
        await client_with(answer, **TABLE).renew(session_of())


async def test_a_packed_answer_is_read_all_the_same(client_with: ClientWith) -> None:
    class Packed(httpx2.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield gzip.compress(json.dumps(TOKENS).encode())

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=Packed())

    assert (await client_with(answer, **TABLE).renew(session_of())).session.access_token == Secret("fake-access-2")


async def test_an_answer_that_cannot_be_unpacked_is_unreadable(client_with: ClientWith) -> None:
    class Packed(httpx2.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b"this is not gzip"

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=Packed())

    with pytest.raises(AnswerUnreadable):
        await client_with(answer, **TABLE).renew(session_of())


class Endless(httpx2.AsyncByteStream):
    async def __aiter__(self) -> Any:
        yield b"{"
        await asyncio.Event().wait()


async def test_an_answer_that_never_ends_has_a_deadline(client_with: ClientWith, mocker: MockerFixture) -> None:
    mocker.patch.object(http_answer, "TOTAL_SECONDS", 0.01)
    client = client_with(lambda _: httpx2.Response(200, stream=Endless()), **TABLE, scopes=["chat"])
    attempt = await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    with pytest.raises(AnswerUnreadable, match="did not answer in time"):
        await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})


async def test_a_renewal_has_the_deadline_that_its_caller_sets(client_with: ClientWith) -> None:
    client = client_with(lambda _: httpx2.Response(200, stream=Endless()), **TABLE)

    with pytest.raises(AnswerUnreadable, match="did not answer in time"):
        await client.renew(session_of(), within=0.05)


async def test_a_description_that_never_ends_has_the_same_deadline_and_spends_nothing(client_with: ClientWith) -> None:
    asked: list[str] = []

    def silent(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(200, stream=Endless())

    client = client_with(silent, client_id="fake-client", issuer=SERVER)

    with pytest.raises(Offline, match="did not arrive in time"):
        await client.renew(session_of(), within=0.05)
    assert asked == ["/.well-known/openid-configuration"]


async def test_a_revocation_is_not_offered_where_no_address_is_known(client_with: ClientWith) -> None:
    table = {**TABLE}
    del table["revoke_url"]
    wire = Wire()

    revocation = await client_with(wire, **table).revoke(session_of(Provider.GEMINI))

    assert revocation is Revocation.NOT_OFFERED
    assert wire.requests == []


async def test_a_revocation_names_the_refresh_token(client_with: ClientWith) -> None:
    wire = Wire(body={})
    session = session_of(Provider.GEMINI)

    assert await client_with(wire, **TABLE).revoke(session) is Revocation.CONFIRMED
    assert session.refresh_token is not None
    assert wire.form == {
        "token": [session.refresh_token.reveal()], "token_type_hint": ["refresh_token"], "client_id": ["fake-client"]
    }  # fmt: skip


async def test_a_token_that_is_dead_already_is_revoked(client_with: ClientWith) -> None:
    wire = Wire(400, {"error": "invalid_token"})

    assert await client_with(wire, **TABLE).revoke(session_of(Provider.GEMINI)) is Revocation.CONFIRMED


async def test_a_refused_revocation_is_not_repeated(client_with: ClientWith) -> None:
    wire = Wire(400, {"error": "invalid_request"})

    assert await client_with(wire, **TABLE).revoke(session_of(Provider.GEMINI)) is Revocation.UNCONFIRMED
    assert len(wire.requests) == 1


async def test_an_error_that_quotes_our_secrets_does_not_show_them(client_with: ClientWith) -> None:
    def quoting(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            400, json={"error": "invalid_grant", "error_description": request.content.decode()[:150]}
        )

    client = client_with(quoting, **TABLE, client_secret="fake-secret-1")
    attempt = await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)
    with pytest.raises(SignInError) as caught:
        await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})

    assert "fake-code-1" not in f"{caught.value!r}"
    assert attempt.state.reveal() not in f"{caught.value!r}"
    assert caught.value.__context__ is None


def test_what_is_kept_of_an_answer_shows_no_token() -> None:
    assert "fake-access" not in repr(Issue("fake-client", f"{SERVER}/token", replace(session_of()).record.obtained_at))
