"""Questions, answers and a chat client over a network that a test plays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final

import httpx2

from adapters.chat.chat_address import ChatSettings
from adapters.chat.limits import Bounds
from adapters.chat.router import ProviderChatClient
from application.ports.chat_client import ChatEvent, ChatRequest, Done, ReasoningDelta, TextDelta
from domain.conversation import Role, Turn
from domain.model import Answering, Model, ReasoningLevel
from domain.provider import Provider
from domain.session import Credential
from tests.support.credentials import NOON
from tests.support.fixed_clock import FixedClock

MODELS: Final = {
    Provider.CHATGPT: "gpt-6.1-sol",
    Provider.CLAUDE: "claude-opus-5-5",
    Provider.GEMINI: "gemini-3.8-flash",
}

SETTINGS: Final = {
    Provider.CHATGPT: ChatSettings("https://api.chatgpt.example.test/v1"),
    Provider.CLAUDE: ChatSettings("https://api.claude.example.test"),
    Provider.GEMINI: ChatSettings("https://api.gemini.example.test/v1beta", quota_project="anas-project"),
}
"""At the origins that `a_record` binds its sessions to."""

Handler = Callable[[httpx2.Request], httpx2.Response]


class Network:
    """Answers each request with the next of `answers`, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx2.Response | httpx2.HTTPError | Handler) -> None:
        self._answers = list(answers)
        self.requests: list[httpx2.Request] = []

    @property
    def transport(self) -> httpx2.MockTransport:
        """What an `httpx2.AsyncClient` takes in the network's place."""
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, httpx2.HTTPError):
            raise answer
        return answer(request) if callable(answer) else answer


class Pauses(list[float]):
    """Seconds that somebody would have slept."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def chat_over(
    network: Network,
    *,
    pauses: Pauses | None = None,
    clock: FixedClock | None = None,
    settings: Callable[[Provider], ChatSettings] = SETTINGS.__getitem__,
    bounds: Bounds | None = None,
) -> ProviderChatClient:
    """The real client, with *network* in the place of the world and no waiting between attempts."""
    return ProviderChatClient(
        settings=settings,
        clock=clock or FixedClock(),
        bounds=bounds,
        sleep=Pauses() if pauses is None else pauses,
        transport=network.transport,
    )


def question(
    provider: Provider,
    text: str = "Hello?",
    *,
    model: str = "",
    level: ReasoningLevel | None = None,
    system: str = "",
    earlier: Sequence[Turn] = (),
) -> ChatRequest:
    """A person's question to *provider*'s usual model."""
    answering = Answering(Model(model or MODELS[provider], provider, "A model"), level)
    return ChatRequest(answering, (*earlier, Turn(Role.USER, text, NOON)), system=system)


def stream_of(*chunks: bytes, content_type: str = "text/event-stream; charset=utf-8") -> Handler:
    """An answer whose body arrives in just these pieces, to every request anew."""

    async def pieces() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return lambda _: httpx2.Response(200, headers={"content-type": content_type}, content=pieces())


def sse(*events: object, end: str = "\n", named: bool = True) -> bytes:
    """Server-sent events; each is named after its `type` if it has one."""
    return "".join(_sse(event, end=end, named=named) for event in events).encode()


def _sse(event: object, *, end: str, named: bool) -> str:
    data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    name = f"event: {event['type']}{end}" if named and isinstance(event, dict) and "type" in event else ""
    return f"{name}data: {data}{end}{end}"


async def answer_of(client: ProviderChatClient, request: ChatRequest, credential: Credential) -> list[ChatEvent]:
    """All events of the answer."""
    return [event async for event in client.stream(request, credential)]


def text_of(events: Iterable[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def thoughts_of(events: Iterable[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, ReasoningDelta))


def end_of(events: Sequence[ChatEvent]) -> Done:
    """How it ended; there is one end, and it is last."""
    ends = [event for event in events if isinstance(event, Done)]
    assert len(ends) == 1
    assert events[-1] is ends[0]
    return ends[0]
