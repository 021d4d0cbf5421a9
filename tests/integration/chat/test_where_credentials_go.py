"""A credential goes to the address that it was obtained for, and to no other."""

from __future__ import annotations

import httpx2
import pytest

from adapters.chat.chat_address import ChatSettings
from domain.errors import AnswerUnreadable, AuthRejected, ConfigError, SignInNeeded
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from tests.support.credentials import a_record, a_session, an_api_key
from tests.support.mock_chat_network import Network, answer_of, chat_over, question, stream_of
from tests.support.recorded_answers import RECORDED

CLAUDE = Provider.CLAUDE
MADE_FOR = "https://api.claude.example.test"


def network() -> Network:
    return Network(stream_of(RECORDED[CLAUDE].body))


@pytest.mark.parametrize(
    "configured",
    [
        "https://api.claude.example.test.evil.example",
        "https://evil.example/https://api.claude.example.test",
        "https://api-claude.example.test",
        "https://claude.example.test",
        "https://api.claude.example.test:8443",
        "https://xn--api-claude.example.test",
        "http://localhost:8080",
    ],
)
async def test_a_session_is_not_sent_to_another_origin_than_it_was_made_for(configured: str) -> None:
    net = network()
    client = chat_over(net, settings=lambda _: ChatSettings(configured))

    with pytest.raises(SignInNeeded, match=r"was made for https://api\.claude\.example\.test,") as caught:
        await answer_of(client, question(CLAUDE), a_session(CLAUDE))

    assert net.requests == []
    assert "requires Claude login" in str(caught.value)


@pytest.mark.parametrize(
    "configured",
    [
        MADE_FOR,
        f"{MADE_FOR}/",
        f"{MADE_FOR}:443",
        "HTTPS://API.Claude.Example.Test",
        f"{MADE_FOR}/a/path",
    ],
)
async def test_the_same_origin_in_other_words_is_the_same(configured: str) -> None:
    net = network()
    client = chat_over(net, settings=lambda _: ChatSettings(configured))

    await answer_of(client, question(CLAUDE), a_session(CLAUDE))

    assert net.requests[0].url.host == "api.claude.example.test"


async def test_a_session_whose_address_is_damaged_is_sent_nowhere() -> None:
    net = network()

    with pytest.raises(SignInNeeded):
        await answer_of(chat_over(net), question(CLAUDE), a_session(CLAUDE, api_base="https://"))

    assert net.requests == []


async def test_a_key_that_is_bound_to_no_address_goes_to_the_configured_one() -> None:
    net = network()
    client = chat_over(net, settings=lambda _: ChatSettings("https://gateway.example.test"))

    await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))

    assert net.requests[0].url.host == "gateway.example.test"


@pytest.mark.parametrize(
    "configured",
    [
        "http://api.claude.example.test",
        "http://127.0.0.1.example.test",
        "ftp://api.claude.example.test",
        "api.claude.example.test",
        "https://",
        "https://ana@api.claude.example.test",
        "https://[::1",
        "",
    ],
)
async def test_an_address_that_others_could_listen_in_on_or_that_is_none_is_a_config_error(configured: str) -> None:
    net = network()
    client = chat_over(net, settings=lambda _: ChatSettings(configured))

    with pytest.raises(ConfigError, match=r"providers\.claude\.api_base"):
        await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))

    assert net.requests == []


@pytest.mark.parametrize("configured", ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9"])
async def test_plain_http_is_for_this_machine(configured: str) -> None:
    net = network()

    await answer_of(chat_over(net, settings=lambda _: ChatSettings(configured)), question(CLAUDE), an_api_key(CLAUDE))

    assert len(net.requests) == 1


@pytest.mark.parametrize("token", ["", "fake\r\nx-evil: 1", "fake\x00", "fäke", "fake token", "fake\n"])
async def test_a_token_that_could_write_headers_of_its_own_is_not_sent(token: str) -> None:
    net = network()

    with pytest.raises(AuthRejected):
        await answer_of(chat_over(net), question(CLAUDE), Session(a_record(CLAUDE), Secret(token)))

    assert net.requests == []


async def test_a_credential_of_one_provider_cannot_ask_anothers_model() -> None:
    net = network()

    with pytest.raises(ValueError, match="cannot ask gemini"):
        await answer_of(chat_over(net), question(Provider.GEMINI), a_session(CLAUDE))

    assert net.requests == []


async def test_a_redirect_is_not_followed() -> None:
    net = Network(httpx2.Response(307, headers={"location": "https://evil.example/v1/messages"}))

    with pytest.raises(AnswerUnreadable, match="redirect"):
        await answer_of(chat_over(net), question(CLAUDE), a_session(CLAUDE))

    assert [request.url.host for request in net.requests] == ["api.claude.example.test"]


async def test_a_cookie_that_a_provider_sets_does_not_come_back() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        response = stream_of(RECORDED[CLAUDE].body)(request)
        response.headers["set-cookie"] = "visitor=7; Path=/"
        return response

    net = Network(answer)
    client = chat_over(net)

    await answer_of(client, question(CLAUDE), a_session(CLAUDE))
    await answer_of(client, question(CLAUDE), a_session(CLAUDE))

    assert [request.headers.get("cookie") for request in net.requests] == [None, None]
