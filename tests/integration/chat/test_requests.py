"""What goes on the wire: address, headers and body, for each provider and kind of credential."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from adapters.chat.chat_address import ChatSettings
from adapters.chat.wire import secret_of
from application.ports.chat_client import ChatRequest
from domain.conversation import Role, Turn
from domain.credential import CredentialKey, CredentialKind
from domain.model import ReasoningLevel
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import Credential
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.mock_chat_network import SETTINGS, Network, answer_of, chat_over, question, stream_of
from tests.support.recorded_answers import RECORDED

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI

CREDENTIAL_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "cookie", "proxy-authorization")

FORBIDDEN_ON_A_PLAN = (
    "background", "conversation", "max_output_tokens", "max_tool_calls", "metadata", "moderation", "multi_agent",
    "previous_response_id", "prompt", "prompt_cache_retention", "safety_identifier", "temperature", "top_logprobs",
    "top_p", "truncation", "user", "service_tier", "prompt_cache_key",
)  # fmt: skip


async def sent(request: ChatRequest, credential: Credential, settings: ChatSettings | None = None) -> httpx2.Request:
    provider = credential.record.provider
    network = Network(stream_of(RECORDED[provider].body))
    await answer_of(chat_over(network, settings=lambda _: settings or SETTINGS[provider]), request, credential)
    return network.requests[0]


async def body_of(request: ChatRequest, credential: Credential) -> dict[str, Any]:
    body = json.loads((await sent(request, credential)).content)
    assert isinstance(body, dict)
    return body


HEADERS = [
    (a_session(GPT), {"authorization": "Bearer fake-access-chatgpt-ana-1"}),
    (an_api_key(GPT), {"authorization": "Bearer sk-fake-key-0000-1234"}),
    (
        a_session(CLAUDE),
        {
            "authorization": "Bearer fake-access-claude-ana-1",
            "anthropic-beta": "oauth-2025-04-20",
            "anthropic-version": "2026-10-21",
        },
    ),
    (an_api_key(CLAUDE), {"x-api-key": "sk-fake-key-0000-1234", "anthropic-version": "2026-10-21"}),
    (
        a_session(GEMINI),
        {"authorization": "Bearer fake-access-gemini-ana-1", "x-goog-user-project": "anas-project"},
    ),
    (an_api_key(GEMINI), {"x-goog-api-key": "sk-fake-key-0000-1234"}),
]


@pytest.mark.parametrize(("credential", "headers"), HEADERS)
async def test_each_kind_of_credential_travels_in_its_vendors_headers(
    credential: Credential, headers: dict[str, str]
) -> None:
    request = await sent(question(credential.record.provider), credential)

    vendors = {
        name: value
        for name, value in request.headers.items()
        if name in CREDENTIAL_HEADERS or name.startswith(("anthropic-", "x-goog-"))
    }
    assert vendors == headers


@pytest.mark.parametrize(("credential", "_"), HEADERS)
async def test_a_request_goes_by_the_programs_own_name_and_asks_for_a_plain_stream(
    credential: Credential, _: object
) -> None:
    request = await sent(question(credential.record.provider), credential)

    assert request.method == "POST"
    assert request.headers["user-agent"].startswith("keyswitch/")
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("credential", "_"), HEADERS)
async def test_a_credential_is_in_no_address(credential: Credential, _: object) -> None:
    secret = secret_of(credential)
    request = await sent(question(credential.record.provider), credential)

    assert secret.reveal() not in str(request.url)
    assert secret.reveal() not in request.content.decode()


ADDRESSES = [
    (GPT, "", "https://api.chatgpt.example.test/v1/responses"),
    (CLAUDE, "", "https://api.claude.example.test/v1/messages"),
    (
        GEMINI,
        "",
        "https://api.gemini.example.test/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
    ),
    (
        GEMINI,
        "models/gemini-x",
        "https://api.gemini.example.test/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
    ),
    (
        GEMINI,
        "../../x?key=1#y",
        "https://api.gemini.example.test/v1beta/models/..%2F..%2Fx%3Fkey%3D1%23y:streamGenerateContent?alt=sse",
    ),
]


@pytest.mark.parametrize(("provider", "model", "address"), ADDRESSES)
async def test_each_provider_has_its_address(provider: Provider, model: str, address: str) -> None:
    assert str((await sent(question(provider, model=model), a_session(provider))).url) == address


async def test_a_slash_at_the_end_of_the_configured_address_makes_no_difference() -> None:
    settings = ChatSettings("https://api.chatgpt.example.test/v1/")

    assert (await sent(question(GPT), a_session(GPT), settings)).url.path == "/v1/responses"


@pytest.mark.parametrize("credential", [a_session(GPT), an_api_key(GPT)])
async def test_openai_stores_nothing_and_gets_the_whole_history(credential: Credential) -> None:
    earlier = (Turn(Role.USER, "One", NOON), Turn(Role.ASSISTANT, "Two", NOON, reasoning="Never sent"))

    body = await body_of(question(GPT, "Three", earlier=earlier, system="Be brief."), credential)

    assert body == {
        "model": "gpt-6.1-sol",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "One"}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": "Two"}]},
            {"role": "user", "content": [{"type": "input_text", "text": "Three"}]},
        ],
        "instructions": "Be brief.",
        "stream": True,
        "store": False,
    }


@pytest.mark.parametrize("level", [None, *ReasoningLevel])
async def test_a_plan_gets_none_of_the_fields_that_it_refuses(level: ReasoningLevel | None) -> None:
    session = a_session(GPT)
    assert session.record.payer is Payer.PLAN

    body = await body_of(question(GPT, level=level, system="Be brief."), session)

    assert not set(body) & set(FORBIDDEN_ON_A_PLAN)


@pytest.mark.parametrize(
    ("credential", "reasoning"),
    [(a_session(GPT), {"effort": "high", "summary": "auto"}), (an_api_key(GPT), {"effort": "high"})],
)
async def test_a_summary_of_thoughts_is_asked_of_a_plan_alone(
    credential: Credential, reasoning: dict[str, str]
) -> None:
    assert (await body_of(question(GPT, level=ReasoningLevel.HIGH), credential))["reasoning"] == reasoning


async def test_anthropic_gets_a_limit_and_no_sampling_fields() -> None:
    body = await body_of(question(CLAUDE, system="Be brief.", level=ReasoningLevel.MINIMAL), a_session(CLAUDE))

    assert body == {
        "model": "claude-opus-5-5",
        "max_tokens": 8192,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello?"}]}],
        "system": "Be brief.",
        "stream": True,
        "output_config": {"effort": "low"},
        "thinking": {"type": "adaptive", "display": "summarized"},
    }


async def test_anthropic_is_asked_for_nothing_about_thinking_where_no_level_was_chosen() -> None:
    body = await body_of(question(CLAUDE), a_session(CLAUDE))
    assert not {"thinking", "output_config"} & body.keys()


async def test_gemini_is_asked_in_its_own_words() -> None:
    earlier = (Turn(Role.USER, "One", NOON), Turn(Role.ASSISTANT, "Two", NOON))

    body = await body_of(question(GEMINI, "Three", earlier=earlier, system="Be brief."), a_session(GEMINI))

    assert body == {
        "contents": [
            {"role": "user", "parts": [{"text": "One"}]},
            {"role": "model", "parts": [{"text": "Two"}]},
            {"role": "user", "parts": [{"text": "Three"}]},
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
    }


@pytest.mark.parametrize(
    ("model", "level", "config"),
    [
        ("gemini-3.8-flash", ReasoningLevel.LOW, {"thinkingLevel": "LOW", "includeThoughts": True}),
        ("gemini-2.5-pro", ReasoningLevel.HIGH, {"thinkingBudget": 24_576, "includeThoughts": True}),
        ("gemini-2.5-flash", ReasoningLevel.MINIMAL, {"thinkingBudget": 0}),
    ],
)
async def test_gemini_shows_thoughts_where_it_has_any(
    model: str, level: ReasoningLevel, config: dict[str, object]
) -> None:
    body = await body_of(question(GEMINI, model=model, level=level), a_session(GEMINI))

    assert body["generationConfig"] == {"thinkingConfig": config}


async def test_configured_headers_come_along_but_never_in_place_of_a_credential() -> None:
    extra = {
        "OpenAI-Organization": "org-1",
        "Authorization": "Bearer somebody-elses",
        "X-Api-Key": "another",
        "Cookie": "a=b",
        "Host": "elsewhere.example.test",
    }
    settings = ChatSettings("https://api.chatgpt.example.test/v1", headers=extra)

    request = await sent(question(GPT), a_session(GPT), settings)

    assert request.headers["openai-organization"] == "org-1"
    assert request.headers.get_list("authorization") == ["Bearer fake-access-chatgpt-ana-1"]
    assert request.headers["host"] == "api.chatgpt.example.test"
    assert "x-api-key" not in request.headers
    assert "cookie" not in request.headers


async def test_configured_betas_of_anthropic_join_the_one_of_oauth() -> None:
    settings = ChatSettings("https://api.claude.example.test", headers={"Anthropic-Beta": "one, two,oauth-2025-04-20"})

    oauth = await sent(question(CLAUDE), a_session(CLAUDE), settings)
    key = await sent(question(CLAUDE), an_api_key(CLAUDE), settings)

    assert oauth.headers.get_list("anthropic-beta") == ["oauth-2025-04-20,one,two"]
    assert key.headers.get_list("anthropic-beta") == ["one, two,oauth-2025-04-20"]


async def test_a_token_for_gemini_names_no_project_where_none_is_configured() -> None:
    settings = ChatSettings("https://api.gemini.example.test/v1beta")

    assert "x-goog-user-project" not in (await sent(question(GEMINI), a_session(GEMINI), settings)).headers


async def test_a_borrowed_login_travels_like_a_session() -> None:
    borrowed = a_session(CLAUDE, key=CredentialKey(CLAUDE, "ana", CredentialKind.BORROWED), renewable=False)

    request = await sent(question(CLAUDE), borrowed)

    assert request.headers["authorization"] == "Bearer fake-access-claude-ana-1"
    assert "x-api-key" not in request.headers
