"""A request through a laptop: what goes there, what comes back, and what it means when nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic

import httpx2
import pytest

from adapters.forwarded import laptops as module
from adapters.forwarded.laptops import Laptops
from application.ports.chat_client import ChatEvent, TextDelta
from domain.errors import BrokenStream, KeyswitchError, Offline, Refused, SourceUnusable
from domain.provider import Provider
from domain.session import Forwarded
from entrypoints.words.errors import command_for, error_sentence
from tests.support.fake_agent import HOST, Asked, FakeAgent, Relayed, problem, serving
from tests.support.fake_laptops import a_forwarded_record
from tests.support.fixed_clock import FixedClock
from tests.support.mock_chat_network import Network, Pauses, answer_of, chat_over, question, sse, text_of
from tests.support.recorded_answers import RECORDED, TEXT, anthropic_start, anthropic_text
from tests.support.short_folder import short_folder

CLAUDE = Provider.CLAUDE
RECORDS = {
    Provider.CHATGPT: a_forwarded_record(Provider.CHATGPT, api_base="https://api.openai.example.test/v1"),
    Provider.CLAUDE: a_forwarded_record(Provider.CLAUDE, account="b/e n@example.test"),
    Provider.GEMINI: a_forwarded_record(Provider.GEMINI, api_base="https://gemini.example.test/v1beta/"),
}
NO_COMMAND_HERE = ""


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    with short_folder() as folder, serving(FakeAgent(*RECORDS.values()), folder) as agent:
        yield agent


def straight() -> Network:
    """The world without the laptop, where nothing may go."""
    return Network(httpx2.ConnectError("nothing goes straight"))


async def events_of(agent: FakeAgent, seen: list[ChatEvent], provider: Provider = CLAUDE) -> list[float]:
    """Ask over *agent*; what comes is in *seen*, and returned are the pauses before anything was asked again."""
    pauses = Pauses()
    client = chat_over(straight(), pauses=pauses)
    try:
        async for event in client.stream(question(provider), Forwarded(RECORDS[provider], agent.path)):
            seen.append(event)  # noqa: PERF401 - what came before an error has to be kept
    finally:
        await client.aclose()
    return pauses


async def failure(agent: FakeAgent) -> KeyswitchError:
    """The error of a question that was asked once."""
    with pytest.raises(KeyswitchError) as caught:
        await events_of(agent, [])
    assert len(agent.requests) <= 1
    return caught.value


async def test_all_three_providers_answer_and_nothing_secret_goes_with_the_question(agent: FakeAgent) -> None:
    agent.relays = lambda asked: Relayed(RECORDED[Provider(asked.headers["keyswitch-credential"].split("/")[0])].body)
    for provider in Provider:
        seen: list[ChatEvent] = []
        await events_of(agent, seen, provider)
        assert text_of(seen) == TEXT

    assert [(asked.method, asked.target, asked.headers["keyswitch-credential"]) for asked in agent.requests] == [
        ("POST", "/v1/relay/responses", "chatgpt/oauth/ana"),
        ("POST", "/v1/relay/v1/messages", "claude/oauth/b%2Fe%20n%40example.test"),
        ("POST", "/v1/relay/models/gemini-3.8-flash:streamGenerateContent?alt=sse", "gemini/oauth/ana"),
    ]
    secret = {"authorization", "x-api-key", "x-goog-api-key", "cookie", "x-goog-user-project", "anthropic-beta"}
    assert [secret.intersection(asked.headers) for asked in agent.requests] == [set()] * 3
    assert {asked.headers["host"] for asked in agent.requests} == {"keyswitch"}


async def test_a_list_of_models_comes_the_same_way(agent: FakeAgent) -> None:
    agent.relays = lambda _: Relayed(b'{"data": []}', headers={"content-type": "application/json"})
    client = chat_over(straight())
    credential = Forwarded(RECORDS[CLAUDE], agent.path)
    assert await client.listing(credential, {"limit": "1000"}) == b'{"data": []}'
    assert await client.check(credential)
    await client.aclose()
    assert [asked.target for asked in agent.requests] == [
        "/v1/relay/v1/models?limit=1000",
        "/v1/relay/v1/models?limit=1",
    ]


async def test_an_error_of_the_provider_reads_as_it_does_directly(agent: FakeAgent) -> None:
    body = b'{"type": "error", "error": {"type": "permission_error", "message": "not for this key"}}'
    agent.relays = lambda _: Relayed(body, status=403, headers={"content-type": "application/json"})
    error = await failure(agent)
    assert isinstance(error, Refused)
    assert str(error) == "Claude refused the request: not for this key"


def _same(answer: Relayed, _: Asked) -> Relayed:
    return answer


async def test_what_the_agent_says_of_its_own_never_passes_for_the_providers(agent: FakeAgent) -> None:
    answers = {
        "Your laptop did not ask Claude: The agent is locked. On the laptop, run: keyswitch agent unlock": problem(
            "agent_locked", status=423, detail="The agent is locked.", command="keyswitch agent unlock"
        ),
        "Your laptop did not ask Claude: It has ended. On the laptop, run: keyswitch login claude": problem(
            "session_ended", status=409, detail="It has ended.", command="keyswitch login claude"
        ),
        "Your laptop did not ask Claude: it does not say why.": problem("of_a_newer_version", status=429),
        "Your laptop did not ask Claude: its reason cannot be read.": Relayed(
            b"<html>", headers={"keyswitch-error": "1"}
        ),
        "Your laptop did not ask Claude: red.": problem("not_granted", detail="\x1b[31mred."),
    }
    told = {}
    for answer in answers.values():
        agent.relays, agent.requests = partial(_same, answer), []
        error = await failure(agent)
        assert isinstance(error, SourceUnusable)
        told[error_sentence(error)] = command_for(error)
    assert told == dict.fromkeys(answers, NO_COMMAND_HERE)


async def test_a_laptop_without_a_network_leaves_the_message_waiting(agent: FakeAgent) -> None:
    agent.relays = lambda _: problem("offline", status=409, detail="no route to api.anthropic.com.")
    error = await failure(agent)
    assert isinstance(error, Offline)
    assert "your laptop says: no route to api.anthropic.com" in str(error)


async def test_an_answer_that_is_cut_is_broken_and_not_asked_for_again(agent: FakeAgent) -> None:
    def cut(_: Asked) -> Relayed:
        relayed = Relayed(sse(anthropic_start(), anthropic_text("So far.")))
        relayed.length = 10_000
        return relayed

    agent.relays = cut
    seen: list[ChatEvent] = []
    with pytest.raises(BrokenStream, match="the connection was cut"):
        await events_of(agent, seen)
    assert seen[-1] == TextDelta("So far.")
    assert len(agent.requests) == 1


async def test_a_connection_that_ends_before_the_answer_is_the_laptops_and_nothing_is_sent_twice(
    agent: FakeAgent,
) -> None:
    def hang_up(_: Asked) -> Relayed:
        raise ConnectionError

    agent.relays = hang_up
    error = await failure(agent)
    assert (
        str(error) == "Claude cannot be reached: laptop not reachable: the connection was closed before an answer came"
    )
    assert len(agent.requests) == 1


async def test_a_laptop_that_is_gone_or_asleep_is_named_within_two_seconds(
    agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, record = agent.path.rpartition("/")[0], RECORDS[CLAUDE]
    monkeypatch.setattr(module, "ABOUT_SECONDS", 0.1)
    there = Laptops(folders=lambda: (Path(folder),), mine=lambda name: name.startswith(HOST), clock=FixedClock())
    assert (await there.load(record)).route == agent.path
    agent.silent.set()
    began = monotonic()
    with pytest.raises(Offline, match="laptop not reachable") as asleep:
        await there.load(record)
    assert monotonic() - began < 1
    assert asleep.value.laptop

    gone = Forwarded(record, f"{folder}/gone.sock")
    client = chat_over(straight())
    with pytest.raises(Offline, match=r"laptop not reachable$"):
        await answer_of(client, question(CLAUDE), gone)
    await client.aclose()
