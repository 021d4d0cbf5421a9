"""One question to one vendor: the request, the stream of its answer, and the bounds of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx2
from pydantic_core import from_json

from adapters.chat.bounds import Bounds
from adapters.chat.failures import ErrorAnswer, Failure, Judge
from adapters.chat.line_failures import while_opening, while_reading
from adapters.chat.problem import Problem
from adapters.chat.wire import Reader, ReportedProblem, UnreadableEvent, Wire, WireRequest
from adapters.http.bound_credential import BoundCredential
from adapters.http.origin import Origin
from application.ports.chat_client import ChatEvent
from domain.errors import AnswerUnreadable, BrokenStream, Offline

_CODEC: Final = "utf-8-sig"
"""Server-sent events are UTF-8 whatever a header says, with or without a byte order mark (WHATWG HTML, 9.2.5)."""

_PORTAL: Final = "a proxy or the sign-in page of a network answered in its place"

_PLAIN: Final = {"accept-encoding": "identity"}
"""Compression would hold back words, and could blow a small answer up."""


class AttemptFailed(Exception):
    """The attempt came to nothing, or not to its end.

    It is raised from None throughout: what httpx2 raises knows the request, and so the credential.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error.code)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request and its answer."""

    client: httpx2.AsyncClient
    origin: Origin
    """Where the credential belongs."""
    wire: Wire
    judge: Judge
    bounds: Bounds

    async def events(self, request: WireRequest) -> AsyncGenerator[ChatEvent, None]:
        """The answer as it comes. Closing the generator closes the connection.

        Raises:
            AttemptFailed: Before or after some events.
        """
        reader = self.wire.reader()
        async with self._answer(request) as source, aclosing(self._data(source, reader)) as pieces:
            async for data in pieces:
                for event in self._understood(reader, data):
                    yield event
            if not reader.finished:
                raise self._failed(BrokenStream(self.wire.provider, "its end is missing"))
            yield reader.done()

    async def accepted(self, request: WireRequest) -> None:
        """Send *request*, and look at nothing but whether it was answered well.

        Raises:
            AttemptFailed: It was not.
        """
        auth = BoundCredential(self.origin, request.credential)
        headers = {**_PLAIN, **request.headers}
        try:
            async with (
                asyncio.timeout(self.bounds.opening),
                self.client.stream("GET", request.url, headers=headers, auth=auth) as response,
            ):
                if not response.is_success:
                    raise AttemptFailed(self.judge.answered(await self._error_answer(response)))
        except (TimeoutError, httpx2.HTTPError) as error:
            failure = while_opening(error, self.wire.provider, self.origin, self.bounds)
            raise AttemptFailed(failure) from None

    @asynccontextmanager
    async def _answer(self, request: WireRequest) -> AsyncIterator[httpx2.EventSource]:
        """The answer, once its head has come and is a good one."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self.bounds.opening):
                    source = await stack.enter_async_context(self._sent(request))
            except (TimeoutError, httpx2.HTTPError) as error:
                failure = while_opening(error, self.wire.provider, self.origin, self.bounds)
                raise AttemptFailed(failure) from None
            if not source.response.is_success:
                raise AttemptFailed(self.judge.answered(await self._error_answer(source.response)))
            if "html" in source.response.headers.get("content-type", "").lower():
                raise self._failed(Offline(self.wire.provider, _PORTAL))
            source.response.encoding = _CODEC
            yield source

    @asynccontextmanager
    async def _sent(self, request: WireRequest) -> AsyncIterator[httpx2.EventSource]:
        headers = {**_PLAIN, **request.headers}
        async with self.client.sse(
            request.url,
            method="POST",
            json=request.body,
            headers=headers,
            auth=BoundCredential(self.origin, request.credential),
            max_event_size=self.bounds.event,
        ) as source:
            yield source

    async def _data(self, source: httpx2.EventSource, reader: Reader) -> AsyncGenerator[str, None]:
        """The data of each event, until the connection ends or, soon after the last event, time is up."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.bounds.duration
        total = 0
        events = aiter(source)
        while (event := await self._next(events, reader, deadline)) is not None:
            total += len(event.data)
            if total > self.bounds.total:
                raise self._failed(AnswerUnreadable(self.wire.provider, f"more than {self.bounds.total} characters"))
            if event.data:
                yield event.data
            if reader.finished:
                deadline = min(deadline, clock() + self.bounds.after_end)

    async def _next(
        self, events: AsyncIterator[httpx2.ServerSentEvent], reader: Reader, deadline: float
    ) -> httpx2.ServerSentEvent | None:
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(events, None)
        except (TimeoutError, httpx2.HTTPError) as error:
            if reader.finished:
                return None
            raise AttemptFailed(while_reading(error, self.wire.provider, self.bounds)) from None

    def _understood(self, reader: Reader, data: str) -> tuple[ChatEvent, ...]:
        try:
            return reader.feed(data)
        except UnreadableEvent as error:
            raise self._failed(AnswerUnreadable(self.wire.provider, str(error))) from None
        except ReportedProblem as reported:
            raise AttemptFailed(self.judge.reported(reported.problem)) from None

    async def _error_answer(self, response: httpx2.Response) -> ErrorAnswer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return ErrorAnswer(response.status_code, headers, self._problem(await self._error_body(response)))

    async def _error_body(self, response: httpx2.Response) -> bytes:
        """As much of the body as comes in time; its status alone says enough."""
        body = bytearray()
        try:
            async with asyncio.timeout(self.bounds.error_seconds):
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > self.bounds.error_body:
                        break
        except (TimeoutError, httpx2.HTTPError):
            return b""
        return bytes(body[: self.bounds.error_body])

    def _problem(self, body: bytes) -> Problem | None:
        try:
            return self.wire.problem(from_json(body, allow_inf_nan=False))
        except ValueError:
            return None

    def _failed(self, error: AnswerUnreadable | BrokenStream | Offline) -> AttemptFailed:
        return AttemptFailed(Failure(error))
