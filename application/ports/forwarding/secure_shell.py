"""The way to another machine: the ssh that people have, with their settings, keys and questions."""

from __future__ import annotations

from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """What keyswitch on the other machine says of the place that it made for a socket."""

    path: str
    """Absolute, and nothing is there yet."""
    version: str
    protocol: int
