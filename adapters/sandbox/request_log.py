"""What the providers were asked, as they themselves saw it. Holds no secret."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["pending", "answered", "refused", "lost", "dropped"]
"""What came of a request: `pending` until an answer begins, `answered` below status 400, `refused` above it.
Without an answer: `lost` where tokens had been issued all the same, `dropped` where nothing had happened."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request. It enters the log when it arrives and is completed when its answer begins."""

    number: int
    """Counts from 1 over all three providers, in order of arrival."""
    at: float
    """Unix seconds of arrival, by the sandbox's clock."""
    provider: str
    kind: str
    """authorize, consent, token, refresh, revoke, device, poll, chat, models, discovery, jwks, page or other."""
    method: str
    path: str
    """Without the query, which may hold secrets."""
    status: int = 0
    """0 until an answer begins, and for ever if the connection was closed without one."""
    account: str | None = None
    """Whose credential was presented, where it is an OAuth token of this sandbox."""
    credential: str = "none"
    """`oauth:ACCOUNT#SESSION`, `api_key:…LAST4`, `unknown` for one that nobody issued, `none`."""
    own_live_token: bool = False
    """The credential was issued by this very provider and was live on arrival."""
    foreign_token: bool = False
    """Some token or API key of *another* provider was in this request: headers, query or body."""
    wire_model: str | None = None
    grant_type: str | None = None
    error: str | None = None
    """The code of the error answer, in the vendor's words."""
    outcome: Outcome = "pending"
    issued_ns: int | None = None
    """When tokens were issued for this request, whatever answer it then got; None where none were.

    By CLOCK_MONOTONIC, in nanoseconds (`time.monotonic_ns`), so that it compares with other processes of this machine.
    """
    rotated: bool = False
    """From `issued_ns` on, the refresh token that was presented is spent."""


class RequestLog:
    """Every request since the start or the last `clear`. Safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: dict[int, LoggedRequest] = {}
        self._last_number = 0

    def entries(self) -> tuple[LoggedRequest, ...]:
        """A snapshot, in order of arrival."""
        with self._changed:
            return tuple(self._entries.values())

    def count(self, provider: str, kind: str) -> int:
        """How many requests of *kind* reached *provider*."""
        return sum(entry.provider == provider and entry.kind == kind for entry in self.entries())

    def clear(self) -> None:
        """Forget everything. Numbers go on counting; requests under way no longer appear."""
        with self._changed:
            self._entries.clear()

    def wait_for(self, predicate: Callable[[LoggedRequest], bool], timeout: float = 10.0) -> LoggedRequest:
        """The first entry, present or still to come, that *predicate* accepts. *timeout* is in seconds.

        Raises:
            TimeoutError: No such request was made in time.
        """
        found: list[LoggedRequest] = []

        def matches() -> bool:
            found[:] = [entry for entry in self._entries.values() if predicate(entry)][:1]
            return bool(found)

        with self._changed:
            if not self._changed.wait_for(matches, timeout):
                raise TimeoutError(f"no matching request within {timeout} s; {len(self._entries)} others were logged")
        return found[0]

    def arrived(self, make: Callable[[int], LoggedRequest]) -> LoggedRequest:
        """Enter the request that *make* builds for the next number."""
        with self._changed:
            self._last_number += 1
            entry = make(self._last_number)
            self._entries[entry.number] = entry
            self._changed.notify_all()
            return entry

    def update(self, entry: LoggedRequest) -> None:
        """Put *entry* in the place of the one with its number: it took effect, or its answer begins."""
        with self._changed:
            if entry.number in self._entries:
                self._entries[entry.number] = entry
                self._changed.notify_all()
