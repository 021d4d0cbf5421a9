"""The endpoints for sessions of OpenAI's Codex, spoken to by hand."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from adapters.sandbox import faults
from adapters.sandbox.chatgpt.codex import CLIENT
from tests.integration.sandbox.peer import Peer, answer_text


class Codex:
    """Ana's session, and requests as that program makes them."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.where: dict[str, Any] = peer.settings["chatgpt"]["imported"]
        self.tokens: dict[str, Any] = dict(peer.sandbox.codex_auth_file()["tokens"])  # type: ignore[call-overload]

    def renew(self, **changes: str | None) -> httpx2.Response:
        body: dict[str, str | None] = {
            "client_id": CLIENT,
            "grant_type": "refresh_token",
            "refresh_token": self.tokens["refresh_token"],
        }
        return self.peer.http.post(self.where["token_url"], json=_given({**body, **changes}))

    def ask(self, *, headers: dict[str, str | None] | None = None, **changes: Any) -> httpx2.Response:
        given: dict[str, str | None] = {
            "authorization": f"Bearer {self.tokens['access_token']}",
            "chatgpt-account-id": self.tokens["account_id"],
            "originator": "keyswitch",
        }
        body = {
            "model": "gpt-6.1-sol",
            "instructions": "Be brief.",
            "input": [{"role": "user", "content": "hi"}],
            "stream": True,
            "store": False,
        }
        url = f"{self.where['api_base']}/responses"
        return self.peer.http.post(url, json=_given({**body, **changes}), headers=_given({**given, **(headers or {})}))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@pytest.fixture
def codex(peer: Peer) -> Codex:
    return Codex(peer)


def test_a_stored_session_is_answered(codex: Codex) -> None:
    answer = codex.ask()
    assert answer.status_code == 200
    assert "System prompt: yes" in answer_text("chatgpt", answer.text)


def test_a_renewal_rotates_and_a_second_use_ends_the_session(codex: Codex) -> None:
    first = codex.renew()
    assert first.status_code == 200
    assert first.json().keys() == {"id_token", "access_token", "refresh_token"}
    again = codex.renew()
    assert again.status_code == 401
    assert again.json()["error"]["code"] == "refresh_token_reused"
    assert codex.renew(refresh_token=first.json()["refresh_token"]).status_code == 401


def test_a_renewal_may_be_a_form(codex: Codex) -> None:
    fields = {"client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": codex.tokens["refresh_token"]}
    assert codex.peer.http.post(codex.where["token_url"], data=fields).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"client_id": "oaiapp_fake"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({"resource": "https://api.openai.com/v1"}, 400, "invalid_request"),
    ],
)
def test_only_codexs_own_client_is_known_and_nothing_but_a_renewal(
    codex: Codex, changes: dict[str, str | None], status: int, code: str
) -> None:
    answer = codex.renew(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": None}, 401),
        ({"authorization": "Bearer fake-of-nobody"}, 401),
        ({"chatgpt-account-id": None}, 403),
        ({"chatgpt-account-id": "ws-fake-of-another"}, 403),
        ({"originator": None}, 400),
    ],
)
def test_a_request_names_token_workspace_and_program(codex: Codex, headers: dict[str, str | None], status: int) -> None:
    assert codex.ask(headers=headers).status_code == status


@pytest.mark.parametrize(
    "changes",
    [{"instructions": None}, {"instructions": ""}, {"store": True}, {"stream": False}, {"input": "hi"},
     {"temperature": 1}],
)  # fmt: skip
def test_a_body_that_the_api_does_not_take_is_a_400(codex: Codex, changes: dict[str, Any]) -> None:
    assert codex.ask(**changes).status_code == 400


def test_neither_kind_of_chatgpt_token_is_good_at_the_others_api(codex: Codex, peer: Peer) -> None:
    own = str(peer.sandbox.issue_session("chatgpt")["access_token"])
    assert codex.ask(headers={"authorization": f"Bearer {own}"}).status_code == 403
    assert peer.chat("chatgpt", peer.headers("chatgpt", codex.tokens["access_token"])).status_code == 403


def test_a_used_up_plan_says_when_it_is_good_again(codex: Codex, peer: Peer) -> None:
    peer.sandbox.faults.add("chatgpt", "chat", faults.refuse("plan_limit"))
    answer = codex.ask()
    assert answer.status_code == 429
    assert answer.json()["error"]["type"] == "usage_limit_reached"
    assert answer.json()["error"]["resets_at"] > 0


def test_a_revoked_session_is_over(codex: Codex, peer: Peer) -> None:
    body = {"token": codex.tokens["refresh_token"], "token_type_hint": "refresh_token", "client_id": CLIENT}
    assert peer.http.post(codex.where["revoke_url"], json=body).status_code == 200
    assert codex.ask().status_code == 401
    assert codex.renew().status_code == 401
