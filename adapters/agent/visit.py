"""One connection of a host: request after request, each answered as it comes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

import h11

from adapters.agent.answers import Answer, Explain, document, problem, record_members, refused
from adapters.agent.routes import PASSED_ON, is_relayed, model_of
from adapters.agent.upstream import MOST_AT_ONCE
from adapters.forwarding.peer_process import own_peer
from adapters.forwarding.protocol import (
    ABOUT,
    CREDENTIAL_HEADER,
    CREDENTIALS,
    LARGEST_BODY,
    PROTOCOL_HEADER,
    RELAY,
    VERSION,
    Problem,
    named_credential,
)
from adapters.serving.callers import Callers
from adapters.serving.heads import LARGEST_HEAD, heard
from application.forwarding.lending import Loan
from application.forwarding.relay import Relay
from application.ports.clock import Clock
from application.ports.forwarding.agent import PeerProcess
from application.ports.forwarding.upstream import RelayedHead, RelayedPart, RelayedRequest
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError
from domain.forwarding.refusal import Refusal
from domain.records import dataclass
from domain.session import state_of

IDLE_SECONDS: Final = 60.0
"""A connection may lie open so long between two requests."""

BODY_SECONDS: Final = 120.0
"""For the body of a request: a slow line, and many attachments."""

STALLED_SECONDS: Final = 180.0
"""A host that takes nothing for so long is not there any more."""

GOODBYE_SECONDS: Final = 1.0
"""To read away what else comes after a refusal: hanging up on it would take the refusal back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the visits of one host have in common."""

    loan: Loan
    relay: Relay
    about: Callable[[Loan], dict[str, Any]]
    explain: Explain
    clock: Clock
    answering: Callable[[Loan], Any]
    """The context in which an answer is cut when its loan ends."""


class Visit:
    """One connection, for as long as it is open."""

    def __init__(self, door: Door, connection: socket.socket, callers: Callers) -> None:
        self._door = door
        self._connection = connection
        self._callers = callers
        self._parser = h11.Connection(h11.SERVER)
        self._loop = asyncio.get_running_loop()

    async def serve(self) -> None:
        """Answer until the other end hangs up, or asks for something that cannot be read."""
        caller = own_peer(self._connection)
        if caller is None:
            return
        with suppress(OSError, TimeoutError, h11.LocalProtocolError):  # they hung up
            while await self._one(caller):
                self._parser.start_next_cycle()

    async def _one(self, caller: PeerProcess) -> bool:
        """Answer one request; whether another may follow."""
        with self._callers.in_crowd(self._connection):
            request = await heard(self._connection, self._parser, idle=IDLE_SECONDS)
        if request is None:
            return False
        if isinstance(request, HTTPStatus):
            await self._refuse(refused(Problem.BAD_REQUEST))
            return False
        with self._door.answering(self._door.loan):
            answer = await self._answer(request, caller)
        if answer is not None:
            if self._parser.their_state is not h11.DONE:
                await self._refuse(answer)
                return False
            await self._say(answer)
        return self._parser.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    async def _answer(self, request: h11.Request, caller: PeerProcess) -> Answer | None:
        """What is to be answered; None where it was streamed already."""
        target = request.target.decode("ascii")
        path, _, query = target.partition("?")
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers}
        if headers.get(PROTOCOL_HEADER, str(VERSION)) != str(VERSION) or not path.startswith(f"/v{VERSION}/"):
            return refused(Problem.OTHER_PROTOCOL)
        try:
            if request.method == b"GET" and path == ABOUT:
                return await self._whole() or document(self._door.about(self._door.loan))
            if request.method == b"GET" and path == CREDENTIALS:
                return await self._whole() or await self._credentials()
            if path.startswith(RELAY):
                wanted = RelayedRequest(
                    method=request.method.decode("ascii"),
                    path=path.removeprefix(RELAY),
                    query=query,
                    headers=tuple((name, value) for name, value in headers.items() if name in PASSED_ON),
                )
                return await self._relayed(wanted, headers.get(CREDENTIAL_HEADER, ""), caller)
        except KeyswitchError as error:
            return problem(HTTPStatus.CONFLICT, error.code, *self._door.explain(error))
        return refused(Problem.ROUTE_NOT_RELAYED)

    async def _credentials(self) -> Answer:
        shown = await self._door.relay.shown(self._door.loan)
        if isinstance(shown, Refusal):
            return refused(Problem(shown.value))
        now = self._door.clock.now()
        return document({"credentials": [record_members(record, state_of(record, now)) for record in shown]})

    async def _relayed(self, wanted: RelayedRequest, named: str, caller: PeerProcess) -> Answer | None:
        try:
            key = named_credential(named)
        except ValueError:
            return refused(Problem.BAD_REQUEST)
        if len(self._door.loan.answering) > MOST_AT_ONCE:
            return refused(Problem.TOO_MANY_REQUESTS)
        with self._watched():
            record = await self._door.relay.permitted(self._door.loan, key, caller)
        if isinstance(record, Refusal):
            return refused(Problem(record.value))
        if not is_relayed(wanted.method, wanted.path, wanted.query, record):
            return refused(Problem.ROUTE_NOT_RELAYED)
        body = await self._body()
        if isinstance(body, Answer):
            return body
        model = await asyncio.to_thread(model_of, wanted.path, body, record)
        request = RelayedRequest(wanted.method, wanted.path, wanted.query, wanted.headers, body, model)
        with self._watched():
            await self._streamed(request, record)
        return None

    async def _streamed(self, request: RelayedRequest, record: CredentialRecord) -> None:
        parts: AsyncGenerator[RelayedPart, None] = self._door.relay.answer(self._door.loan, request, record)
        async with aclosing(parts):
            head = await anext(parts)
            assert isinstance(head, RelayedHead)  # noqa: S101 - the port says so
            await self._send(h11.Response(status_code=head.status, headers=list(head.headers)))
            try:
                async for part in parts:
                    if isinstance(part, bytes) and part:
                        await self._send(h11.Data(data=part))
            except KeyswitchError as error:  # hanging up says that it is not whole
                raise ConnectionAbortedError from error
            await self._send(h11.EndOfMessage())

    async def _whole(self) -> Answer | None:
        """Read what belongs to a request without a body; a refusal where it has one."""
        body = await self._body()
        if isinstance(body, Answer):
            return body
        return refused(Problem.BAD_REQUEST) if body else None

    async def _body(self) -> bytes | Answer:
        """The body of the request, or why it is not taken. Raises OSError where it does not come."""
        parts, size = [], 0
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                if self._parser.they_are_waiting_for_100_continue:
                    await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                try:
                    event = self._parser.next_event()
                except h11.RemoteProtocolError:
                    return refused(Problem.BAD_REQUEST)
                if event is h11.NEED_DATA:
                    data = await self._loop.sock_recv(self._connection, 65536)
                    if not data:
                        raise ConnectionAbortedError
                    self._parser.receive_data(data)
                elif isinstance(event, h11.Data):
                    size += len(event.data)
                    if size > LARGEST_BODY:
                        return refused(Problem.TOO_LARGE)
                    parts.append(bytes(event.data))
                else:
                    return b"".join(parts)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Cancel this task once the other end hangs up: nobody waits for the answer, and it would cost all the same."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is called by a coroutine

        def look() -> None:
            try:
                gone = not self._connection.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return
            except OSError:
                gone = True
            self._loop.remove_reader(self._connection)
            if gone:
                task.cancel()

        self._loop.add_reader(self._connection, look)
        try:
            yield
        finally:
            self._loop.remove_reader(self._connection)

    async def _say(self, answer: Answer) -> None:
        headers = [
            *answer.headers,
            ("date", formatdate(usegmt=True)),
            ("content-length", str(len(answer.body))),
        ]
        events = (
            h11.Response(status_code=answer.status, headers=headers),
            h11.Data(data=answer.body),
            h11.EndOfMessage(),
        )
        async with asyncio.timeout(STALLED_SECONDS):
            await self._loop.sock_sendall(
                self._connection, b"".join(self._parser.send(event) or b"" for event in events)
            )

    async def _refuse(self, answer: Answer) -> None:
        """Say *answer* to a request that was not read to its end, and hang up."""
        await self._say(answer)
        self._connection.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(GOODBYE_SECONDS):
            while await self._loop.sock_recv(self._connection, LARGEST_HEAD):
                pass

    async def _send(self, event: h11.Event) -> None:
        async with asyncio.timeout(STALLED_SECONDS):
            await self._loop.sock_sendall(self._connection, self._parser.send(event) or b"")
