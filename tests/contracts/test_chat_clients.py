from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from datetime import timedelta

import pytest

from adapters.sandbox import faults
from adapters.sandbox.faults import Fault
from adapters.sandbox.server import Sandbox
from application.ports.chat_client import ChatEvent, ChatRequest, Done, TextDelta
from domain.credential import CredentialKind
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    BrokenStream,
    LimitReached,
    Offline,
    Overloaded,
    Refused,
)
from domain.provider import Provider
from domain.session import Credential
from tests.contracts.chat_client import LIMIT_SECONDS, ChatClientContract, Play, Stage
from tests.support import sandbox_faults
from tests.support.chat_peer import ChatPeer
from tests.support.credentials import NOON, a_session
from tests.support.fake_chat import ANSWER, FakeChat
from tests.support.mock_chat_network import question

CLAUDE = Provider.CLAUDE
SO_FAR = TextDelta("So far.")
SCRIPTS: dict[Play, tuple[ChatEvent | BaseException, ...]] = {
    Play.ANSWER: ANSWER,
    Play.REJECT: (AuthRejected(CLAUDE),),
    Play.LIMIT: (LimitReached(CLAUDE, resets_at=NOON + timedelta(seconds=LIMIT_SECONDS)),),
    Play.SPENT: (LimitReached(CLAUDE),),
    Play.BUSY: (Overloaded(CLAUDE),),
    Play.REFUSE: (Refused(CLAUDE, "no"),),
    Play.UNREADABLE: (AnswerUnreadable(CLAUDE, "a page"),),
    Play.NOBODY_THERE: (Offline(CLAUDE, "refused"),),
    Play.CUT: (SO_FAR, BrokenStream(CLAUDE)),
    Play.END_EARLY: (SO_FAR, BrokenStream(CLAUDE)),
    Play.FAIL: (SO_FAR, Overloaded(CLAUDE)),
    Play.STALL: ANSWER,
}


class _StallsOnce(FakeChat):
    async def stream(self, request: ChatRequest, credential: Credential) -> AsyncGenerator[ChatEvent, None]:
        self.hold_before = None if self.requests else Done
        async with aclosing(super().stream(request, credential)) as events:
            async for event in events:
                yield event


class TestFakeChat(ChatClientContract):
    def stage(self, play: Play) -> Stage:
        self.fake = _StallsOnce(SCRIPTS[play]) if play is Play.STALL else FakeChat(SCRIPTS[play])
        return Stage(self.fake, question(CLAUDE), a_session(CLAUDE))

    async def line_is_closed(self) -> bool:
        return self.fake.closed == len(self.fake.requests)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


EVENTS_WITH_TEXT = 8
"""After as many events each sandbox provider has said something."""

FAULTS: dict[Play, Fault] = {
    Play.REJECT: faults.refuse("unauthorized"),
    Play.LIMIT: faults.refuse("rate_limit", retry_after=LIMIT_SECONDS),
    Play.SPENT: faults.refuse("quota"),
    Play.BUSY: faults.refuse("unavailable"),
    Play.REFUSE: faults.refuse("forbidden"),
    Play.UNREADABLE: sandbox_faults.non_json(),
    Play.CUT: faults.cut_stream(EVENTS_WITH_TEXT),
    Play.END_EARLY: sandbox_faults.end_early(EVENTS_WITH_TEXT),
    Play.FAIL: faults.stream_error(after=EVENTS_WITH_TEXT),
    Play.STALL: sandbox_faults.stall(EVENTS_WITH_TEXT),
}

CREDENTIALS = [(provider, kind) for provider in Provider for kind in (CredentialKind.OAUTH, CredentialKind.API_KEY)]


class TestProviderChatClient(ChatClientContract):
    @pytest.fixture(autouse=True, params=CREDENTIALS, ids="-".join)
    async def _at_the_sandbox(self, request: pytest.FixtureRequest, running: Sandbox) -> AsyncIterator[None]:
        self.provider, self.kind = request.param
        self.peer = ChatPeer(running)
        self.credential = self.peer.credential(self.provider, self.kind)
        # Bound and not listening: whoever connects is refused, and nobody else gets the port meanwhile.
        with socket.socket() as self.silent:
            self.silent.bind(("127.0.0.1", 0))
            yield
        running.faults.clear()
        await self.peer.client.aclose()

    def stage(self, play: Play) -> Stage:
        if play is Play.NOBODY_THERE:
            address = f"http://127.0.0.1:{self.silent.getsockname()[1]}"
            self.peer.settings[self.provider]["api_base"] = address
            self.credential = self.peer.credential(self.provider, self.kind)
        elif play in FAULTS:
            self.peer.sandbox.faults.add(self.provider, "chat", FAULTS[play], times=None if play is Play.BUSY else 1)
        return Stage(self.peer.client, question(self.provider), self.credential)

    async def line_is_closed(self) -> bool:
        return self.peer.open_lines() == 0
