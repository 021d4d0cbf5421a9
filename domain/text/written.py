"""What a person wrote and has not sent."""

from __future__ import annotations

from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A text in full, and what of it is shown folded."""

    text: str
    folds: tuple[tuple[int, int], ...] = ()
    """The parts that are shown as a token: where each begins and ends, in their order."""


def joined(first: Written, second: Written) -> Written:
    """Both of them, each beginning on a line of its own; an empty one leaves the other as it is."""
    if not first.text.strip() or not second.text.strip():
        return first if first.text.strip() else second
    by = len(first.text) + 1
    moved = tuple((start + by, end + by) for start, end in second.folds)
    return Written(f"{first.text}\n{second.text}", (*first.folds, *moved))
