"""What each vendor's error answers mean: one row an answer, told by the error and by how often was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    KeyswitchError,
    LimitReached,
    Overloaded,
    Refused,
)
from domain.provider import Provider
from tests.support.credentials import NOON, a_session
from tests.support.mock_chat_network import MODELS, Network, answer_of, chat_over, question

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI
PLAN_PAGE = "https://chatgpt.com/settings/usage"
ONCE, THREE_TIMES = 1, 3


@dataclass(frozen=True, slots=True)
class Row:
    """An answer, and what becomes of it."""

    provider: Provider
    status: int
    body: Any
    error: type[Exception]
    asked: int = ONCE
    says: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    resets_at: datetime | None = None
    manage_url: str | None = None

    @property
    def name(self) -> str:
        told = self.says or (self.body if isinstance(self.body, str) else str(self.body)[:40])
        return f"{self.provider}-{self.status}-{told}-{'+'.join(self.headers)}"

    def response(self, _: httpx2.Request) -> httpx2.Response:
        if isinstance(self.body, str):
            return httpx2.Response(self.status, headers=self.headers, text=self.body)
        return httpx2.Response(self.status, headers=self.headers, json=self.body)


def openai(code: str | None, kind: str = "some_type", message: str = "", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message or f"about {code}", "type": kind, "param": None, "code": code, **more}}


def anthropic(kind: str, message: str = "") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message or f"about {kind}"}, "request_id": "req_1"}


def google(code: int, status: str, *details: dict[str, Any], message: str = "") -> dict[str, Any]:
    error = {"code": code, "message": message or f"about {status}", "status": status}
    return {"error": {**error, "details": list(details)} if details else error}


def detail(kind: str, **members: Any) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **members}


def retry_info(delay: str) -> dict[str, Any]:
    return detail("RetryInfo", retryDelay=delay)


def quota(quota_id: str) -> dict[str, Any]:
    return detail("QuotaFailure", violations=[{"quotaMetric": "m", "quotaId": quota_id, "quotaValue": "1"}])


def after(**span: float) -> datetime:
    return NOON + timedelta(**span)


LIMITED = {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-11-23T12:05:00Z",
           "anthropic-ratelimit-requests-remaining": "3",
           "anthropic-ratelimit-requests-reset": "2026-11-23T13:00:00Z"}  # fmt: skip

OPENAI_ROWS = [
    Row(GPT, 401, openai("invalid_api_key"), AuthRejected, says="invalid_api_key"),
    Row(GPT, 401, openai("subscription_sharing_invalid_user"), AuthRejected),
    Row(GPT, 401, {"detail": "Could not validate your token"}, AuthRejected),
    Row(GPT, 401, openai("rate_limit_exceeded"), AuthRejected),
    Row(GPT, 401, "<html>", AuthRejected),
    Row(GPT, 400, openai(None, "invalid_request_error", "Input must be a list"), Refused, says="Input must be a list"),
    Row(GPT, 400, {"detail": "Store must be set to false"}, Refused, says="Store must be set to false"),
    Row(GPT, 400, {"detail": {"code": "x", "message": "An object"}}, Refused, says="An object"),
    Row(
        GPT,
        400,
        openai("subscription_sharing_unsupported_capability", message="Unsupported", param="top_p"),
        Refused,
        says="Unsupported (top_p)",
    ),
    Row(GPT, 400, openai("an_unknown_code"), Refused, says="about an_unknown_code"),
    Row(GPT, 403, openai("subscription_sharing_user_not_eligible"), Refused, says="about subscription_sharing_user"),
    Row(GPT, 403, openai("subscription_sharing_route_not_supported"), Refused),
    Row(GPT, 403, openai("chatpass_v2_scope_not_authorized"), Refused),
    Row(GPT, 403, openai("chatpass_v2_invalid_authorization_context"), Refused),
    Row(GPT, 403, {"detail": "Not in your region"}, Refused, says="Not in your region"),
    Row(GPT, 404, openai("model_not_found"), Refused, says=f"{MODELS[GPT]} is not served here"),
    Row(GPT, 404, "nginx", AnswerUnreadable, says="HTTP 404"),
    Row(GPT, 408, openai(None), Overloaded, THREE_TIMES),
    Row(GPT, 409, openai(None), Overloaded, THREE_TIMES),
    Row(
        GPT,
        429,
        openai("subscription_sharing_usage_limit_exceeded"),
        LimitReached,
        headers={"retry-after": "30", "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0"},
        manage_url=PLAN_PAGE,
    ),
    Row(GPT, 429, openai("insufficient_quota", "insufficient_quota"), LimitReached),
    Row(GPT, 429, openai(None, "insufficient_quota"), LimitReached),
    Row(GPT, 429, openai("rate_limit_exceeded"), LimitReached, THREE_TIMES),
    Row(
        GPT,
        429,
        openai("rate_limit_exceeded"),
        LimitReached,
        THREE_TIMES,
        headers={"retry-after-ms": "1500", "retry-after": "9"},
        resets_at=after(seconds=1.5),
    ),
    Row(
        GPT,
        429,
        openai("rate_limit_exceeded"),
        LimitReached,
        headers={"retry-after": "3600"},
        resets_at=after(hours=1),
    ),
    Row(
        GPT,
        429,
        openai("rate_limit_exceeded"),
        LimitReached,
        headers={"retry-after": "Mon, 23 Nov 2026 12:02:00 GMT"},
        resets_at=after(minutes=2),
    ),
    Row(
        GPT,
        429,
        openai("rate_limit_exceeded"),
        LimitReached,
        headers={"retry-after": "5", "x-should-retry": "false"},
        resets_at=after(seconds=5),
    ),
    Row(
        GPT,
        429,
        openai("rate_limit_exceeded"),
        LimitReached,
        THREE_TIMES,
        headers={
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "6m0s",
            "x-ratelimit-remaining-requests": "4",
            "x-ratelimit-reset-requests": "2h",
        },
        resets_at=after(minutes=6),
    ),
    Row(
        GPT,
        429,
        openai("rate_limit_exceeded"),
        LimitReached,
        THREE_TIMES,
        headers={"x-ratelimit-remaining-tokens": "-1", "x-ratelimit-reset-tokens": "soon"},
    ),
    Row(GPT, 429, "too many", LimitReached, THREE_TIMES, says="HTTP 429"),
    Row(GPT, 500, openai("server_error", "server_error"), Overloaded, THREE_TIMES),
    Row(GPT, 500, openai("server_error"), Overloaded, ONCE, headers={"x-should-retry": "false"}),
    Row(GPT, 503, openai("subscription_sharing_usage_unavailable"), Overloaded, THREE_TIMES),
    Row(GPT, 503, openai("subscription_sharing_user_unavailable"), Overloaded, THREE_TIMES),
    Row(GPT, 503, {"detail": "Temporarily unavailable"}, Overloaded, THREE_TIMES, says="Temporarily unavailable"),
    Row(GPT, 502, "<html>Bad gateway</html>", Overloaded, THREE_TIMES, says="HTTP 502"),
    Row(GPT, 418, openai(None), Refused, says="about None"),
]
ANTHROPIC_ROWS = [
    Row(CLAUDE, 401, anthropic("authentication_error"), AuthRejected, says="authentication_error"),
    Row(CLAUDE, 400, anthropic("invalid_request_error", "max_tokens: required"), Refused, says="max_tokens: required"),
    Row(CLAUDE, 402, anthropic("billing_error"), LimitReached, says="about billing_error"),
    Row(CLAUDE, 403, anthropic("permission_error"), Refused, says="about permission_error"),
    Row(CLAUDE, 404, anthropic("not_found_error"), Refused, says=f"{MODELS[CLAUDE]} is not served here"),
    Row(CLAUDE, 409, anthropic("conflict_error"), Overloaded, THREE_TIMES),
    Row(CLAUDE, 413, anthropic("request_too_large"), Refused),
    Row(CLAUDE, 413, "Payload too large", Refused, says="HTTP 413"),
    Row(CLAUDE, 429, anthropic("rate_limit_error"), LimitReached, says="about rate_limit_error"),
    Row(
        CLAUDE,
        429,
        anthropic("rate_limit_error"),
        LimitReached,
        THREE_TIMES,
        headers={"retry-after": "7"},
        resets_at=after(seconds=7),
    ),
    Row(
        CLAUDE,
        429,
        anthropic("rate_limit_error"),
        LimitReached,
        headers={"retry-after": "61"},
        resets_at=after(seconds=61),
    ),
    Row(CLAUDE, 429, anthropic("rate_limit_error"), LimitReached, headers=LIMITED, resets_at=after(minutes=5)),
    Row(
        CLAUDE,
        429,
        anthropic("rate_limit_error"),
        LimitReached,
        headers={**LIMITED, "anthropic-ratelimit-requests-remaining": "0"},
        resets_at=after(hours=1),
    ),
    Row(
        CLAUDE,
        429,
        anthropic("rate_limit_error"),
        LimitReached,
        headers={"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "at noon"},
    ),
    Row(CLAUDE, 500, anthropic("api_error"), Overloaded, THREE_TIMES),
    Row(CLAUDE, 504, anthropic("timeout_error"), Overloaded, THREE_TIMES),
    Row(CLAUDE, 529, anthropic("overloaded_error"), Overloaded, THREE_TIMES, says="about overloaded_error"),
    Row(CLAUDE, 529, "", Overloaded, THREE_TIMES, says="HTTP 529"),
    Row(CLAUDE, 429, anthropic("of_a_later_year"), LimitReached),
    Row(CLAUDE, 400, {"type": "error", "error": "text"}, AnswerUnreadable, says="HTTP 400"),
    Row(CLAUDE, 400, {"type": "error", "error": {"type": 5}}, AnswerUnreadable, says="HTTP 400"),
]
GEMINI_ROWS = [
    Row(GEMINI, 401, google(401, "UNAUTHENTICATED"), AuthRejected, says="UNAUTHENTICATED"),
    Row(
        GEMINI,
        400,
        google(400, "INVALID_ARGUMENT", detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")),
        AuthRejected,
        says="API_KEY_INVALID",
    ),
    Row(GEMINI, 400, google(400, "INVALID_ARGUMENT"), Refused, says="about INVALID_ARGUMENT"),
    Row(GEMINI, 400, [google(400, "FAILED_PRECONDITION")], Refused, says="about FAILED_PRECONDITION"),
    Row(GEMINI, 403, google(403, "PERMISSION_DENIED"), Refused, says="about PERMISSION_DENIED"),
    Row(
        GEMINI,
        403,
        google(403, "PERMISSION_DENIED", detail("ErrorInfo", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
        Refused,
    ),
    Row(GEMINI, 404, google(404, "NOT_FOUND"), Refused, says=f"{MODELS[GEMINI]} is not served here"),
    Row(GEMINI, 429, [google(429, "RESOURCE_EXHAUSTED")], LimitReached, THREE_TIMES),
    Row(
        GEMINI,
        429,
        [google(429, "RESOURCE_EXHAUSTED", quota("RequestsPerMinute"), retry_info("22s"))],
        LimitReached,
        THREE_TIMES,
        resets_at=after(seconds=22),
    ),
    Row(
        GEMINI,
        429,
        google(429, "RESOURCE_EXHAUSTED", retry_info("90.5s")),
        LimitReached,
        resets_at=after(seconds=90.5),
    ),
    Row(GEMINI, 429, google(429, "RESOURCE_EXHAUSTED", quota("RequestsPerDay"), retry_info("22s")), LimitReached),
    Row(GEMINI, 429, google(429, "RESOURCE_EXHAUSTED", quota("ProjectSpendCapPerMonth")), LimitReached),
    Row(GEMINI, 429, google(429, "RESOURCE_EXHAUSTED", retry_info("soon")), LimitReached, THREE_TIMES),
    Row(GEMINI, 429, google(429, "RESOURCE_EXHAUSTED", {"@type": 5}, quota("")), LimitReached, THREE_TIMES),
    Row(GEMINI, 500, google(500, "INTERNAL"), Overloaded, THREE_TIMES),
    Row(GEMINI, 503, [google(503, "UNAVAILABLE", retry_info("3s"))], Overloaded, THREE_TIMES),
    Row(GEMINI, 504, google(504, "DEADLINE_EXCEEDED"), Overloaded, THREE_TIMES),
    Row(GEMINI, 400, google(400, "OF_A_LATER_YEAR"), Refused),
    Row(GEMINI, 400, [], AnswerUnreadable, says="HTTP 400"),
    Row(GEMINI, 404, "<html>", AnswerUnreadable, says="HTTP 404"),
]
REDIRECTS = [
    Row(
        provider, status, "", AnswerUnreadable, says="redirect", headers={"location": "https://elsewhere.example.test/"}
    )
    for provider in Provider
    for status in (301, 302, 307, 308)
]
ROWS = [*OPENAI_ROWS, *ANTHROPIC_ROWS, *GEMINI_ROWS, *REDIRECTS]


async def test_an_error_answer_becomes_the_error_that_one_can_act_on(subtests: pytest.Subtests) -> None:
    for row in ROWS:
        with subtests.test(row.name):
            network = Network(row.response)

            with pytest.raises(row.error) as caught:
                await answer_of(chat_over(network), question(row.provider), a_session(row.provider))

            assert row.says in str(caught.value)
            assert len(network.requests) == row.asked
            if isinstance(caught.value, LimitReached):
                assert caught.value.resets_at == row.resets_at
                assert caught.value.manage_url == row.manage_url


async def test_a_date_without_a_zone_is_in_gmt_as_the_header_has_no_other() -> None:
    headers = {"retry-after": "Mon, 23 Nov 2026 12:02:00"}
    row = Row(GPT, 429, openai("rate_limit_exceeded"), LimitReached, headers=headers)

    with pytest.raises(LimitReached) as caught:
        await answer_of(chat_over(Network(row.response)), question(GPT), a_session(GPT))

    assert caught.value.resets_at == after(minutes=2)


@pytest.mark.parametrize("text", ["nan", "inf", "-5", "soon", "", "9" * 400, "1e999"])
async def test_a_wait_that_makes_no_sense_is_not_believed(text: str) -> None:
    row = Row(GPT, 429, openai("rate_limit_exceeded"), LimitReached, headers={"retry-after": text})

    with pytest.raises(LimitReached) as caught:
        await answer_of(chat_over(Network(row.response)), question(GPT), a_session(GPT))

    assert caught.value.resets_at is None


@pytest.mark.parametrize("provider", Provider)
async def test_a_vendors_message_is_one_short_line_without_controls_or_the_credential(provider: Provider) -> None:
    session = a_session(provider)
    token = session.access_token.reveal()
    split = f"{token[:5]}\x00{token[5:]} {token[:7]}\n{token[7:]}, {token[:9]}\u200b \u00ad{token[9:]};"
    message = f"Bad \x1b[31mred\x1b[0m\r\n\u202eline {token} {split} \x1b{token} " + "x" * 5000
    body = {
        GPT: openai("invalid_prompt", message=message),
        CLAUDE: anthropic("permission_error", message),
        GEMINI: google(403, "PERMISSION_DENIED", message=message),
    }[provider]

    with pytest.raises(Refused) as caught:
        await answer_of(chat_over(Network(Row(provider, 403, body, Refused).response)), question(provider), session)

    shown = str(caught.value)
    assert "Bad red line **** **** ****, ****;" in shown
    assert shown.isprintable()
    assert len(shown) < 350
    assert token[1:] not in shown


@pytest.mark.parametrize("provider", Provider)
async def test_a_rejection_repeats_no_word_of_the_vendor_which_may_hold_a_part_of_the_key(provider: Provider) -> None:
    body = {
        GPT: openai("invalid_api_key", message="Incorrect API key provided: fake-acc****1234"),
        CLAUDE: anthropic("authentication_error", "key fake-acc****1234"),
        GEMINI: google(401, "UNAUTHENTICATED", message="token fake-acc****1234"),
    }[provider]

    with pytest.raises(AuthRejected) as caught:
        await answer_of(
            chat_over(Network(Row(provider, 401, body, AuthRejected).response)), question(provider), a_session(provider)
        )

    assert "1234" not in str(caught.value)


async def test_no_error_leads_back_to_the_request_which_holds_the_credential(subtests: pytest.Subtests) -> None:
    for row in ROWS:
        with subtests.test(row.name):
            session = a_session(row.provider)

            with pytest.raises(KeyswitchError) as caught:
                await answer_of(chat_over(Network(row.response)), question(row.provider), session)

            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None
            assert session.access_token.reveal() not in repr(vars(caught.value))


async def test_an_error_body_is_read_no_further_than_an_error_can_be_long() -> None:
    body = '{"error": {"message": "' + "x" * 1_000_000 + '", "code": "insufficient_quota"}}'

    with pytest.raises(LimitReached, match="HTTP 429"):
        await answer_of(chat_over(Network(Row(GPT, 429, body, LimitReached).response)), question(GPT), a_session(GPT))
