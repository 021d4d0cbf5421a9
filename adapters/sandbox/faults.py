"""Misbehaviour on demand: what the next requests of a provider and kind get instead of a good answer."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

FAULT_KINDS: Final = ("authorize", "token", "refresh", "revoke", "device", "poll", "chat", "models")
TOKEN_KINDS: Final = frozenset({"token", "refresh", "revoke", "device", "poll"})
"""Requests of the authorization server, whose errors have the form of RFC 6749, 5.2."""

Reason = Literal[
    "unauthorized",
    "forbidden",
    "policy",
    "rate_limit",
    "plan_limit",
    "quota",
    "server_error",
    "unavailable",
    "overloaded",
    "invalid_grant",
    "refresh_token_reused",
    "admin_policy",
    "invalid_client",
]
"""What a vendor's own refusal says; each provider words it its own way. `rate_limit` passes by itself, `plan_limit`
and `quota` do not: a used-up plan window or day, a monthly cap, an empty balance. `forbidden` concerns the account,
`policy` the region or the content; `admin_policy` ends a session until its owner signs in anew."""

Action = Literal[
    "refuse",
    "answer",
    "slow",
    "hang",
    "drop",
    "lost_answer",
    "duplicated_headers",
    "truncated_json",
    "stream_error",
    "cut_stream",
    "end_early",
    "stall",
    "garbage_line",
    "broken_event",
    "long_line",
    "refusal",
    "blocked_prompt",
    "cut_short",
    "list",
]

STREAM_ACTIONS: Final = frozenset(
    {"stream_error", "cut_stream", "end_early", "stall", "garbage_line", "broken_event", "long_line"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour. The functions below build those that the program itself asks for."""

    action: Action
    reason: Reason = "server_error"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    retry_after: float | None = None
    """Seconds to wait that the answer names, in the vendor's place for it; None names none."""
    after: int = 2
    """Stream events that still arrive before the fault."""
    size: int = 0
    """Bytes of a very long line."""
    shape: str = ""
    """How a list of models is changed; see `adapters/sandbox/list_shapes.py`."""
    processed: bool = False
    """Whether the request takes effect (a token is rotated, say) before the fault answers it."""


def refuse(reason: Reason, *, retry_after: float | None = None, processed: bool = False) -> Fault:
    """The vendor's own error answer for *reason*."""
    return Fault("refuse", reason=reason, retry_after=retry_after, processed=processed)


def answer(
    status: int, body: bytes, *headers: tuple[str, str], content_type: str = "application/json", processed: bool = False
) -> Fault:
    """Exactly this answer, byte for byte."""
    return Fault(
        "answer", status=status, body=body, headers=(("content-type", content_type), *headers), processed=processed
    )


def slow(seconds: float, *, processed: bool = False) -> Fault:
    """A good answer, late; with *processed* the request takes effect at once and only its answer is late."""
    return Fault("slow", seconds=seconds, processed=processed)


def hang(*, processed: bool = False) -> Fault:
    """No answer until `FaultPlan.release`, then a good one; with *processed* the request takes effect at once."""
    return Fault("hang", processed=processed)


def lost_answer() -> Fault:
    """The request takes effect, then the connection is closed without an answer."""
    return Fault("lost_answer", processed=True)


def html_page(status: int = 200) -> Fault:
    """What a captive portal or a proxy says in the provider's place."""
    page = b"<!doctype html><title>Network sign-in</title><h1>Please accept the terms of this network</h1>"
    return answer(status, page, content_type="text/html; charset=utf-8")


def stream_error(*, reason: Reason = "overloaded", after: int = 2) -> Fault:
    """The vendor's error event in mid-stream."""
    return Fault("stream_error", reason=reason, after=after)


def cut_stream(after: int = 3) -> Fault:
    """The connection breaks in mid-stream."""
    return Fault("cut_stream", after=after)


def broken_event(after: int = 2) -> Fault:
    """A `data:` line that is no JSON."""
    return Fault("broken_event", after=after)


def refusal() -> Fault:
    """The model declines to answer, in the vendor's form."""
    return Fault("refusal")


def blocked_prompt() -> Fault:
    """The prompt is blocked before any answer, in the vendor's form."""
    return Fault("blocked_prompt")


def changed_list(shape: str) -> Fault:
    """The list of models, changed: one of `list_shapes.SHAPES`."""
    return Fault("list", shape=shape)


def cut_short() -> Fault:
    """The answer reaches the limit of its length, in the vendor's form."""
    return Fault("cut_short")


class FaultPlan:
    """Faults by (provider, kind), first in first out. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[tuple[str, str], deque[Fault]] = {}
        self._standing: dict[tuple[str, str], Fault] = {}
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def add(self, provider: str, kind: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next *times* requests get *fault*; None: all of them, after what is queued, until `clear`.

        Raises:
            ValueError: *kind* is not in `FAULT_KINDS`.
        """
        if kind not in FAULT_KINDS:
            raise ValueError(f"unknown fault kind {kind!r}; known: {', '.join(FAULT_KINDS)}")
        with self._lock:
            if times is None:
                self._standing[provider, kind] = fault
            else:
                self._queues.setdefault((provider, kind), deque()).extend([fault] * times)

    def take(self, provider: str, kind: str) -> Fault | None:
        """The fault of the request that just arrived, if one is due."""
        with self._lock:
            queue = self._queues.get((provider, kind))
            return queue.popleft() if queue else self._standing.get((provider, kind))

    def pending(self) -> int:
        """How many queued faults nobody has met yet."""
        with self._lock:
            return sum(len(queue) for queue in self._queues.values())

    def clear(self) -> None:
        """Drop every fault that has not happened, and let go of every request held back."""
        with self._lock:
            self._queues.clear()
            self._standing.clear()
        self.release()

    def release(self) -> None:
        """Let every request that was given a `hang` or a `stall` go on, also one that has not got there yet."""
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)

    def hold(self) -> asyncio.Event:
        """What the next `release` sets. For the providers, in their event loop."""
        event = asyncio.Event()
        with self._lock:
            self._waiting.add((asyncio.get_running_loop(), event))
        return event

    def forget(self, event: asyncio.Event) -> None:
        """*event* is awaited no longer."""
        with self._lock:
            self._waiting = {waiting for waiting in self._waiting if waiting[1] is not event}
