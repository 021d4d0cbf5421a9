"""The three chat formats: good answers, and what each vendor refuses."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from adapters.sandbox.settings import PROVIDERS
from tests.integration.sandbox.peer import DEFAULT_MODELS, Peer, answer_text, gemini_turns, payloads

every_provider = pytest.mark.parametrize("provider", PROVIDERS)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def thinking(**config: Any) -> dict[str, Any]:
    return {"thinkingConfig": config}


@every_provider
def test_an_answer_names_account_session_model_and_the_persons_words(peer: Peer, provider: str) -> None:
    answer = peer.chat(provider)

    text = answer_text(provider, answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "You are **ana@example.test**, signed in with OAuth (session " in text
    assert f"`{DEFAULT_MODELS[provider]}`" in text
    assert text.endswith("> hi\n")


@every_provider
def test_an_api_key_is_named_by_its_last_four_characters(peer: Peer, provider: str) -> None:
    answer = peer.chat(provider, peer.key_headers(provider))

    assert "the owner of API key **…1234**" in answer_text(provider, answer.text)


@pytest.mark.parametrize(
    ("provider", "change"),
    [
        ("chatgpt", {"input": [user("a"), assistant("b"), user("c")], "reasoning": {"effort": "high"}}),
        ("claude", {"messages": [user("a"), assistant("b"), user("c")], "output_config": {"effort": "high"}}),
        ("gemini", {"contents": gemini_turns("a", "b", "c"), "generationConfig": thinking(thinkingLevel="HIGH")}),
    ],
)
def test_an_answer_tells_the_level_and_the_history_it_got(peer: Peer, provider: str, change: dict[str, Any]) -> None:
    text = answer_text(provider, peer.chat(provider, **change).text)

    assert "2 earlier turns came along" in text
    assert "at reasoning level `high`" in text.lower()
    assert text.endswith("> c\n")


@every_provider
def test_no_credential_and_a_wrong_one_are_refused(peer: Peer, provider: str) -> None:
    nothing = {"anthropic-version": "2026-10-21"} if provider == "claude" else {}

    statuses = [
        peer.chat(provider, nothing).status_code,
        peer.chat(provider, peer.headers(provider, "nobody-issued-this-token")).status_code,
    ]

    assert statuses == [403 if provider == "gemini" else 401, 401]
    assert [entry.credential for entry in peer.sandbox.log.entries()] == ["none", "unknown"]


@every_provider
def test_a_refresh_token_is_no_credential_for_a_chat(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)

    answer = peer.chat(provider, peer.headers(provider, str(session["refresh_token"])))

    assert answer.status_code == 401
    assert not peer.sandbox.log.entries()[-1].own_live_token


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("chatgpt", "gpt-5.1-codex"),
        ("claude", "claude-opus-4-1-20250805"),
        ("gemini", "gemini-3-pro-preview"),
        ("chatgpt", "no-such-model"),
    ],
)
def test_a_retired_or_unknown_model_gets_the_vendors_404(peer: Peer, provider: str, model: str) -> None:
    answer = peer.chat(provider, model=model)

    assert answer.status_code == 404
    assert model in answer.text
    assert peer.sandbox.log.entries()[-1].wire_model == model


class TestResponses:
    def test_events_are_numbered_and_end_with_a_completed_response(self, peer: Peer) -> None:
        answer = peer.chat("chatgpt", reasoning={"effort": "low", "summary": "auto"})

        events = payloads(answer.text)
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        assert [line[7:] for line in answer.text.splitlines() if line.startswith("event: ")] == [
            event["type"] for event in events
        ]
        assert events[-1]["type"] == "response.completed"
        assert any(event["type"] == "response.reasoning_summary_text.delta" for event in events)

    def test_a_plan_gets_no_output_at_completion_and_a_key_does(self, peer: Peer) -> None:
        plan, key = (peer.chat("chatgpt", headers) for headers in (None, peer.key_headers("chatgpt")))

        assert payloads(plan.text)[-1]["response"]["output"] == []
        assert payloads(key.text)[-1]["response"]["output"][0]["content"][0]["text"] == answer_text("chatgpt", key.text)
        assert payloads(plan.text)[-1]["response"]["usage"]["output_tokens"] > 0

    @pytest.mark.parametrize(
        "change",
        [
            {"input": "hi"},
            {"store": True},
            {"store": None},
            {"stream": None},
            {"input": [{"role": "system", "content": "be brief"}, user("hi")]},
            {"model": "gpt-6.2-sol"},
        ],
    )
    def test_what_a_plan_may_not_do_a_key_may(self, peer: Peer, change: dict[str, Any]) -> None:
        plan = peer.chat("chatgpt", **change)

        assert (plan.status_code, list(plan.json())) == (400, ["detail"])
        assert peer.chat("chatgpt", peer.key_headers("chatgpt"), **change).status_code == 200

    @pytest.mark.parametrize(
        "field", ["temperature", "max_output_tokens", "previous_response_id", "truncation", "user"]
    )
    def test_a_field_that_a_plan_does_not_know_is_named(self, peer: Peer, field: str) -> None:
        error = peer.chat("chatgpt", None, **{field: 1}).json()["error"]

        assert (error["code"], error["param"]) == ("subscription_sharing_unsupported_capability", field)

    def test_an_account_whose_plan_is_not_admitted_is_told(self, peer: Peer) -> None:
        session = peer.sandbox.issue_session("chatgpt", "cleo@example.test")

        answer = peer.chat("chatgpt", peer.headers("chatgpt", str(session["access_token"])))

        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "subscription_sharing_user_not_eligible")

    @pytest.mark.parametrize(
        ("model", "effort", "status"),
        [
            ("gpt-6.2-sol", "none", 400),
            ("gpt-6-astra", "minimal", 400),
            ("gpt-6.2-sol", "xhigh", 200),
            ("gpt-5.1", "none", 200),
            ("gpt-5.1", "minimal", 400),
            ("gpt-5", "minimal", 200),
            ("gpt-6.1-sol", "enormous", 400),
        ],
    )
    def test_a_level_is_taken_only_where_the_model_knows_it(
        self, peer: Peer, model: str, effort: str, status: int
    ) -> None:
        headers = peer.key_headers("chatgpt")

        assert peer.chat("chatgpt", headers, model=model, reasoning={"effort": effort}).status_code == status

    def test_the_newest_models_refuse_sampling(self, peer: Peer) -> None:
        headers = peer.key_headers("chatgpt")

        assert peer.chat("chatgpt", headers, model="gpt-6.2-sol", temperature=1).status_code == 400
        assert peer.chat("chatgpt", headers, model="gpt-6.1-sol", temperature=1).status_code == 200

    @pytest.mark.parametrize(
        "item",
        [
            {"role": "model", "content": "x"},
            {"role": "assistant", "content": [{"type": "input_text", "text": "x"}]},
            {"role": "user", "content": [{"type": "output_text", "text": "x"}]},
            {"role": "user", "content": 1},
        ],
    )
    def test_a_part_of_the_wrong_kind_is_refused(self, peer: Peer, item: dict[str, Any]) -> None:
        assert peer.chat("chatgpt", input=[user("hi"), item]).status_code == 400

    def test_the_two_model_lists_differ_in_shape(self, peer: Peer) -> None:
        token = str(peer.sandbox.issue_session("chatgpt")["access_token"])

        plan = peer.models("chatgpt", peer.headers("chatgpt", token)).json()
        key = peer.models("chatgpt", peer.key_headers("chatgpt")).json()

        listed = [model["slug"] for model in plan["models"] if model["visibility"] == "list"]
        assert listed[0] == "gpt-6.1-sol"
        assert "gpt-6.2-sol" not in listed
        assert {"gpt-6.2-sol", "text-embedding-3-small"} <= {model["id"] for model in key["data"]}


class TestMessages:
    def test_events_come_in_the_vendors_order_with_pings_between(self, peer: Peer) -> None:
        kinds = [event["type"] for event in payloads(peer.chat("claude").text)]

        assert kinds[0] == "message_start"
        assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
        assert kinds.count("ping") == 2

    def test_a_bearer_needs_the_beta_header_and_no_key_beside_it(self, peer: Peer) -> None:
        headers = peer.headers("claude", str(peer.sandbox.issue_session("claude")["access_token"]))
        without_beta = {name: value for name, value in headers.items() if name != "anthropic-beta"}

        statuses = [peer.chat("claude", sent).status_code for sent in (without_beta, {**headers, "x-api-key": "x"})]

        assert statuses == [401, 401]
        assert peer.chat("claude", headers).status_code == 200

    def test_an_api_key_may_come_as_bearer_too(self, peer: Peer) -> None:
        """Anthropic's SDK 2.12 sends it so."""
        headers = {"authorization": f"Bearer {peer.sandbox.api_keys['claude'][0]}", "anthropic-version": "2026-10-21"}

        assert peer.chat("claude", headers).status_code == 200
        assert peer.sandbox.log.entries()[-1].credential == "api_key:…1234"

    @pytest.mark.parametrize("version", [None, "2024-01-01"])
    def test_an_unknown_version_is_refused(self, peer: Peer, version: str | None) -> None:
        headers = peer.key_headers("claude")
        del headers["anthropic-version"]

        answer = peer.chat("claude", headers if version is None else {**headers, "anthropic-version": version})

        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")

    def test_sampling_is_refused_since_the_new_version(self, peer: Peer) -> None:
        headers = peer.key_headers("claude")

        assert peer.chat("claude", headers, temperature=1).status_code == 400
        assert peer.chat("claude", {**headers, "anthropic-version": "2023-06-01"}, temperature=1).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"max_tokens": None},
            {"max_tokens": 0},
            {"max_tokens": True},
            {"messages": []},
            {"messages": [assistant("hello")]},
            {"messages": [user("a"), user("b")]},
            {"messages": [user("a"), assistant("b")]},
            {"messages": [user("")]},
            {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]},
            {"messages": [{"role": "system", "content": "be brief"}, user("a")]},
            {"system": ""},
            {"output_config": {"effort": "enormous"}},
            {"thinking": {"type": "enabled", "budget_tokens": 1024}},
            {"thinking": {"type": "disabled"}},
            {"model": "claude-haiku-4-5-20251001", "output_config": {"effort": "low"}},
            {"model": "claude-haiku-4-5-20251001", "thinking": {"type": "enabled", "budget_tokens": 1023}},
            {"model": "claude-haiku-4-5-20251001", "thinking": {"type": "enabled", "budget_tokens": 2048}},
            {"model": "claude-haiku-4-5-20251001", "thinking": {"type": "adaptive"}},
        ],
    )
    def test_each_rule_of_the_messages_api_is_kept(self, peer: Peer, change: dict[str, Any]) -> None:
        answer = peer.chat("claude", **change)

        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")

    @pytest.mark.parametrize(
        "change",
        [
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "max"}},
            {"model": "claude-haiku-4-5-20251001", "thinking": {"type": "enabled", "budget_tokens": 1024}},
            {"model": "claude-haiku-5-5", "thinking": {"type": "disabled"}},
        ],
    )
    def test_thinking_is_taken_in_the_form_that_the_model_knows(self, peer: Peer, change: dict[str, Any]) -> None:
        answer = peer.chat("claude", **change)

        assert answer.status_code == 200
        shown = change["thinking"]["type"] != "disabled"
        assert ("thinking_delta" in answer.text) is shown

    def test_the_model_list_has_pages(self, peer: Peer) -> None:
        headers = peer.key_headers("claude")
        ids: list[str] = []
        query = "?limit=6"
        while query:
            page = peer.models("claude", headers, query).json()
            ids += [model["id"] for model in page["data"]]
            query = f"?limit=6&after_id={page['last_id']}" if page["has_more"] else ""

        assert ids == [model["id"] for model in peer.models("claude", headers, "?limit=1000").json()["data"]]
        assert len(ids) == len(set(ids)) > 12

    def test_the_model_list_tells_what_is_leaving_and_gone(self, peer: Peer) -> None:
        listed = peer.models("claude", peer.key_headers("claude"), "?limit=1000").json()["data"]

        lifecycle = {model["id"]: model["lifecycle"] for model in listed}
        assert lifecycle["claude-opus-5-5"] == "active"
        assert lifecycle["claude-sonnet-4-5-20250929"] == "deprecated"
        assert lifecycle["claude-opus-4-1-20250805"] == "retired"


def test_an_answer_that_is_not_streamed_holds_the_whole_text(peer: Peer) -> None:
    openai = peer.chat("chatgpt", peer.key_headers("chatgpt"), stream=None).json()
    claude = peer.chat("claude", stream=None).json()
    request = peer.chat_request("gemini", peer.key_headers("gemini"))
    request.url = httpx2.URL(str(request.url).replace("streamGenerateContent?alt=sse", "generateContent"))
    gemini = peer.http.send(request).json()

    for text in (
        openai["output"][0]["content"][0]["text"],
        claude["content"][0]["text"],
        gemini["candidates"][0]["content"]["parts"][0]["text"],
    ):
        assert text.endswith("> hi\n")
