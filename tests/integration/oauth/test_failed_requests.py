"""Which answer means "later", which "never again", and which "who knows"."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import UTC, datetime
from itertools import product
from typing import Any

import httpx2
import pytest

from adapters.http.bound_transport import AnswerTooLarge
from adapters.oauth.failed_requests import exchange_error, judge, renewal_error, transport_error
from domain.errors import (
    AnswerUnreadable,
    KeyswitchError,
    Offline,
    Overloaded,
    Refused,
    SessionEnded,
    SignInDeclined,
    SignInRefused,
)
from domain.provider import Provider
from domain.text.secret import Secret

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFRESH = "fake-refresh-0001"


def renewal(
    status: int, body: object = None, *, rotates: bool = True, headers: dict[str, str] | None = None
) -> KeyswitchError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = httpx2.Response(status, headers={"content-type": "application/json", **(headers or {})}, content=content)
    return renewal_error(judge(Provider.CHATGPT, answer, rotates=rotates, now=NOW, hiding=[Secret(REFRESH)]))


def code(name: str) -> dict[str, Any]:
    return {"error": name}


def test_a_secret_that_a_server_repeats_is_masked_whatever_stands_inside_it() -> None:
    for gap in ("\n", "\r\n ", " ", "\u00a0", "\u200b", "\u00ad", "\x1b[1m", "\x00", "\\n"):
        repeated = f"{REFRESH[:8]}{gap}{REFRESH[8:]} and sk-proj-MADE-UP-0000"
        error = renewal(400, {"error": "invalid_request", "error_description": f"Not good: {repeated}."})
        assert "****" in str(error), (gap, error)
        assert REFRESH[8:] not in str(error), gap
        assert "MADE-UP" not in str(error), gap


ENDED = (
    "invalid_grant", "invalid_refresh_token", "token_expired", "refresh_token_expired",
    "refresh_token_invalidated", "refresh_token_reused", "admin_policy_enforced", "interaction_required",
)  # fmt: skip


def test_an_ended_grant_is_found_wherever_the_code_is() -> None:
    answers = [
        (status, body)
        for name, status in product(ENDED, (400, 401, 403))
        for body in (code(name), {"error": {"code": name, "message": "x"}}, {"code": name})
    ]
    assert [answer for answer in answers if not isinstance(renewal(*answer), SessionEnded)] == []


def test_googles_subtype_says_why() -> None:
    assert isinstance(renewal(400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}), SessionEnded)


def test_a_reused_token_names_the_likely_cause() -> None:
    assert "another process" in str(renewal(401, {"error": {"code": "refresh_token_reused"}}))


WRONG_CLIENT = (
    "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request",
    "invalid_target", "disabled_client", "deleted_client",
)  # fmt: skip


def test_a_wrong_client_is_no_ended_session() -> None:
    errors = {(status, name): renewal(status, code(name)) for status, name in product((400, 401), WRONG_CLIENT)}
    assert [answer for answer, error in errors.items() if not isinstance(error, Refused)] == []
    assert [answer for answer, error in errors.items() if answer[1] not in str(error)] == []


def test_an_unexplained_refusal_ends_no_session() -> None:
    statuses = (405, 413, 415, 431, 404, 401, 400, 402, 418)
    assert [status for status in statuses if not isinstance(renewal(status, {"detail": "no"}), Refused)] == []


def test_not_now_is_later() -> None:
    statuses = (409, 421, 425, 429, 503, 507, 529)
    assert [status for status in statuses if not isinstance(renewal(status, code("whatever")), Overloaded)] == []


def test_a_refusal_that_says_later_is_later() -> None:
    names = ("slow_down", "temporarily_unavailable", "server_error", "internal_failure")
    assert [name for name in names if not isinstance(renewal(400, code(name)), Overloaded)] == []


@pytest.mark.parametrize("status", [500, 502, 504, 599])
def test_a_broken_server_may_have_spent_the_token(status: int) -> None:
    assert isinstance(renewal(status, b"oops"), AnswerUnreadable)
    assert isinstance(renewal(status, b"oops", rotates=False), Overloaded)
    assert isinstance(renewal(status, b"oops", headers={"retry-after": "3"}), Overloaded)


def test_an_odd_status_is_ambiguous() -> None:
    statuses = (201, 204, 206, 408)
    assert [status for status in statuses if not isinstance(renewal(status, {}), AnswerUnreadable)] == []


def test_what_no_token_endpoint_says_came_from_something_between() -> None:
    statuses, portal = (301, 302, 303, 307, 308, 407, 511), {"location": "https://portal.example.test"}
    assert [status for status in statuses if not isinstance(renewal(status, b"", headers=portal), Offline)] == []


@pytest.mark.parametrize("status", [200, 403, 451])
def test_a_page_of_refusal_came_from_something_between(status: int) -> None:
    assert isinstance(renewal(status, b"<h1>Accept</h1>", headers={"content-type": "text/html"}), Offline)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"error": null}', b'{"error": {"code": ["x"]}}'])
def test_no_status_alone_ends_a_session(body: bytes) -> None:
    assert [status for status in range(100, 600) if isinstance(renewal(status, body), SessionEnded)] == []


def test_a_server_that_quotes_the_token_is_not_quoted() -> None:
    for body in ({"error": "invalid_grant", "error_description": f"{REFRESH} is bad"}, {"error": REFRESH}):
        assert REFRESH not in str(renewal(400, body))


def test_foreign_words_are_short_and_harmless() -> None:
    shown = str(renewal(400, {"error": "invalid_client", "error_description": "\x1b[31mred\x9b2J\r\n" + "x" * 9000}))

    assert shown.isprintable()
    assert len(shown) < 400


def test_the_wait_reaches_the_caller() -> None:
    error = renewal(429, code("slow_down"), headers={"retry-after": "7"})

    assert isinstance(error, Overloaded)
    assert error.retry_after == 7


def test_a_wait_of_more_than_an_hour_is_one_of_an_hour() -> None:
    error = renewal(429, code("slow_down"), headers={"retry-after": "999999"})

    assert isinstance(error, Overloaded)
    assert error.retry_after == 3600


def test_an_exchange_fails_in_its_own_words() -> None:
    meant = {
        (400, "invalid_grant"): SignInRefused, (401, "invalid_client"): SignInRefused, (404, "whatever"): SignInRefused,
        (403, "access_denied"): SignInDeclined, (429, "slow_down"): Overloaded, (503, "x"): Overloaded,
        (500, "x"): AnswerUnreadable, (302, "x"): Offline,
    }  # fmt: skip
    answers = {(status, name): httpx2.Response(status, json=code(name)) for status, name in meant}
    assert {
        key: type(exchange_error(judge(Provider.CLAUDE, answer, rotates=True, now=NOW)))
        for key, answer in answers.items()
    } == meant


NEVER_LEFT: tuple[tuple[httpx2.RequestError, Exception | None, str], ...] = (
    (httpx2.ConnectError("x"), ConnectionRefusedError(), "refused the connection"),
    (httpx2.ConnectError("x"), socket.gaierror(), "is not known here"),
    (httpx2.ConnectError("x"), ssl.SSLCertVerificationError(), "does not trust the certificate"),
    (httpx2.ConnectError("x"), ssl.SSLError(), "no secure connection"),
    (httpx2.ConnectError("x"), ExceptionGroup("all", [OSError(), ConnectionRefusedError()]), "refused"),
    (httpx2.ConnectError("x"), OSError(), "no connection"),
    (httpx2.ConnectTimeout("x"), None, "did not answer in time"),
    (httpx2.PoolTimeout("x"), None, "did not answer in time"),
    (httpx2.ProxyError("x"), None, "the proxy"),
)


def test_what_never_left_is_offline(subtests: pytest.Subtests) -> None:
    for raised, cause, words in NEVER_LEFT:
        with subtests.test(words):
            raised.__cause__ = cause
            error = transport_error(Provider.CLAUDE, "auth.example.test", raised)
            assert isinstance(error, Offline)
            assert words in str(error)


def test_what_left_and_came_to_no_answer_is_ambiguous() -> None:
    raised = (
        httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.ReadError, httpx2.WriteError, httpx2.CloseError,
        httpx2.RemoteProtocolError, AnswerTooLarge,
    )  # fmt: skip
    errors = [transport_error(Provider.CLAUDE, "auth.example.test", kind("x")) for kind in raised]
    assert [error for error in errors if not isinstance(error, AnswerUnreadable)] == []
