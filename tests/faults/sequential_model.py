"""What many processes did to one place, held against the rule that it all could have happened one after the other.

Two deeds that overlap in time may have happened in either order; of two that do not, the later one counts. The check is
sharpest where each value is written once, as those of the store are: what is found then tells who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BEFORE_ALL: Final = -1


@dataclass(frozen=True)
class Write:
    """*value* was put in the place, or removed where it is None, at some moment from *began* to *ended*."""

    value: str | None
    began: int
    ended: int


@dataclass(frozen=True)
class Sight:
    """*value* was there at some moment from *began* to *ended*."""

    value: str | None
    began: int
    ended: int


class Place:
    """One place that holds one value or none, and everything that was done to it."""

    def __init__(self, first: str | None, writes: Iterable[Write]) -> None:
        self._writes = [Write(first, BEFORE_ALL, BEFORE_ALL), *writes]

    def explains(self, sight: Sight) -> bool:
        """Whether *sight* fits: some write of its value had begun, and none lies wholly between the two."""
        return any(
            write.began <= sight.ended and not self._written_between(write, sight)
            for write in self._writes
            if write.value == sight.value
        )

    def _written_between(self, write: Write, sight: Sight) -> bool:
        return any(write.ended < other.began and other.ended < sight.began for other in self._writes)
