"""What an answer may take at most."""

from __future__ import annotations

from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one answer: in time, so that a dead stream ends, and in size, so that memory does not."""

    silence: float = 180.0
    """Seconds without a single byte, pings counted. A model may think for minutes before its first word, and not
    every vendor sends anything meanwhile."""
    opening: float = 240.0
    """Seconds from the first try to connect to the head of the answer: one that trickles is never silent."""
    duration: float = 3600.0
    """Seconds from the head of the answer to its end."""
    after_end: float = 0.5
    """Seconds that the connection gets to end by itself after the last event: then it can be used again."""
    after_finish: float = 20.0
    """The same where a protocol has no last event: seconds without another one after an answer that is complete. Its
    end is that of the connection, and text may come until then."""
    size: int = 96 * 1024 * 1024
    """Bytes of the whole body, unpacked: what surrounds the characters below, and pings, count here. One event may be
    as large."""
    total: int = 32 * 1024 * 1024
    """Characters of all events together, decoded."""
    error_body: int = 64 * 1024
    """Bytes of an error answer that are read."""
    error_seconds: float = 10.0
    """Seconds that its body may take; the status alone says enough."""
