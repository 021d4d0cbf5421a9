"""An address as a picture that a telephone reads, in characters of half a square each."""

from __future__ import annotations

from typing import Final

QUIET: Final = 2
"""Light squares around the picture. The standard asks for four; phones read two (ISO/IEC 18004, 6.3.8)."""

_HALVES: Final = {(0, 0): "\u2588", (0, 1): "\u2580", (1, 0): "\u2584", (1, 1): " "}
"""Upper and lower square, dark or not: light ones are drawn, so that the picture is right on a dark screen."""


def picture(address: str) -> list[str]:
    """The rows of the picture, all of one width."""
    import segno

    squares = [list(row) for row in segno.make(address, error="l", micro=False).matrix]
    width = len(squares) + 2 * QUIET
    light = [[0] * width for _ in range(QUIET)]
    rows = [*light, *([*[0] * QUIET, *row, *[0] * QUIET] for row in squares), *light]
    if len(rows) % 2:
        rows.append([0] * width)
    return ["".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in _pairs(rows)]


def _pairs(rows: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    return list(zip(rows[::2], rows[1::2], strict=True))
