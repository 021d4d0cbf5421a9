"""The client and three providers that share no code with it. Their own log says what they were asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from adapters.sandbox import faults
from adapters.sandbox.faults import Fault
from adapters.sandbox.server import Sandbox
from application.ports.chat_client import ChatEvent, Done, Opened
from domain.conversation import Role, StopReason, Turn
from domain.credential import CredentialKind
from domain.errors import AnswerUnreadable, AuthRejected, BrokenStream, KeyswitchError, Offline, Refused
from domain.model import ReasoningLevel
from domain.provider import Provider
from tests.support import sandbox_faults
from tests.support.chat_peer import ChatPeer
from tests.support.credentials import NOON
from tests.support.mock_chat_network import MODELS, answer_of, end_of, question, text_of, thoughts_of
from tests.support.sample_files import a_file

OAUTH, API_KEY = CredentialKind.OAUTH, CredentialKind.API_KEY
EVERY_PROVIDER = pytest.mark.parametrize("provider", Provider)
EVERY_KIND = pytest.mark.parametrize("kind", [OAUTH, API_KEY])


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


async def asked(peer: ChatPeer, provider: Provider, kind: CredentialKind = OAUTH) -> list[ChatEvent]:
    return await answer_of(peer.client, question(provider), peer.credential(provider, kind))


@EVERY_KIND
@EVERY_PROVIDER
async def test_the_provider_itself_saw_its_own_live_credential_and_the_wire_model(
    peer: ChatPeer, provider: Provider, kind: CredentialKind
) -> None:
    events = await asked(peer, provider, kind)

    (entry,) = [entry for entry in peer.sandbox.log.entries() if entry.kind == "chat"]
    assert entry.provider == provider
    assert entry.own_live_token
    assert not entry.foreign_token
    assert entry.wire_model == MODELS[provider]
    assert entry.credential.startswith("oauth:ana@example.test" if kind is OAUTH else "api_key:…")
    assert entry.status == 200
    assert f"`{MODELS[provider]}`" in text_of(events)


@EVERY_PROVIDER
async def test_thoughts_come_beside_the_text_where_a_provider_shows_them(peer: ChatPeer, provider: Provider) -> None:
    request = question(provider, level=ReasoningLevel.HIGH, system="Be brief.")

    events = await answer_of(peer.client, request, peer.credential(provider, OAUTH))

    assert "`high`" in text_of(events).lower()
    assert "System prompt: yes" in text_of(events)
    assert thoughts_of(events)
    assert end_of(events).usage.reasoning > 0


async def test_a_conversation_goes_around_all_three_providers_and_is_understood_everywhere(peer: ChatPeer) -> None:
    turns: list[Turn] = []
    for number, provider in enumerate([Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI, Provider.CHATGPT]):
        text = f"Question {number}"
        credential = peer.credential(provider, OAUTH)
        answer = text_of(await answer_of(peer.client, question(provider, text, earlier=turns), credential))
        turns += [Turn(Role.USER, text, NOON), Turn(Role.ASSISTANT, answer, NOON)]

        assert f"> {text}" in answer
        assert number == 0 or f"{2 * number} earlier turns came along" in answer

    assert [entry.status for entry in peer.sandbox.log.entries() if entry.kind == "chat"] == [200] * 4


@EVERY_PROVIDER
async def test_a_token_that_died_early_is_rejected_once_and_not_tried_again(peer: ChatPeer, provider: Provider) -> None:
    credential = peer.credential(provider, OAUTH)
    peer.sandbox.expire_access_tokens(provider)

    with pytest.raises(AuthRejected):
        await answer_of(peer.client, question(provider), credential)

    assert [entry.status for entry in peer.sandbox.log.entries() if entry.kind == "chat"] == [401]


@EVERY_PROVIDER
@EVERY_KIND
async def test_a_model_that_is_gone_is_refused_by_its_name(
    peer: ChatPeer, provider: Provider, kind: CredentialKind
) -> None:
    with pytest.raises(Refused, match="a-model-that-is-gone is not served here"):
        await answer_of(peer.client, question(provider, model="a-model-that-is-gone"), peer.credential(provider, kind))


@EVERY_PROVIDER
@pytest.mark.parametrize(
    "fault",
    [
        faults.slow(0.05),
        sandbox_faults.duplicated_headers(),
        sandbox_faults.garbage_line(),
        sandbox_faults.garbage_line(after=12),
        sandbox_faults.long_line(after=12),
    ],
    ids=["slow", "contradicting headers", "garbage line", "garbage line in the text", "a line of mebibytes"],
)
async def test_what_does_not_touch_the_answer_does_no_harm(peer: ChatPeer, provider: Provider, fault: Fault) -> None:
    peer.sandbox.faults.add(provider, "chat", fault)

    assert end_of(await asked(peer, provider)).stop is StopReason.END
    assert peer.sandbox.faults.pending() == 0


@EVERY_PROVIDER
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.broken_event(), AnswerUnreadable),
        (faults.broken_event(after=12), AnswerUnreadable),
        (sandbox_faults.non_json(), AnswerUnreadable),
        (faults.html_page(), Offline),
        (faults.html_page(404), AnswerUnreadable),
        (faults.cut_stream(12), BrokenStream),
        (sandbox_faults.end_early(12), BrokenStream),
    ],
)
async def test_what_spoils_the_answer_is_said_and_not_asked_again(
    peer: ChatPeer, provider: Provider, fault: Fault, error: type[KeyswitchError]
) -> None:
    peer.sandbox.faults.add(provider, "chat", fault)

    with pytest.raises(error):
        await asked(peer, provider)

    assert peer.sandbox.log.count(provider, "chat") == 1


@EVERY_PROVIDER
async def test_a_connection_that_drops_before_the_answer_is_tried_again(peer: ChatPeer, provider: Provider) -> None:
    peer.sandbox.faults.add(provider, "chat", sandbox_faults.drop(), times=2)

    assert isinstance((await asked(peer, provider))[-1], Done)
    assert peer.sandbox.log.count(provider, "chat") == 3
    assert len(peer.pauses) == 2


@EVERY_PROVIDER
async def test_a_connection_that_keeps_dropping_is_offline(peer: ChatPeer, provider: Provider) -> None:
    peer.sandbox.faults.add(provider, "chat", sandbox_faults.drop(), times=None)

    with pytest.raises(Offline):
        await asked(peer, provider)

    assert peer.sandbox.log.count(provider, "chat") == 3


@EVERY_PROVIDER
async def test_a_busy_provider_is_asked_again_after_the_wait_that_it_names(peer: ChatPeer, provider: Provider) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.refuse("rate_limit", retry_after=7))

    assert isinstance((await asked(peer, provider))[-1], Done)
    assert peer.pauses == [7]


@EVERY_PROVIDER
async def test_a_stream_that_fails_before_its_first_word_is_asked_again(peer: ChatPeer, provider: Provider) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.stream_error(after=0))

    assert isinstance((await asked(peer, provider))[-1], Done)
    assert peer.sandbox.log.count(provider, "chat") == 2


@pytest.mark.parametrize(
    ("provider", "stop"),
    [
        (Provider.CHATGPT, StopReason.REFUSED),
        (Provider.CLAUDE, StopReason.REFUSED),
        (Provider.GEMINI, StopReason.FILTERED),
    ],
)
async def test_a_model_that_declines_says_so_at_the_end(peer: ChatPeer, provider: Provider, stop: StopReason) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.refusal())

    assert end_of(await asked(peer, provider)).stop is stop


@pytest.mark.parametrize("provider", [Provider.CHATGPT, Provider.GEMINI])
async def test_a_blocked_prompt_is_refused(peer: ChatPeer, provider: Provider) -> None:
    peer.sandbox.faults.add(provider, "chat", faults.blocked_prompt())

    with pytest.raises(Refused):
        await asked(peer, provider)


async def test_claude_answers_a_blocked_prompt_with_nothing_but_a_refusal(peer: ChatPeer) -> None:
    peer.sandbox.faults.add(Provider.CLAUDE, "chat", faults.blocked_prompt())

    events = await asked(peer, Provider.CLAUDE)

    assert [event for event in events if not isinstance(event, Opened)] == [end_of(events)]
    assert end_of(events).stop is StopReason.REFUSED


async def test_files_arrive_at_each_provider_as_its_own_form_asks(peer: ChatPeer) -> None:
    files = tuple(a_file(name) for name in ("photo.png", "photo.jpg", "photo.webp", "paper.pdf", "notes.md"))
    answers = {}
    for provider in Provider:
        asked = question(provider)
        turn = Turn(Role.USER, "Compare", NOON, attachments=files)
        events = await answer_of(peer.client, replace(asked, turns=(turn,)), peer.credential(provider, OAUTH))
        answers[provider] = text_of(events)

    for provider, text in answers.items():
        found = [line.split("`")[1] for line in text.splitlines() if line.startswith("- File: ")]
        assert found == ["image/png", "image/jpeg", "image/webp", "application/pdf"], provider
        assert "> File notes.md:" in text, provider
