"""Short questions to agents, all at once and by one limit of time. Nothing heavy is imported, and no prompt is sent.

Each is one request in one write: `ssh -N` holds back the second half of a request for up to 50 ms.
"""

from __future__ import annotations

import errno
import json
import selectors
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from enum import Enum
from time import monotonic
from typing import Any, Final, NamedTuple

from adapters.forwarding.peer_process import own_peer
from adapters.forwarding.protocol import PROTOCOL_HEADER, VERSION
from domain.records import dataclass

_LARGEST: Final = 1024 * 1024
"""Bytes of an answer: some accounts, each a few hundred bytes."""

_HERE: Final = "keyswitch"
"""The `Host` of every request: nobody looks it up, and the agent does not care."""

_OK: Final = 200


class Question(NamedTuple):
    """What is asked, and where."""

    path: str
    """Of a socket."""
    target: str
    """The path of the resource."""


class Silence(Enum):
    """Why there is no answer."""

    ENDED = "ended"
    """The connection that the socket belonged to is over; nobody removes the file."""
    CLOSED = "closed"
    """The connection is there, and hangs up: no agent runs on the laptop."""
    LATE = "late"
    """The laptop sleeps or is away, or its agent hangs."""
    STRANGER = "stranger"
    """Another user listens."""
    NONSENSE = "nonsense"
    """What answers is no agent."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent said."""

    status: int
    members: dict[str, Any]
    """Of the JSON object that came. Foreign text."""

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == _OK


Answer = Reply | Silence


def ask(questions: Iterable[Question], seconds: float) -> dict[Question, Answer]:
    """What came of each of *questions* within *seconds*, which is the limit for all of them together. It blocks."""
    deadline = monotonic() + seconds
    heard: dict[Question, Answer] = {}
    with ExitStack() as stack:
        waiting = selectors.DefaultSelector()
        stack.callback(waiting.close)
        for question in questions:
            connection = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            silence = _asked(connection, question)
            heard[question] = silence or Silence.LATE
            if silence is None:
                waiting.register(connection, selectors.EVENT_READ, (question, bytearray()))
        while waiting.get_map() and (left := deadline - monotonic()) > 0:
            for ready, _ in waiting.select(left):
                question, said = ready.data
                if (reply := _more(ready.fileobj, said)) is not None:
                    heard[question] = reply
                    waiting.unregister(ready.fileobj)
    return heard


def _asked(connection: socket.socket, question: Question) -> Silence | None:
    """Put *question*; why it could not be put, or None."""
    connection.setblocking(False)
    request = (
        f"GET {question.target} HTTP/1.1\r\nHost: {_HERE}\r\n{PROTOCOL_HEADER}: {VERSION}\r\nConnection: close\r\n\r\n"
    )
    try:
        connection.connect(question.path)
        if own_peer(connection) is None:
            return Silence.STRANGER
        connection.sendall(request.encode("ascii"))
    except OSError as error:
        # With EAGAIN a crowd is queueing there.
        return Silence.LATE if error.errno == errno.EAGAIN else Silence.ENDED
    return None


def _more(connection: Any, said: bytearray) -> Answer | None:
    """Read what has come, on top of what was *said* before; None while more must follow."""
    try:
        piece = connection.recv(65536)
    except BlockingIOError:
        return None
    except OSError:
        return Silence.CLOSED
    said += piece
    if len(said) > _LARGEST:
        return Silence.NONSENSE
    reply = _reply(bytes(said))
    if reply is None and not piece:
        return Silence.NONSENSE if said else Silence.CLOSED
    return reply


def _reply(said: bytes) -> Answer | None:
    """The reply in *said*; None while it is not whole."""
    head, end, body = said.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(_fields(lines))
    try:
        version, status, *_ = first.split(" ")
        length = int(headers["content-length"])
        if version != "HTTP/1.1":
            return Silence.NONSENSE
        if len(body) < length:
            return None
        members = json.loads(body[:length])
        return Reply(int(status), members) if isinstance(members, dict) else Silence.NONSENSE
    except (KeyError, ValueError, RecursionError):
        return Silence.NONSENSE


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()
