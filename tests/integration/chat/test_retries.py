"""When a question is asked again, how soon, and what happens to an answer that fails in the middle."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from application.ports.chat_client import ChatEvent
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    BrokenStream,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    Refused,
)
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.mock_chat_network import Network, Pauses, answer_of, chat_over, question, sse, stream_of, text_of
from tests.support.recorded_answers import RECORDED, TEXT, anthropic_start, anthropic_text, gemini_chunk, openai_text

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI


def busy(**headers: str) -> httpx2.Response:
    return httpx2.Response(503, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_question_is_asked_again_until_it_is_answered() -> None:
    network, pauses = Network(busy(), busy(), stream_of(RECORDED[GPT].body)), Pauses()

    events = await answer_of(chat_over(network, pauses=pauses), question(GPT), a_session(GPT))

    assert text_of(events) == TEXT
    assert len(network.requests) == 3
    assert len({request.content for request in network.requests}) == 1


async def test_without_a_named_wait_the_pauses_grow_and_are_spread() -> None:
    pauses = Pauses()

    with pytest.raises(Overloaded):
        await answer_of(chat_over(Network(busy()), pauses=pauses), question(GPT), a_session(GPT))

    assert len(pauses) == 2
    assert 0.375 <= pauses[0] <= 0.5
    assert 0.75 <= pauses[1] <= 1.0


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0"}, 0),
        ({"retry_after_ms": "250", "retry_after": "7"}, 0.25),
        ({"retry_after_ms": "soon", "retry_after": "7"}, 7),
        ({"retry_after": "Mon, 23 Nov 2026 12:00:09 GMT"}, 9),
        ({"retry_after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry_after": "60"}, 60),
    ],
)
async def test_a_wait_that_the_provider_names_is_kept(headers: dict[str, str], pause: float) -> None:
    network, pauses = Network(busy(**headers), stream_of(RECORDED[GPT].body)), Pauses()

    await answer_of(chat_over(network, pauses=pauses), question(GPT), a_session(GPT))

    assert pauses == [pause]


async def test_a_wait_of_more_than_a_minute_is_told_and_not_slept() -> None:
    pauses = Pauses()

    with pytest.raises(Overloaded) as caught:
        await answer_of(chat_over(Network(busy(retry_after="61")), pauses=pauses), question(GPT), a_session(GPT))

    assert pauses == []
    assert caught.value.retry_after == 61


async def test_gemini_names_its_wait_in_the_body() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"}]
    refusal = httpx2.Response(503, json=[{"error": {"status": "UNAVAILABLE", "message": "Busy", "details": details}}])
    network, pauses = Network(refusal, stream_of(RECORDED[GEMINI].body)), Pauses()

    await answer_of(chat_over(network, pauses=pauses), question(GEMINI), a_session(GEMINI))

    assert pauses == [2.5]


def _untrusted() -> httpx2.ConnectError:
    certificate = ssl.SSLCertVerificationError(1, "certificate verify failed")
    certificate.verify_message = "self-signed certificate"
    error = httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.__cause__ = certificate
    return error


LINE_FAILURES: list[tuple[httpx2.HTTPError, type[KeyswitchError], str, int]] = [
    (httpx2.ConnectError("[Errno 111] Connection refused"), Offline, "no connection to api.chatgpt.example.test", 3),
    (httpx2.ConnectError(""), Offline, "no connection", 3),
    (httpx2.ConnectTimeout(""), Offline, "api.chatgpt.example.test did not answer in time", 3),
    (_untrusted(), Offline, "does not trust the certificate of api.chatgpt.example.test (self-signed certificate)", 1),
    (
        httpx2.ProxyError("407 Proxy Authentication Required"),
        Offline,
        "the proxy would not connect to api.chatgpt.example.test (407",
        1,
    ),
    (httpx2.RemoteProtocolError("Server disconnected"), Offline, "closed before an answer", 3),
    (httpx2.ReadError(""), Offline, "closed before an answer", 3),
    (httpx2.WriteError(""), Offline, "closed before an answer", 3),
    (httpx2.ReadTimeout(""), Overloaded, "no answer within 180 s", 1),
    (httpx2.WriteTimeout(""), Overloaded, "no answer within 180 s", 1),
    (httpx2.LocalProtocolError("Illegal header value b'Bearer fake-access-chatgpt-ana-1'"), AnswerUnreadable, "", 1),
]


async def test_a_failing_line_is_told_from_a_failing_provider(subtests: pytest.Subtests) -> None:
    for failure, error, says, asked in LINE_FAILURES:
        with subtests.test(f"{failure!r}"):
            network = Network(failure)

            with pytest.raises(error) as caught:
                await answer_of(chat_over(network), question(GPT), a_session(GPT))

            assert says in str(caught.value)
            assert "fake-access" not in str(caught.value)
            assert len(network.requests) == asked
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None


@dataclass(frozen=True, slots=True)
class Report:
    """An error event, and what becomes of it before and after some text was shown."""

    provider: Provider
    event: dict[str, Any]
    before: type[KeyswitchError]
    asked: int
    after: type[KeyswitchError]


def failed(code: str) -> dict[str, Any]:
    return {"type": "response.failed", "response": {"status": "failed", "error": {"code": code, "message": "m"}}}


def anthropic_error(kind: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": "m"}}


def google_error(code: int, status: str) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": "m"}}


REPORTS = [
    Report(GPT, failed("server_error"), Overloaded, 3, Overloaded),
    Report(GPT, failed("server_is_overloaded"), Overloaded, 3, Overloaded),
    Report(GPT, failed("rate_limit_exceeded"), LimitReached, 3, LimitReached),
    Report(GPT, failed("subscription_sharing_usage_limit_exceeded"), LimitReached, 1, LimitReached),
    Report(GPT, failed("insufficient_quota"), LimitReached, 1, LimitReached),
    Report(GPT, failed("invalid_prompt"), Refused, 1, Refused),
    Report(GPT, failed("subscription_sharing_invalid_user"), AuthRejected, 1, BrokenStream),
    Report(GPT, failed("of_a_later_year"), Refused, 1, BrokenStream),
    Report(GPT, {"type": "response.failed", "response": {}}, BrokenStream, 1, BrokenStream),
    Report(GPT, {"type": "response.failed", "response": {"error": "text"}}, Refused, 1, BrokenStream),
    Report(GPT, {"type": "response.done", "response": {"status": "failed"}}, BrokenStream, 1, BrokenStream),
    Report(GPT, {"type": "error", "code": "server_error", "message": "m"}, Overloaded, 3, Overloaded),
    Report(GPT, {"type": "error", "error": {"code": "rate_limit_exceeded"}}, LimitReached, 3, LimitReached),
    Report(GPT, {"type": "error", "code": 5}, BrokenStream, 1, BrokenStream),
    Report(CLAUDE, anthropic_error("overloaded_error"), Overloaded, 3, Overloaded),
    Report(CLAUDE, anthropic_error("api_error"), Overloaded, 3, Overloaded),
    Report(CLAUDE, anthropic_error("rate_limit_error"), LimitReached, 1, LimitReached),
    Report(CLAUDE, anthropic_error("authentication_error"), AuthRejected, 1, BrokenStream),
    Report(CLAUDE, anthropic_error("invalid_request_error"), Refused, 1, Refused),
    Report(CLAUDE, {"type": "error"}, BrokenStream, 1, BrokenStream),
    Report(GEMINI, google_error(503, "UNAVAILABLE"), Overloaded, 3, Overloaded),
    Report(GEMINI, google_error(429, "RESOURCE_EXHAUSTED"), LimitReached, 3, LimitReached),
    Report(GEMINI, google_error(401, "UNAUTHENTICATED"), AuthRejected, 1, BrokenStream),
    Report(GEMINI, google_error(400, "INVALID_ARGUMENT"), Refused, 1, Refused),
    Report(GEMINI, {"error": "text"}, Refused, 1, BrokenStream),
]
OPENING = {
    GPT: sse(openai_text("So far.")),
    CLAUDE: sse(anthropic_start(), anthropic_text("So far.")),
    GEMINI: sse(gemini_chunk("So far.")),
}


async def test_an_error_before_any_text_is_like_an_error_answer(subtests: pytest.Subtests) -> None:
    for report in REPORTS:
        with subtests.test(f"{report.provider}: {report.event}"[:80]):
            network = Network(stream_of(sse(report.event)))

            with pytest.raises(report.before):
                await answer_of(chat_over(network), question(report.provider), a_session(report.provider))

            assert len(network.requests) == report.asked


async def test_an_error_after_some_text_ends_the_answer_and_nothing_is_asked_again(subtests: pytest.Subtests) -> None:
    for report in REPORTS:
        with subtests.test(f"{report.provider}: {report.event}"[:80]):
            network = Network(stream_of(OPENING[report.provider], sse(report.event)))
            seen: list[ChatEvent] = []

            with pytest.raises(report.after):
                await listen(network, report.provider, seen)

            assert text_of(seen) == "So far."
            assert len(network.requests) == 1


async def listen(network: Network, provider: Provider, seen: list[ChatEvent]) -> None:
    """Ask, and keep in *seen* what came before an error as well."""
    async for event in chat_over(network).stream(question(provider), a_session(provider)):
        seen.append(event)  # noqa: PERF401


@pytest.mark.parametrize("provider", Provider)
async def test_a_page_in_the_providers_place_is_a_network_without_a_way_out(provider: Provider) -> None:
    network = Network(httpx2.Response(200, headers={"content-type": "text/html"}, text="<h1>Accept the terms</h1>"))

    with pytest.raises(Offline, match="sign-in page of a network"):
        await answer_of(chat_over(network), question(provider), a_session(provider))

    assert len(network.requests) == 1


@pytest.mark.parametrize("status", [204, 205])
async def test_an_empty_success_is_no_answer(status: int) -> None:
    with pytest.raises(AnswerUnreadable):
        await answer_of(chat_over(Network(httpx2.Response(status))), question(GPT), a_session(GPT))
