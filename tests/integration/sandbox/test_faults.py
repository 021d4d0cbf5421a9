"""The sandbox misbehaves when it is told to, and only then."""

from __future__ import annotations

import json
import threading
import time

import httpx2
import pytest

from adapters.sandbox import faults
from adapters.sandbox.faults import FAULT_KINDS, Fault, FaultPlan
from adapters.sandbox.scenarios import SCENARIOS, Consent
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import PROVIDERS
from tests.integration.sandbox.peer import Peer, answer_text, payloads
from tests.support import sandbox_faults

every_provider = pytest.mark.parametrize("provider", PROVIDERS)
LAST_EVENTS = {"chatgpt": "response.completed", "claude": "message_stop", "gemini": "finishReason"}


def refusals(peer: Peer, fault: Fault) -> dict[str, httpx2.Response]:
    for provider in PROVIDERS:
        peer.sandbox.faults.add(provider, "chat", fault)
    return {provider: peer.chat(provider) for provider in PROVIDERS}


def test_a_fault_happens_once_in_its_turn_and_then_no_more(peer: Peer) -> None:
    peer.sandbox.faults.add("claude", "chat", faults.refuse("overloaded"), times=2)
    peer.sandbox.faults.add("claude", "chat", faults.refuse("server_error"))

    statuses = [peer.chat("claude").status_code for _ in range(4)]

    assert statuses == [529, 529, 500, 200]
    assert peer.chat("gemini").status_code == 200


def test_a_standing_fault_lasts_until_cleared(peer: Peer) -> None:
    peer.sandbox.faults.add("claude", "chat", faults.refuse("server_error"), times=None)
    before = [peer.chat("claude").status_code for _ in range(3)]
    peer.sandbox.faults.clear()

    assert (before, peer.chat("claude").status_code) == ([500, 500, 500], 200)


def test_an_unknown_kind_of_request_is_named() -> None:
    with pytest.raises(ValueError, match="unknown fault kind 'chatt'"):
        FaultPlan().add("claude", "chatt", faults.hang())


def test_a_short_limit_names_its_wait_in_each_vendors_place(peer: Peer) -> None:
    answers = refusals(peer, faults.refuse("rate_limit", retry_after=22))

    assert {answer.status_code for answer in answers.values()} == {429}
    assert answers["chatgpt"].headers["retry-after-ms"] == "22000"
    assert answers["claude"].headers["retry-after"] == "22"
    (error,) = answers["gemini"].json()
    assert "retry-after" not in answers["gemini"].headers
    assert {"retryDelay": "22s"}.items() <= error["error"]["details"][1].items()


def test_a_used_up_plan_names_no_wait(peer: Peer) -> None:
    answers = refusals(peer, faults.refuse("plan_limit"))

    assert {answer.status_code for answer in answers.values()} == {429}
    assert answers["chatgpt"].json()["error"]["code"] == "subscription_sharing_usage_limit_exceeded"
    assert "retry-after" not in answers["claude"].headers
    assert "PerDay" in answers["gemini"].json()[0]["error"]["details"][0]["violations"][0]["quotaId"]


def test_an_overload_has_each_vendors_own_status(peer: Peer) -> None:
    answers = refusals(peer, faults.refuse("overloaded"))

    assert {provider: answer.status_code for provider, answer in answers.items()} == {
        "chatgpt": 503,
        "claude": 529,
        "gemini": 503,
    }


@every_provider
def test_a_refused_renewal_leaves_the_refresh_token_good(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)
    peer.sandbox.faults.add(provider, "refresh", faults.refuse("unavailable"))

    assert [peer.refresh(provider, session).status_code for _ in range(2)] == [503, 200]


@every_provider
def test_invalid_grant_comes_in_oauths_own_form(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "refresh", faults.refuse("invalid_grant"))

    answer = peer.refresh(provider, peer.sandbox.issue_session(provider))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("provider", ["chatgpt", "claude"])
def test_a_lost_answer_has_rotated_the_token(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)
    peer.sandbox.faults.add(provider, "refresh", faults.lost_answer())

    with pytest.raises(httpx2.TransportError):
        peer.refresh(provider, session)

    assert peer.sandbox.log.entries()[-1].status == 0
    assert len(peer.sandbox.live_access_tokens(provider)) > 1
    assert peer.refresh(provider, session).status_code in (400, 401)


@pytest.mark.parametrize("provider", ["chatgpt", "claude"])
def test_a_dropped_connection_has_rotated_nothing(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)
    peer.sandbox.faults.add(provider, "refresh", sandbox_faults.drop())

    with pytest.raises(httpx2.TransportError):
        peer.refresh(provider, session)

    assert peer.refresh(provider, session).status_code == 200


@every_provider
def test_a_hanging_request_goes_on_when_released(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.hang())
    request = peer.chat_request(provider, peer.key_headers(provider))
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(peer.http.send(request).status_code))
    waiting.start()
    entry = peer.sandbox.log.wait_for(lambda entry: entry.kind == "chat")

    peer.sandbox.faults.release()
    waiting.join(10)

    assert entry.status == 0
    assert answers == [200]


def test_a_client_that_gives_up_a_hanging_request_leaves_nothing_behind(peer: Peer) -> None:
    session = peer.sandbox.issue_session("claude")
    peer.sandbox.faults.add("claude", "refresh", faults.hang())
    url = peer.settings["claude"]["token_url"]

    with pytest.raises(httpx2.ReadTimeout):
        peer.http.post(url, json={"grant_type": "refresh_token"}, timeout=0.05)
    peer.sandbox.faults.release()

    assert peer.refresh("claude", session).status_code == 200


@every_provider
def test_a_slow_answer_is_a_good_one(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.slow(0.05))
    began = time.monotonic()

    assert peer.chat(provider, peer.key_headers(provider)).status_code == 200
    assert time.monotonic() - began >= 0.05


@every_provider
def test_a_cut_stream_breaks_after_its_first_events(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.cut_stream(4))
    request = peer.chat_request(provider, peer.key_headers(provider))
    received = b""
    with pytest.raises(httpx2.TransportError):  # noqa: PT012 - the first pieces must still arrive
        for piece in peer.http.send(request, stream=True).iter_raw():
            received += piece

    assert len(payloads(received.decode())) == 4


@every_provider
def test_a_stream_that_ends_early_lacks_its_last_event(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", sandbox_faults.end_early(5))

    answer = peer.chat(provider, peer.key_headers(provider))

    assert len(payloads(answer.text)) == 5
    assert LAST_EVENTS[provider] not in answer.text


@every_provider
def test_an_error_in_mid_stream_comes_in_the_vendors_form(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.stream_error(after=5))

    last = payloads(peer.chat(provider, peer.key_headers(provider)).text)[-1]

    match provider:
        case "chatgpt":
            assert (last["type"], last["response"]["error"]["code"]) == ("response.failed", "server_is_overloaded")
        case "claude":
            assert (last["type"], last["error"]["type"]) == ("error", "overloaded_error")
        case _:
            assert last["error"]["status"] == "UNAVAILABLE"


@every_provider
def test_a_stalled_stream_goes_on_when_released(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", sandbox_faults.stall(4))
    request = peer.chat_request(provider, peer.key_headers(provider))
    pieces = peer.http.send(request, stream=True).iter_raw()
    received = next(pieces)

    peer.sandbox.faults.release()
    received += b"".join(pieces)

    assert LAST_EVENTS[provider] in received.decode()


@every_provider
@pytest.mark.parametrize(
    ("fault", "mark"),
    [(sandbox_faults.garbage_line(), b"\xff\xfe"), (sandbox_faults.long_line(100_000), b"x" * 100_000)],
)
def test_noise_between_events_leaves_the_answer_whole(peer: Peer, provider: str, fault: Fault, mark: bytes) -> None:
    peer.sandbox.faults.add(provider, "chat", fault)

    answer = peer.chat(provider, peer.key_headers(provider))

    assert mark in answer.content
    assert answer_text(provider, answer.content.decode("utf-8", "replace")).endswith("> hi\n")


@every_provider
def test_a_broken_event_is_no_json(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.broken_event())

    with pytest.raises(json.JSONDecodeError):
        payloads(peer.chat(provider, peer.key_headers(provider)).text)


@every_provider
def test_headers_can_come_twice(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "refresh", sandbox_faults.duplicated_headers())

    answer = peer.refresh(provider, peer.sandbox.issue_session(provider))

    assert len(answer.headers.get_list("content-type")) == 2
    assert "access_token" in json.loads(answer.content)


@every_provider
def test_a_portal_answers_in_the_providers_place(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "refresh", faults.html_page())

    answer = peer.refresh(provider, peer.sandbox.issue_session(provider))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@every_provider
@pytest.mark.parametrize("fault", [sandbox_faults.non_json(), sandbox_faults.truncated_json()])
def test_a_token_answer_can_be_no_json(peer: Peer, provider: str, fault: Fault) -> None:
    peer.sandbox.faults.add(provider, "refresh", fault)

    answer = peer.refresh(provider, peer.sandbox.issue_session(provider))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_any_answer_can_be_given_byte_for_byte(peer: Peer) -> None:
    peer.sandbox.faults.add("claude", "refresh", faults.answer(418, b"\x00\xff", ("x-odd", "yes"), content_type="a/b"))

    answer = peer.refresh("claude", peer.sandbox.issue_session("claude"))

    assert (answer.status_code, answer.content, answer.headers["x-odd"]) == (418, b"\x00\xff", "yes")


def test_refusals_and_blocked_prompts_come_in_each_vendors_form(peer: Peer) -> None:
    refused = refusals(peer, faults.refusal())
    blocked = refusals(peer, faults.blocked_prompt())

    assert "response.refusal.delta" in refused["chatgpt"].text
    assert payloads(refused["claude"].text)[-2]["delta"]["stop_reason"] == "refusal"
    assert payloads(refused["gemini"].text)[-1]["candidates"][0]["finishReason"] == "SAFETY"
    assert payloads(blocked["chatgpt"].text)[-1]["response"]["error"]["code"] == "invalid_prompt"
    assert payloads(blocked["claude"].text)[-2]["delta"]["stop_reason"] == "refusal"
    assert payloads(blocked["gemini"].text)[-1]["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"


@pytest.mark.parametrize("kind", ["authorize", "models", "revoke", "token"])
@every_provider
def test_every_kind_of_request_can_be_made_to_fail(peer: Peer, provider: str, kind: str) -> None:
    peer.sandbox.faults.add(provider, kind, faults.refuse("server_error"))

    match kind:
        case "authorize":
            status = peer.http.get(peer.attempt(provider).address()).status_code
        case "models":
            status = peer.models(provider, peer.key_headers(provider)).status_code
        case "revoke":
            status = peer.revoke(provider, peer.sandbox.issue_session(provider)).status_code
        case _:
            status = peer.token(provider, {"grant_type": "authorization_code"}).status_code

    assert status == 500
    assert peer.sandbox.log.entries()[-1].kind == kind


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_one_line_and_changes_something(name: str, http: httpx2.Client) -> None:
    scenario = SCENARIOS[name]
    with Sandbox() as sandbox:
        for provider in PROVIDERS:
            sandbox.issue_session(provider)

        scenario.begin(sandbox)

        expired = not any(sandbox.live_access_tokens(provider) for provider in PROVIDERS)
        faulty = any(sandbox.faults.take(provider, kind) for provider in PROVIDERS for kind in FAULT_KINDS)
        gone = not answers(http, sandbox.origin("claude"))
    assert "\n" not in scenario.description
    assert expired or faulty or gone or scenario.consent != Consent()


def answers(http: httpx2.Client, origin: str) -> bool:
    try:
        http.get(f"{origin}/nowhere")
    except httpx2.ConnectError:
        return False
    return True
