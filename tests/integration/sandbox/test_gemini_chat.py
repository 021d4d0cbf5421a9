"""The Gemini API: its stream, its rules and its model list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.sandbox.peer import Peer, gemini_turns, payloads


def thinking(**config: Any) -> dict[str, Any]:
    return {"thinkingConfig": config}


class TestGenerateContent:
    def test_lines_end_in_crlf_and_arrive_cut_anywhere(self, peer: Peer) -> None:
        request = peer.chat_request("gemini", peer.key_headers("gemini"))
        answer = peer.http.send(request, stream=True)
        pieces = list(answer.iter_raw())

        assert b"\r\n\r\n" in b"".join(pieces)
        assert any(not piece.endswith(b"\r\n\r\n") for piece in pieces[:-1])

    def test_only_the_last_chunk_has_a_finish_reason(self, peer: Peer) -> None:
        reasons = [event["candidates"][0].get("finishReason") for event in payloads(peer.chat("gemini").text)]

        assert reasons[-1] == "STOP"
        assert set(reasons[:-1]) == {None}

    def test_thoughts_come_marked_when_asked_for(self, peer: Peer) -> None:
        answer = peer.chat("gemini", generationConfig=thinking(includeThoughts=True))

        first = payloads(answer.text)[0]["candidates"][0]["content"]["parts"][0]
        assert first["thought"] is True

    def test_a_bearer_needs_a_quota_project(self, peer: Peer) -> None:
        headers = peer.headers("gemini", str(peer.sandbox.issue_session("gemini")["access_token"]))
        without = {name: value for name, value in headers.items() if name != "x-goog-user-project"}

        answers = [peer.chat("gemini", sent) for sent in (without, {**headers, "x-goog-user-project": "another"})]

        assert [answer.status_code for answer in answers] == [403, 403]
        assert answers[0].json()[0]["error"]["status"] == "PERMISSION_DENIED"

    def test_a_wrong_key_is_a_400_as_at_google(self, peer: Peer) -> None:
        answer = peer.chat("gemini", {"x-goog-api-key": "AIza-wrong"})

        assert answer.status_code == 400
        assert answer.json()[0]["error"]["details"][0]["reason"] == "API_KEY_INVALID"

    @pytest.mark.parametrize(
        "change",
        [
            {"contents": None},
            {"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]},
            {"contents": gemini_turns("a", "b")},
            {"contents": [*gemini_turns("a"), *gemini_turns("b")]},
            {"contents": [{"role": "user", "parts": []}]},
            {"contents": [{"role": "user", "parts": [{}]}]},
            {"messages": []},
            {"generationConfig": thinking(thinkingLevel="LOW", thinkingBudget=1024)},
            {"generationConfig": thinking(thinkingLevel="ENORMOUS")},
            {"model": "gemini-4-argon", "generationConfig": thinking(thinkingLevel="MINIMAL")},
            {"model": "gemini-4-argon", "generationConfig": thinking(thinkingBudget=1024)},
            {"model": "gemini-2.5-flash", "generationConfig": thinking(thinkingLevel="LOW")},
            {"model": "gemini-2.5-flash", "generationConfig": thinking(thinkingBudget=24577)},
            {"model": "gemini-2.5-pro", "generationConfig": thinking(thinkingBudget=0)},
        ],
    )
    def test_each_rule_is_kept_and_errors_come_in_a_list(self, peer: Peer, change: dict[str, Any]) -> None:
        answer = peer.chat("gemini", **change)

        assert (answer.status_code, answer.json()[0]["error"]["status"]) == (400, "INVALID_ARGUMENT")

    @pytest.mark.parametrize(
        ("model", "config"),
        [
            ("gemini-4-argon", {"thinkingLevel": "high"}),
            ("gemini-2.5-flash", {"thinkingBudget": 0}),
            ("gemini-2.5-pro", {"thinkingBudget": -1}),
            ("gemini-3.8-flash", {"thinkingLevel": "MINIMAL"}),
        ],
    )
    def test_thinking_is_taken_in_the_form_that_the_model_knows(
        self, peer: Peer, model: str, config: dict[str, Any]
    ) -> None:
        assert peer.chat("gemini", model=model, generationConfig=thinking(**config)).status_code == 200

    def test_without_alt_sse_it_answers_one_json_array(self, peer: Peer) -> None:
        request = peer.chat_request("gemini", peer.key_headers("gemini"))
        request.url = request.url.copy_with(query=None)

        chunks = json.loads(peer.http.send(request).text)

        assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"

    def test_the_model_list_has_pages_and_more_than_chat_models(self, peer: Peer) -> None:
        headers = peer.key_headers("gemini")
        first = peer.models("gemini", headers, "?pageSize=5").json()
        rest = peer.models("gemini", headers, f"?pageSize=1000&pageToken={first['nextPageToken']}").json()

        methods = {model["name"]: model["supportedGenerationMethods"] for model in first["models"] + rest["models"]}
        assert len(first["models"]) == 5
        assert "nextPageToken" not in rest
        assert "generateContent" in methods["models/gemini-4-argon"]
        assert methods["models/gemini-embedding-002"] == ["embedContent"]
