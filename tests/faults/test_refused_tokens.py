"""401 from a provider's API: worth one renewal and one replay, before anything was shown, and never a loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from adapters.sandbox import faults
from adapters.sandbox.faults import Fault
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.conversation import Conversation, TurnState
from domain.conversations.thread import Thread
from domain.errors import AuthRejected, BrokenStream, KeyswitchError
from domain.provider import Provider
from domain.switching import SwitchTo
from tests.support.shared_home import SharedHome, shared_home
from tests.support.shifted_clock import ShiftedClock

BURST: Final = 50
MODELS: Final = {Provider.CHATGPT: "gpt", Provider.CLAUDE: "opus", Provider.GEMINI: "gemini"}

every_provider = pytest.mark.parametrize("provider", list(Provider), ids=str)


class Chat:
    """A window with one provider's model selected."""

    def __init__(self, home: SharedHome[ShiftedClock], provider: Provider) -> None:
        parts = home.parts
        switch = parts.auth.switch_provider(MODELS[provider])
        assert isinstance(switch, SwitchTo)
        self.provider = provider
        self.sandbox = home.sandbox
        self._send = parts.send
        self._client = parts.chat
        self._clock = home.clock
        self._selection = switch.selection

    async def ask(self) -> str:
        """The answer to one question in a conversation of its own."""
        thread = self.thread()
        await self.ask_in(thread)
        return thread.conversation.turns[-1].text

    def thread(self) -> Thread:
        return Thread(Conversation(uuid4().hex, self._clock.now()), saved=False)

    async def ask_in(self, thread: Thread) -> None:
        async for _ in self._send(thread, "hello", self._selection):
            pass

    def spoil(self, fault: Fault, *, times: int | None = None) -> None:
        """Let *fault* happen to the next questions."""
        self.sandbox.faults.add(self.provider.value, "chat", fault, times=times)

    def count(self, kind: str) -> int:
        return self.sandbox.log.count(self.provider.value, kind)

    def statuses(self) -> Counter[int]:
        """Of the questions, as the provider answered them."""
        return Counter(entry.status for entry in self.sandbox.log.entries() if entry.kind == "chat")

    async def arrived(self, questions: int) -> None:
        """Wait until so many questions have come in."""
        await asyncio.to_thread(self.sandbox.log.wait_for, lambda _: self.count("chat") >= questions)

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def chat(tmp_path: Path, provider: Provider) -> AsyncIterator[Chat]:
    clock = ShiftedClock()
    settings = SandboxSettings(clock=clock.unix, gemini_rotates=True)
    with Sandbox(settings=settings) as sandbox:
        home = await asyncio.to_thread(shared_home, tmp_path / "home", sandbox, clock)
        window = Chat(home, provider)
        sandbox.log.clear()
        yield window
        await window.close()


@every_provider
async def test_a_burst_that_is_refused_causes_one_renewal_and_one_replay_each(chat: Chat) -> None:
    chat.sandbox.expire_access_tokens(chat.provider.value)
    chat.spoil(faults.hang(), times=BURST)  # so that all of them carry the dead token
    asking = [asyncio.create_task(chat.ask()) for _ in range(BURST)]
    await chat.arrived(BURST)
    chat.sandbox.faults.release()
    answers = await asyncio.gather(*asking)
    assert all(answers)
    assert chat.count("refresh") == 1
    assert chat.statuses() == {401: BURST, 200: BURST}


@every_provider
async def test_an_api_that_refuses_every_token_causes_at_most_two_renewals_in_ten_minutes(chat: Chat) -> None:
    chat.spoil(faults.refuse("unauthorized"))
    for _ in range(60):
        with pytest.raises(AuthRejected):
            await chat.ask()
        chat._clock.offset += timedelta(seconds=10)
    assert 1 <= chat.count("refresh") <= 2
    chat.sandbox.faults.clear()
    assert await chat.ask(), "the session was kept, and works as soon as the API takes its token"


@every_provider
async def test_a_403_renews_nothing(chat: Chat) -> None:
    chat.spoil(faults.refuse("forbidden"))
    for _ in range(3):
        with pytest.raises(KeyswitchError):
            await chat.ask()
    assert chat.count("refresh") == 0
    assert chat.statuses() == {403: 3}


@every_provider
@pytest.mark.parametrize(
    "fault", [faults.stream_error(reason="unauthorized", after=8), faults.cut_stream(8)], ids=["refused", "cut"]
)
async def test_a_failure_after_something_was_shown_renews_and_repeats_nothing(chat: Chat, fault: Fault) -> None:
    chat.spoil(fault)
    thread = chat.thread()
    with pytest.raises(BrokenStream):
        await chat.ask_in(thread)
    assert chat.count("refresh") == 0
    assert chat.count("chat") == 1
    kept = thread.conversation.turns[-1]
    assert (kept.state, bool(kept.text)) == (TurnState.BROKEN, True)
