"""Whether a provider accepts a credential, asked for free."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from adapters.chat.chat_address import ChatSettings
from adapters.sandbox.server import Sandbox
from domain.credential import CredentialKind
from domain.errors import AnswerUnreadable, AuthRejected, Offline, Overloaded, SignInNeeded
from domain.provider import Provider
from domain.session import ApiKey
from domain.text.secret import Secret
from tests.support.chat_peer import ChatPeer
from tests.support.credentials import a_session, an_api_key
from tests.support.mock_chat_network import Network, chat_over

EVERY_PROVIDER = pytest.mark.parametrize("provider", Provider)
EVERY_KIND = pytest.mark.parametrize("kind", [CredentialKind.OAUTH, CredentialKind.API_KEY])


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def peer(running: Sandbox) -> AsyncIterator[ChatPeer]:
    running.log.clear()
    peer = ChatPeer(running)
    yield peer
    running.faults.clear()
    await peer.client.aclose()


@EVERY_KIND
@EVERY_PROVIDER
async def test_a_good_credential_is_accepted_at_the_cost_of_one_listing(
    peer: ChatPeer, provider: Provider, kind: CredentialKind
) -> None:
    assert await peer.client.check(peer.credential(provider, kind)) is True
    assert [(entry.kind, entry.status) for entry in peer.sandbox.log.entries()] == [("models", 200)]


@EVERY_PROVIDER
async def test_a_token_that_died_early_is_not(peer: ChatPeer, provider: Provider) -> None:
    credential = peer.credential(provider, CredentialKind.OAUTH)
    peer.sandbox.expire_access_tokens(provider)
    with pytest.raises(AuthRejected):
        await peer.client.check(credential)


@EVERY_PROVIDER
async def test_a_key_that_nobody_gave_out_is_not(peer: ChatPeer, provider: Provider) -> None:
    credential = peer.credential(provider, CredentialKind.API_KEY)
    with pytest.raises(AuthRejected):
        await peer.client.check(ApiKey(credential.record, Secret("sk-fake-never-given-out")))


async def test_an_imported_session_cannot_be_asked_about_and_is_not_sent() -> None:
    network = Network(httpx2.Response(200, json={}))
    base = "https://codex.chatgpt.example.test"
    session = a_session(Provider.CHATGPT, imported=True, api_base=base)
    chat = chat_over(network, settings=lambda _: ChatSettings(base, imported_api_base=base))
    assert await chat.check(session) is False
    assert network.requests == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(302, headers={"location": "https://elsewhere.example.test"}), AnswerUnreadable),
        (httpx2.Response(503), Overloaded),
        (httpx2.ConnectError("refused"), Offline),
    ],
    ids=["a redirect", "an outage", "nobody there"],
)
async def test_what_is_no_answer_to_the_question_says_nothing_about_the_credential(
    answer: httpx2.Response | httpx2.HTTPError, error: type[Exception]
) -> None:
    network = Network(answer)
    with pytest.raises(error):
        await chat_over(network).check(an_api_key())
    assert len(network.requests) == 1, "and it is not asked again"


async def test_a_credential_is_asked_about_at_its_own_origin_alone() -> None:
    network = Network(httpx2.Response(200, json={}))
    session = a_session(Provider.CLAUDE, api_base="https://another.example.test")
    with pytest.raises(SignInNeeded):
        await chat_over(network).check(session)
    assert network.requests == []
