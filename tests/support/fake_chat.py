"""A chat client that answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from application.ports.chat_client import ChatEvent, ChatRequest, Done, TextDelta
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from domain.session import Credential

ANSWER = (TextDelta("Hello "), TextDelta("from the fake."), Done(StopReason.END, Usage(input=12, output=5)))


class FakeChat:
    """Streams `answers` in turn; an exception in an answer is raised where it stands, `hold` waits for `go_on`."""

    def __init__(self, *answers: tuple[ChatEvent | BaseException, ...]) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[ChatRequest, Credential]] = []
        self.hold_before: type[ChatEvent] | None = None
        self.go_on = asyncio.Event()
        self.holding = asyncio.Event()
        """Set once the stream waits for `go_on`."""
        self.on_hold: Callable[[], object] = lambda: None
        """Called then, in the thread of the stream."""
        self.closed = 0
        self.checks: dict[Provider, list[bool | BaseException]] = {}
        self.checked: list[Credential] = []
        self.check_waits = False
        """Whether a check is answered only once `go_on` is set; `holding` is set by then."""

    async def check(self, credential: Credential) -> bool:
        """As `checks` says of its provider, one entry a call; then True: several are asked at once, in any order."""
        self.checked.append(credential)
        if self.check_waits:
            self.holding.set()
            await self.go_on.wait()
        scripted = self.checks.get(credential.record.provider)
        outcome = scripted.pop(0) if scripted else True
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def stream(self, request: ChatRequest, credential: Credential) -> AsyncGenerator[ChatEvent, None]:
        self.requests.append((request, credential))
        answer = self.answers.pop(0) if self.answers else ANSWER
        try:
            for event in answer:
                if isinstance(event, BaseException):
                    raise event
                if self.hold_before is not None and isinstance(event, self.hold_before):
                    self.holding.set()
                    self.on_hold()
                    await self.go_on.wait()
                yield event
        finally:
            self.closed += 1
