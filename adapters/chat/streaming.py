"""One question to one vendor: the request, the stream of its answer, and the bounds of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx2

from adapters.chat.allowances import opened
from adapters.chat.answer_body import AnswerBody, Form
from adapters.chat.error_body import Problem
from adapters.chat.failures import ErrorAnswer, Failure, Judge
from adapters.chat.limits import Bounds
from adapters.chat.line_failures import while_opening, while_reading
from adapters.chat.parsing import json_documents
from adapters.chat.wire import Reader, ReportedProblem, UnreadableEvent, Wire, WireRequest
from adapters.http.bound_credential import BoundCredential
from adapters.http.origin import Origin
from application.ports.chat_client import ChatEvent, TextDelta
from domain.errors import AnswerUnreadable, BrokenStream, Offline

_PORTAL: Final = "a proxy or the sign-in page of a network answered in its place"

_PLAIN: Final = {"accept-encoding": "identity"}
"""Compression would hold back words, and could blow a small answer up."""

_EVENTS: Final = {"accept": "text/event-stream", "cache-control": "no-store"}


class AttemptFailed(Exception):
    """The attempt came to nothing, or not to its end.

    It is raised from None throughout: what httpx2 raises knows the request, and so the credential.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error.code)
        self.failure = failure


@dataclass(slots=True)
class _Course:
    """What went wrong on the way, which is told once everything that came was given out."""

    events: bool = False
    """Whether any event or document came."""
    begun: bool = False
    """Whether any text of the answer came."""
    problem: Problem | None = None
    """The first that the provider reported."""
    unread: str = ""
    """Why the first event that could not be read could not, or the first that may have been a piece of the answer."""
    lost: bool = False
    """Whether a piece of the answer may have been in such an event."""
    cut: Failure | None = None
    """Why no more was read, where that was not the end."""
    cut_short: bool = False
    """Whether a JSON document breaks off."""
    page: bool = False
    """Whether a page came in the place of an answer."""
    at_its_end: bool = False
    """Whether what is read had no line end behind it: if it cannot be read, it is not whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    client: httpx2.AsyncClient
    origin: Origin
    """Where the credential belongs."""
    wire: Wire
    judge: Judge
    bounds: Bounds

    async def events(self, request: WireRequest) -> AsyncGenerator[ChatEvent, None]:
        """The answer as it comes. Closing the generator closes the connection.

        Whatever text comes is given out before anything that went wrong is told.

        Raises:
            AttemptFailed: Before or after some events.
        """
        reader, course = self.wire.reader(), _Course()
        async with self._answer(request) as body:
            if (told := opened(body.headers, self.judge.clock.now())) is not None:
                yield told
            async with aclosing(self._read(body, reader, course)) as events:
                async for event in events:
                    yield event
            for event in reader.rest():
                yield event
            failure = self._failure(body, reader, course)
        if failure is not None:
            raise AttemptFailed(failure)
        yield reader.done()

    async def document(self, request: WireRequest, largest: int) -> bytes:
        """The whole body of a good answer to *request*, of at most *largest* bytes.

        Raises:
            AttemptFailed: It is no good one, is larger, or was not there in time.
        """
        auth = BoundCredential(self.origin, request.credential)
        body = bytearray()
        try:
            async with (
                asyncio.timeout(self.bounds.opening),
                self.client.stream("GET", request.url, headers={**_PLAIN, **request.headers}, auth=auth) as response,
            ):
                if not response.is_success:
                    raise AttemptFailed(self.judge.answered(await self._error_answer(response)))
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > largest:
                        words = f"more than {largest} bytes for one page of a list"
                        raise AttemptFailed(Failure(AnswerUnreadable(self.wire.provider, words)))
        except (TimeoutError, httpx2.HTTPError) as error:
            failure = while_opening(error, self.wire.provider, self.origin, self.bounds)
            raise AttemptFailed(failure) from None
        return bytes(body)

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
    async def _answer(self, request: WireRequest) -> AsyncIterator[AnswerBody]:
        """The body of the answer, once its head has come and is a good one."""
        auth = BoundCredential(self.origin, request.credential)
        headers = {**_PLAIN, **_EVENTS, **request.headers}
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self.bounds.opening):
                    response = await stack.enter_async_context(
                        self.client.stream("POST", request.url, json=request.body, headers=headers, auth=auth)
                    )
            except (TimeoutError, httpx2.HTTPError) as error:
                failure = while_opening(error, self.wire.provider, self.origin, self.bounds)
                raise AttemptFailed(failure) from None
            if not response.is_success:
                raise AttemptFailed(self.judge.answered(await self._error_answer(response)))
            yield AnswerBody(response)

    async def _read(self, body: AnswerBody, reader: Reader, course: _Course) -> AsyncGenerator[ChatEvent, None]:
        """What *reader* makes of the body, until it ends or nothing more is waited for."""
        deadline = asyncio.get_running_loop().time() + self.bounds.duration
        try:
            async with asyncio.timeout_at(deadline):
                form = await body.form()
                whole = await body.whole(self.bounds.total) if form is Form.JSON else b""
        except (TimeoutError, httpx2.HTTPError) as error:
            course.cut = while_reading(error, self.wire.provider, self.bounds)
            return
        if form is Form.PAGE:
            course.page = True
        elif form is Form.JSON:
            for event in self._documents(whole, reader, course):
                yield event
        else:
            async with aclosing(self._events(body, reader, course, deadline)) as events:
                async for event in events:
                    yield event

    def _documents(self, whole: bytes, reader: Reader, course: _Course) -> Iterable[ChatEvent]:
        documents, complete = json_documents(whole)
        for document in documents:
            yield from self._understood(partial(reader.feed_document, document), reader, course)
        course.cut_short = not complete

    async def _events(
        self, body: AnswerBody, reader: Reader, course: _Course, deadline: float
    ) -> AsyncGenerator[ChatEvent, None]:
        total = 0
        async with aclosing(body.events()) as events:
            while (event := await self._next(events, reader, course, deadline)) is not None:
                total += len(event.data)
                if total > self.bounds.total:
                    words = f"more than {self.bounds.total} characters"
                    course.cut = Failure(AnswerUnreadable(self.wire.provider, words))
                    return
                if not event.data.strip():
                    continue
                course.at_its_end = body.ended
                name = "" if event.event == "message" else event.event
                for told in self._understood(partial(reader.feed, event.data, name), reader, course):
                    yield told

    async def _next(
        self,
        events: AsyncGenerator[httpx2.ServerSentEvent, None],
        reader: Reader,
        course: _Course,
        deadline: float,
    ) -> httpx2.ServerSentEvent | None:
        """The next event; None where there is none, or where none is waited for any more."""
        patience = self._patience(reader, course)
        if patience is not None:
            deadline = min(deadline, asyncio.get_running_loop().time() + patience)
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(events, None)
        except (TimeoutError, httpx2.HTTPError) as error:
            course.cut = while_reading(error, self.wire.provider, self.bounds)
            return None

    def _patience(self, reader: Reader, course: _Course) -> float | None:
        """Seconds to wait for one more event; None: as for any."""
        if reader.over or course.problem is not None:
            return self.bounds.after_end
        return self.bounds.after_finish if reader.finished else None

    def _understood(
        self, feed: Callable[[], tuple[ChatEvent, ...]], reader: Reader, course: _Course
    ) -> tuple[ChatEvent, ...]:
        """What an event adds. What is wrong with it is noted: text behind it counts all the same."""
        complete, course.events = reader.finished, True
        try:
            said = feed()
        except UnreadableEvent as error:
            said = error.said
            if not complete and (reader.finished or not course.at_its_end):
                first = not course.unread or (error.lost and not course.lost)
                course.unread = str(error) if first else course.unread
                course.lost = course.lost or error.lost
        except ReportedProblem as reported:
            said = reported.said
            if not complete:
                course.problem = course.problem or reported.problem
        course.begun = course.begun or any(isinstance(event, TextDelta) for event in said)
        return said

    def _failure(self, body: AnswerBody, reader: Reader, course: _Course) -> Failure | None:
        """What the answer came to, now that nothing more comes; None if it is complete."""
        provider = self.wire.provider
        complete = reader.finished and not course.cut_short
        problem = course.problem or (None if complete else self._problem(body.left_over()))
        if problem is not None:
            return self.judge.reported(problem, begun=course.begun)
        if complete:
            return Failure(AnswerUnreadable(provider, course.unread)) if course.lost else None
        if course.cut is not None:
            return course.cut
        if not course.begun and (course.page or "html" in body.kind):
            return Failure(Offline(provider, _PORTAL))
        if not course.begun and (course.unread or not (course.events or body.kind == "text/event-stream")):
            return Failure(AnswerUnreadable(provider, course.unread or f"no event ({body.kind or 'nothing'})"))
        return Failure(BrokenStream(provider, "its end is missing"))

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
            pass
        return bytes(body[: self.bounds.error_body])

    def _problem(self, body: bytes) -> Problem | None:
        documents, complete = json_documents(body)
        first = documents[0] if documents and complete else None
        return self.wire.problem(first[0] if isinstance(first, list) and first else first)
