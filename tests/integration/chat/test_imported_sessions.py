"""ChatGPT sessions that another program made: answered by their own API, which is asked under keyswitch's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from adapters.chat.chat_address import ChatSettings
from adapters.chat.router import ProviderChatClient
from adapters.sandbox.server import Sandbox
from domain.errors import AuthRejected, ConfigError, LimitReached, SignInNeeded
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from tests.support.chat_peer import ChatPeer
from tests.support.credentials import a_record, a_session
from tests.support.mock_chat_network import Network, answer_of, chat_over, question, stream_of, text_of
from tests.support.recorded_answers import RECORDED

GPT = Provider.CHATGPT
OLDER = "https://chatgpt.example.test/backend-api/codex"
SETTINGS = ChatSettings("https://api.chatgpt.example.test/v1", imported_api_base=OLDER)


def imported(**changes: Any) -> Session:
    return a_session(GPT, **{"imported": True, "api_account": "ws-fake-ana", "api_base": OLDER, **changes})


def over(network: Network, settings: ChatSettings = SETTINGS) -> ProviderChatClient:
    return chat_over(network, settings=lambda _: settings)


async def sent(session: Session, **what: Any) -> httpx2.Request:
    network = Network(stream_of(RECORDED[GPT].body))
    await answer_of(over(network), question(GPT, **what), session)
    (request,) = network.requests
    return request


async def test_it_is_asked_at_its_own_api_for_its_own_workspace_and_by_our_name() -> None:
    request = await sent(imported())

    assert str(request.url) == f"{OLDER}/responses"
    assert request.headers["authorization"] == "Bearer fake-access-chatgpt-ana-1"
    assert request.headers["chatgpt-account-id"] == "ws-fake-ana"
    assert request.headers["originator"] == "keyswitch"
    assert request.headers["user-agent"].startswith("keyswitch/")


async def test_a_workspace_that_is_not_known_is_not_invented() -> None:
    assert "chatgpt-account-id" not in (await sent(imported(api_account=""))).headers


async def test_instructions_are_always_there_and_never_another_programs() -> None:
    plain = json.loads((await sent(imported())).content)
    asked = json.loads((await sent(imported(), system="Be brief.")).content)

    assert "keyswitch" in plain["instructions"]
    assert "codex" not in plain["instructions"].lower()
    assert asked["instructions"] == "Be brief."
    assert (plain["store"], plain["stream"]) == (False, True)


async def test_a_session_of_our_own_goes_where_it_always_went() -> None:
    request = await sent(a_session(GPT))

    assert str(request.url) == "https://api.chatgpt.example.test/v1/responses"
    assert "originator" not in request.headers
    assert "instructions" not in json.loads(request.content)


@pytest.mark.parametrize("session", [imported(api_base="https://api.chatgpt.example.test/v1"), imported(api_base="x")])
async def test_it_is_sent_nowhere_else(session: Session) -> None:
    network = Network(stream_of(RECORDED[GPT].body))

    with pytest.raises(SignInNeeded):
        await answer_of(over(network), question(GPT), session)

    assert network.requests == []


async def test_without_a_configured_address_for_it_nothing_is_sent() -> None:
    network = Network(stream_of(RECORDED[GPT].body))

    with pytest.raises(ConfigError, match=r"providers\.chatgpt\.imported\.api_base"):
        await answer_of(over(network, ChatSettings("https://api.chatgpt.example.test/v1")), question(GPT), imported())

    assert network.requests == []


@pytest.mark.parametrize(
    ("named", "resets_at"),
    [
        (1_795_446_000, datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
        (None, None),
        (True, None),
        (-1, None),
        (1e300, None),
        ("soon", None),
    ],
)
async def test_a_used_up_plan_is_told_with_its_end_where_that_is_named(
    named: object, resets_at: datetime | None
) -> None:
    error = {"type": "usage_limit_reached", "message": "The usage limit has been reached", "plan_type": "plus"}
    network = Network(httpx2.Response(429, json={"error": {**error, "resets_at": named}}))

    with pytest.raises(LimitReached) as caught:
        await answer_of(over(network), question(GPT), imported())

    assert caught.value.resets_at == resets_at
    assert caught.value.manage_url is not None
    assert len(network.requests) == 1


# Against a server that knows nothing of the client


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def stored(peer: ChatPeer, *, life: float | None = None) -> Session:
    """The session in a file of that program."""
    tokens: Any = peer.sandbox.codex_auth_file(access_lifetime=life)["tokens"]
    record = a_record(
        GPT, imported=True, api_account=tokens["account_id"], api_base=peer.settings["chatgpt"]["imported"]["api_base"]
    )
    return Session(record, Secret(tokens["access_token"]), Secret(tokens["refresh_token"]))


async def test_the_server_answers_and_saw_no_credential_but_its_own(running: Sandbox) -> None:
    running.log.clear()
    peer = ChatPeer(running)

    answer = await answer_of(peer.client, question(GPT, "Who answers?"), stored(peer))
    await peer.client.aclose()

    assert "Who answers?" in text_of(answer)
    (entry,) = running.log.entries()
    assert (entry.path, entry.status) == ("/backend-api/codex/responses", 200)
    assert entry.own_live_token
    assert not entry.foreign_token


async def test_an_expired_token_is_rejected_like_any_other(running: Sandbox) -> None:
    peer = ChatPeer(running)

    with pytest.raises(AuthRejected):
        await answer_of(peer.client, question(GPT), stored(peer, life=0.0))

    await peer.client.aclose()
