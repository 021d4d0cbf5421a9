"""Rules that one vendor alone has, and refusals in its own words."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx2
import pytest

from adapters.sandbox import faults
from adapters.sandbox.scripted_browser import PageRefused, approve
from adapters.sandbox.settings import PROVIDERS
from tests.integration.sandbox.peer import Peer, payloads
from tests.support.sample_files import SAMPLES

_PDF: dict[str, str] = {
    "type": "base64",
    "media_type": "application/pdf",
    "data": b64encode(SAMPLES["paper.pdf"]).decode(),
}
_DOCUMENT: dict[str, Any] = {"type": "document", "source": _PDF}

every_provider = pytest.mark.parametrize("provider", PROVIDERS)


@every_provider
def test_an_unknown_client_gets_no_token(peer: Peer, provider: str) -> None:
    attempt = peer.attempt(provider)
    fields = attempt.exchange_fields(peer.consent(attempt), client_id="somebody-else")
    renewal = peer.refresh(provider, peer.sandbox.issue_session(provider), client_id="somebody-else")

    for answer in (peer.token(provider, fields), renewal):
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@every_provider
def test_trouble_at_the_authorize_address_is_a_page_for_people(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "authorize", faults.refuse("invalid_client"))

    with pytest.raises(PageRefused, match="invalid_client"):
        approve(peer.attempt(provider).address())

    assert peer.sandbox.log.entries()[-1].error == "invalid_client"


@every_provider
@pytest.mark.parametrize("kind", ["token", "refresh"])
@pytest.mark.parametrize("reason", ["unavailable", "server_error"])
def test_the_token_endpoint_can_be_down_or_late(peer: Peer, provider: str, kind: str, reason: faults.Reason) -> None:
    session = peer.sandbox.issue_session(provider)
    peer.sandbox.faults.add(provider, kind, faults.refuse(reason))
    peer.sandbox.faults.add(provider, kind, faults.slow(0.01))

    def ask() -> httpx2.Response:
        if kind == "refresh":
            return peer.refresh(provider, session)
        attempt = peer.attempt(provider)
        return peer.token(provider, attempt.exchange_fields(peer.consent(attempt)))

    assert [ask().status_code for _ in range(2)] == [503 if reason == "unavailable" else 500, 200]


def test_an_answer_can_reach_the_limit_of_its_length(peer: Peer) -> None:
    for provider in PROVIDERS:
        peer.sandbox.faults.add(provider, "chat", faults.cut_short())
    events = {provider: payloads(peer.chat(provider).text) for provider in PROVIDERS}

    assert events["chatgpt"][-1]["type"] == "response.incomplete"
    assert events["chatgpt"][-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert events["claude"][-2]["delta"]["stop_reason"] == "max_tokens"
    assert events["gemini"][-1]["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_a_region_that_is_not_served_is_told_in_each_vendors_place(peer: Peer) -> None:
    for provider in PROVIDERS:
        peer.sandbox.faults.add(provider, "chat", faults.refuse("policy"))
    answers = {provider: peer.chat(provider) for provider in PROVIDERS}

    assert [answer.status_code for answer in answers.values()] == [403, 403, 400]
    assert answers["chatgpt"].json()["detail"]["code"] == "unsupported_country_region_territory"
    assert answers["claude"].json()["error"]["type"] == "permission_error"
    assert answers["gemini"].json()[0]["error"]["status"] == "FAILED_PRECONDITION"


@every_provider
def test_an_administrator_can_ask_for_a_new_sign_in(peer: Peer, provider: str) -> None:
    peer.sandbox.faults.add(provider, "refresh", faults.refuse("admin_policy"))

    answer = peer.refresh(provider, peer.sandbox.issue_session(provider))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert answer.json().get("error_subtype") == ("invalid_rapt" if provider == "gemini" else None)


class TestChatGPT:
    def test_an_ended_session_and_an_expired_token_have_different_words(self, peer: Peer) -> None:
        session = peer.sandbox.issue_session("chatgpt")
        headers = peer.headers("chatgpt", str(session["access_token"]))
        peer.sandbox.expire_access_tokens("chatgpt")
        expired = peer.chat("chatgpt", headers)
        peer.sandbox.revoke_session("chatgpt", "ana@example.test")
        ended = peer.chat("chatgpt", headers)

        assert (expired.status_code, list(expired.json())) == (401, ["detail"])
        assert (ended.status_code, ended.json()["error"]["code"]) == (401, "subscription_sharing_invalid_user")

    def test_a_plan_is_good_at_the_responses_api_alone(self, peer: Peer) -> None:
        headers = peer.headers("chatgpt", str(peer.sandbox.issue_session("chatgpt")["access_token"]))
        url = f"{peer.settings['chatgpt']['api_base']}/chat/completions"

        by_plan, by_key = (
            peer.http.post(url, json={}, headers=given) for given in (headers, peer.key_headers("chatgpt"))
        )

        assert by_plan.status_code == 403
        assert by_plan.json()["error"]["code"] == "subscription_sharing_route_not_supported"
        assert by_key.status_code == 404

    @pytest.mark.parametrize(
        ("tool", "status"),
        [("function", 200), ("web_search", 200), ("file_search", 400), ("code_interpreter", 400)],
    )
    def test_a_plan_does_not_pay_for_hosted_tools(self, peer: Peer, tool: str, status: int) -> None:
        answer = peer.chat("chatgpt", tools=[{"type": tool}])

        assert answer.status_code == status
        assert peer.chat("chatgpt", peer.key_headers("chatgpt"), tools=[{"type": tool}]).status_code == 200


class TestClaude:
    @pytest.mark.parametrize(
        "messages",
        [
            [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": [_DOCUMENT, {"type": "text", "text": "b"}]},
                {"role": "user", "content": "c"},
            ],
            [{"role": "user", "content": [{"type": "text", "text": "a", "citations": []}]}],
        ],
        ids=["document of the assistant", "citations of the person"],
    )
    def test_blocks_that_the_new_version_dropped_are_taken_by_the_old(
        self, peer: Peer, messages: list[dict[str, Any]]
    ) -> None:
        headers = peer.key_headers("claude")

        assert peer.chat("claude", headers, messages=messages).status_code == 400
        old = {**headers, "anthropic-version": "2023-06-01"}
        assert peer.chat("claude", old, messages=messages).status_code == 200


class TestGemini:
    def test_the_last_part_carries_a_signature_that_nobody_needs_to_read(self, peer: Peer) -> None:
        parts = [chunk["candidates"][0]["content"]["parts"][0] for chunk in payloads(peer.chat("gemini").text)]

        assert ["thoughtSignature" in part for part in parts] == [False] * (len(parts) - 1) + [True]
