"""Faults of the sandbox that only tests ask for; the others are in `adapters/sandbox/faults.py`."""

from __future__ import annotations

from adapters.sandbox.faults import Fault, answer


def drop() -> Fault:
    """The connection is closed before anything happened."""
    return Fault("drop")


def duplicated_headers() -> Fault:
    """A good answer with contradicting copies of its headers."""
    return Fault("duplicated_headers")


def truncated_json(*, processed: bool = True) -> Fault:
    """A JSON body that stops half-way."""
    return Fault("truncated_json", processed=processed)


def non_json() -> Fault:
    """Status 200, declared as JSON, and it is not."""
    return answer(200, b"this is not JSON")


def end_early(after: int = 3) -> Fault:
    """The stream ends in good order, but without its last events."""
    return Fault("end_early", after=after)


def stall(after: int = 3) -> Fault:
    """The stream falls silent until `FaultPlan.release`."""
    return Fault("stall", after=after)


def garbage_line(after: int = 2) -> Fault:
    """A line that is neither UTF-8 nor a field; a reader of server-sent events ignores it."""
    return Fault("garbage_line", after=after)


def long_line(size: int = 4 * 1024 * 1024, *, after: int = 2) -> Fault:
    """A comment line of *size* bytes between two events."""
    return Fault("long_line", size=size, after=after)
