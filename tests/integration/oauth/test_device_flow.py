"""What a device authorization sends, and what it takes for one, without a server."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from application.ports.oauth_client import DeviceAuthorization, DevicePoll
from domain.errors import (
    AnswerUnreadable,
    NoClient,
    Overloaded,
    SignInDeclined,
    SignInError,
    SignInRefused,
    SignInTimedOut,
)
from domain.provider import Provider
from domain.session import Session
from tests.integration.oauth.conftest import ClientWith
from tests.integration.oauth.test_requests import SERVER, TABLE, Wire
from tests.support.error_codes import with_code

PAGE = f"{SERVER}/device"
ANSWER: dict[str, Any] = {
    "device_code": "fake-device-code-1",
    "user_code": "WDJB-MJHT",
    "verification_uri": PAGE,
    "verification_uri_complete": f"{PAGE}?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 7,
}
DEVICE_TABLE = {**TABLE, "device_authorization_url": f"{SERVER}/device/code", "scopes": ["chat", "mail"]}


async def begun(client_with: ClientWith, wire: Wire, **table: Any) -> DeviceAuthorization:
    return await client_with(wire, **{**DEVICE_TABLE, **table}).begin_device(Provider.CLAUDE)


async def polled(client_with: ClientWith, wire: Wire, **table: Any) -> Session | DevicePoll:
    device = await begun(client_with, Wire(body=ANSWER))
    return await client_with(wire, **{**DEVICE_TABLE, **table}).poll_device(device)


async def test_a_beginning_names_client_and_scopes_and_nothing_else(client_with: ClientWith) -> None:
    wire = Wire(body=ANSWER)

    device = await begun(client_with, wire)

    assert wire.form == {"client_id": ["fake-client"], "scope": ["chat mail"]}
    assert str(wire.requests[0].url) == f"{SERVER}/device/code"
    assert (device.user_code, device.verification_uri, device.seconds, device.interval) == ("WDJB-MJHT", PAGE, 1800, 7)
    assert device.verification_uri_complete == f"{PAGE}?user_code=WDJB-MJHT"


async def test_a_client_with_a_secret_authenticates_at_both_endpoints(client_with: ClientWith) -> None:
    beginning, poll = Wire(body=ANSWER), Wire()

    await begun(client_with, beginning, client_secret="fake-client-secret")
    await polled(client_with, poll, client_secret="fake-client-secret")

    assert beginning.form["client_secret"] == poll.form["client_secret"] == ["fake-client-secret"]


async def test_a_poll_sends_the_device_code_and_a_good_answer_is_a_session(client_with: ClientWith) -> None:
    wire = Wire()

    session = await polled(client_with, wire)

    assert wire.form == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:device_code"],
        "device_code": ["fake-device-code-1"],
        "client_id": ["fake-client"],
    }
    assert isinstance(session, Session)
    assert session.access_token.reveal() == "fake-access-2"
    assert session.record.token_url == f"{SERVER}/token"
    assert session.record.scopes == ("chat", "mail")


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, "authorization_pending", DevicePoll.PENDING),
        (428, "authorization_pending", DevicePoll.PENDING),
        (400, "slow_down", DevicePoll.SLOW_DOWN),
        (403, "slow_down", DevicePoll.SLOW_DOWN),
    ],
)
async def test_two_errors_mean_ask_again(client_with: ClientWith, status: int, code: str, outcome: DevicePoll) -> None:
    assert await polled(client_with, Wire(status, {"error": code})) is outcome


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "access_denied", SignInDeclined),
        (403, "access_denied", SignInDeclined),
        (400, "expired_token", SignInTimedOut),
        (400, "invalid_grant", SignInRefused),
        (400, "unauthorized_client", SignInRefused),
        (400, "unsupported_grant_type", SignInRefused),
        (404, "device_not_found", SignInRefused),
        (503, "authorization_pending", Overloaded),
    ],
)
async def test_every_other_error_ends_it_or_is_trouble(
    client_with: ClientWith, status: int, code: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        await polled(client_with, Wire(status, {"error": code}))

    assert type(caught.value) is error


async def test_the_device_code_does_not_come_back_in_an_error(client_with: ClientWith) -> None:
    with pytest.raises(SignInError) as caught:
        await polled(client_with, Wire(400, {"error": "invalid_grant", "error_description": "no fake-device-code-1"}))

    assert "fake-device-code-1" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"device_code": None},
        {"device_code": "with\nbreak"},
        {"user_code": None},
        {"user_code": ""},
        {"user_code": "\x1b[31mRED"},
        {"user_code": "W" * 65},
        {"user_code": ["WDJB"]},
        {"verification_uri": None},
        {"verification_uri": "http://auth.example.test/device"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "https://user@auth.example.test/device"},
        {"verification_uri": f"{PAGE}\x1b]8;;"},
        {"verification_uri": f"{SERVER}/{'d' * 2048}"},
    ],
    ids=str,
)
async def test_an_answer_that_is_not_fit_to_show_is_unreadable(
    client_with: ClientWith, change: dict[str, object]
) -> None:
    with pytest.raises(AnswerUnreadable, match="no usable " + next(iter(change))):
        await begun(client_with, Wire(body={**ANSWER, **change}))


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'"text"'])
async def test_a_beginning_without_an_object_is_unreadable(client_with: ClientWith, body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        await begun(client_with, Wire(body=body))


@pytest.mark.parametrize(
    "complete",
    ["https://elsewhere.example.test/device?c=W", "http://auth.example.test/device?c=W", "data:text/html,x", 7, ""],
)
async def test_a_complete_address_on_another_host_is_left_out(client_with: ClientWith, complete: object) -> None:
    device = await begun(client_with, Wire(body={**ANSWER, "verification_uri_complete": complete}))

    assert device.verification_uri_complete is None


@pytest.mark.parametrize(
    ("change", "seconds", "interval"),
    [
        ({"expires_in": None, "interval": None}, 600, 5),
        ({"expires_in": "900", "interval": "10"}, 900, 10),
        ({"expires_in": -1, "interval": -1}, 600, 1),
        ({"expires_in": 1800, "interval": 0}, 1800, 1),
        ({"expires_in": True, "interval": "soon"}, 600, 5),
    ],
)
async def test_times_are_taken_as_servers_write_them(
    client_with: ClientWith, change: dict[str, object], seconds: float, interval: float
) -> None:
    device = await begun(client_with, Wire(body={**ANSWER, **change}))

    assert (device.seconds, device.interval) == (seconds, interval)


async def test_the_older_name_of_the_page_is_understood(client_with: ClientWith) -> None:
    answer = {name: value for name, value in ANSWER.items() if name != "verification_uri"}

    device = await begun(client_with, Wire(body={**answer, "verification_url": PAGE}))

    assert device.verification_uri == PAGE


async def test_a_refused_beginning_names_the_reason(client_with: ClientWith) -> None:
    with pytest.raises(SignInError, match="unauthorized_client"):
        await begun(client_with, Wire(400, {"error": "unauthorized_client"}))


async def test_the_endpoint_is_discovered_where_none_is_configured(client_with: ClientWith) -> None:
    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("openid-configuration"):
            described = {
                "issuer": SERVER,
                "authorization_endpoint": f"{SERVER}/authorize",
                "token_endpoint": f"{SERVER}/token",
                "device_authorization_endpoint": f"{SERVER}/found",
            }
            return httpx2.Response(200, json=described)
        assert request.url.path == "/found"
        return httpx2.Response(200, json=ANSWER)

    device = await client_with(serve, client_id="fake-client", issuer=SERVER).begin_device(Provider.CLAUDE)

    assert device.user_code == "WDJB-MJHT"


async def test_nothing_is_asked_where_there_is_no_such_endpoint(client_with: ClientWith) -> None:
    wire = Wire(body=ANSWER)

    with pytest.raises(SignInError, check=with_code("device_not_offered")):
        await client_with(wire, **TABLE).begin_device(Provider.CLAUDE)

    assert wire.requests == []


async def test_a_program_that_registers_itself_needs_the_authorize_page(client_with: ClientWith) -> None:
    wire = Wire(body=ANSWER)

    with pytest.raises(SignInError, check=with_code("device_not_offered")):
        await client_with(wire, device_authorization_url=f"{SERVER}/device/code").begin_device(Provider.CHATGPT)

    assert wire.requests == []


async def test_without_a_client_there_is_no_beginning(client_with: ClientWith) -> None:
    with pytest.raises(NoClient):
        await client_with(Wire()).begin_device(Provider.GEMINI)


async def test_a_session_stays_with_the_client_that_began(client_with: ClientWith) -> None:
    device = await begun(client_with, Wire(body=ANSWER))
    wire = Wire()

    other = {"client_id": "fake-other", "client_secret": "fake-secret-of-the-other"}
    session = await client_with(wire, **{**DEVICE_TABLE, **other}).poll_device(device)

    assert wire.form["client_id"] == ["fake-client"]
    assert "client_secret" not in wire.form
    assert isinstance(session, Session)
    assert session.record.client_id == "fake-client"
