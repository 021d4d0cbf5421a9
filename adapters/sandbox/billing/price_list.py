"""The vendors' price lists as the sandbox knows them, and how each computes what a request costs.

State of 2026-11-23, written down from the vendors' lists and not from the program that is tested with it. All amounts
are whole picodollars (10^-12 dollars) for one token, so that nothing is rounded anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

_MICRO: Final = 10**6
"""Picodollars of a token that costs one dollar a million."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens of one request, as they are billed."""

    prompt: int
    """All that was sent, whatever was read from or written to a cache."""
    read: int
    written: int
    written_long: int
    output: int
    """With what went into thoughts."""
    thoughts: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What one token costs, in picodollars."""

    plain: int
    read: int
    out: int


def _listed(plain: float, read: float, out: float) -> Listed:
    return Listed(*(round(dollars * _MICRO) for dollars in (plain, read, out)))


OPENAI: Final = {
    "gpt-6.2-astra": _listed(8, 0.40, 40),
    "gpt-6.2-sol": _listed(2, 0.10, 10),
    "gpt-6.1-sol": _listed(2, 0.10, 10),
    "gpt-6.1-terra": _listed(1, 0.05, 5),
    "gpt-6-astra": _listed(10, 1, 50),
    "gpt-6-sol": _listed(2, 0.20, 10),
    "gpt-6-luna": _listed(0.10, 0.01, 0.50),
    "gpt-5.6-sol": _listed(4, 0.40, 20),
    "gpt-5.6-terra": _listed(2, 0.20, 12),
    "gpt-5.6-luna": _listed(0.20, 0.02, 1.20),
    "gpt-5.5": _listed(5, 0.50, 30),
    "gpt-5.4": _listed(2.50, 0.25, 15),
    "gpt-5.2": _listed(1.75, 0.175, 14),
    "gpt-5.1": _listed(1.25, 0.125, 10),
    "gpt-5": _listed(1.25, 0.125, 10),
    "gpt-5-mini": _listed(0.25, 0.025, 2),
    "gpt-4.1": _listed(2, 0.50, 8),
    "gpt-4o": _listed(2.50, 1.25, 10),
}
_WRITES_ARE_PLAIN: Final = frozenset(
    {"gpt-5.5", "gpt-5.4", "gpt-5.2", "gpt-5.1", "gpt-5", "gpt-5-mini", "gpt-4.1", "gpt-4o"}
)
_ONE_PRICE: Final = frozenset({"gpt-5.2", "gpt-5.1", "gpt-5", "gpt-5-mini", "gpt-4.1", "gpt-4o"})
_LONG_AT_OPENAI: Final = 272_000

CLAUDE: Final = {
    "claude-fable-5-2": _listed(8, 0.20, 40),
    "claude-mythos-5-2": _listed(8, 0.20, 40),
    "claude-fable-5-1": _listed(10, 0.25, 50),
    "claude-fable-5": _listed(10, 1, 50),
    "claude-opus-5-5": _listed(4, 0.20, 20),
    "claude-sonnet-5-5": _listed(2, 0.10, 10),
    "claude-haiku-5-5": _listed(0.10, 0.01, 0.50),
    "claude-opus-5": _listed(5, 0.50, 25),
    "claude-opus-4-8": _listed(5, 0.50, 25),
    "claude-opus-4-7": _listed(5, 0.50, 25),
    "claude-opus-4-6": _listed(5, 0.50, 25),
    "claude-opus-4-5-20251101": _listed(5, 0.50, 25),
    "claude-sonnet-5": _listed(2, 0.20, 10),
    "claude-sonnet-4-6": _listed(3, 0.30, 15),
    "claude-sonnet-4-5-20250929": _listed(3, 0.30, 15),
    "claude-haiku-4-5-20251001": _listed(1, 0.10, 5),
}
_LONG_AT_CLAUDE: Final = {
    "claude-haiku-5-5": (100_000, _listed(0.50, 0.05, 2.50)),
    "claude-sonnet-4-5-20250929": (200_000, _listed(6, 0.60, 22.50)),
}

GEMINI: Final = {
    "gemini-4-neon": _listed(3, 0.15, 15),
    "gemini-4-argon": _listed(2, 0.10, 10),
    "gemini-4-carbon": _listed(2, 0.10, 10),
    "gemini-4-hydrogen": _listed(1.50, 0.075, 7.50),
    "gemini-3.8-flash": _listed(0.75, 0.075, 3.75),
    "gemini-3.7-flash": _listed(0.75, 0.075, 3.75),
    "gemini-3.6-flash": _listed(0.75, 0.075, 3.75),
    "gemini-3.5-flash": _listed(1.50, 0.15, 9),
    "gemini-3.5-flash-lite": _listed(0.30, 0.03, 2.50),
    "gemini-3.1-pro-preview": _listed(2, 0.20, 12),
    "gemini-3.1-flash-lite": _listed(0.25, 0.025, 1.50),
    "gemini-3-flash-preview": _listed(0.50, 0.05, 3),
    "gemini-2.5-pro": _listed(1.25, 0.125, 10),
    "gemini-2.5-flash": _listed(0.30, 0.03, 2.50),
    "gemini-2.5-flash-lite": _listed(0.10, 0.01, 0.40),
}
_LONG_AT_GEMINI: Final = {
    "gemini-3.1-pro-preview": (200_000, _listed(4, 0.40, 18)),
    "gemini-2.5-pro": (200_000, _listed(2.50, 0.25, 15)),
}
_DOUBLES_AT_GEMINI: Final = {
    "gemini-4-argon": date(2026, 12, 1),
    "gemini-4-carbon": date(2026, 12, 1),
    "gemini-3.8-flash": date(2027, 1, 1),
    "gemini-3.7-flash": date(2027, 1, 1),
    "gemini-3.6-flash": date(2027, 1, 1),
}


def openai_charge(model: str, counts: Counts) -> int:
    """Picodollars. A long prompt doubles what goes in and adds half to what comes out."""
    listed = OPENAI[model]
    plain = counts.prompt - counts.read - counts.written
    written = counts.written * listed.plain if model in _WRITES_ARE_PLAIN else counts.written * listed.plain * 5 // 4
    into = plain * listed.plain + counts.read * listed.read + written
    out = counts.output * listed.out
    long = counts.prompt > _LONG_AT_OPENAI and model not in _ONE_PRICE
    return into * 2 + out * 3 // 2 if long else into + out


def claude_charge(model: str, counts: Counts) -> int:
    """Picodollars. Writing costs a quarter more than plain input, and twice as much where it is kept for an hour."""
    bound, dear = _LONG_AT_CLAUDE.get(model, (counts.prompt, CLAUDE[model]))
    listed = dear if counts.prompt > bound else CLAUDE[model]
    plain = counts.prompt - counts.read - counts.written - counts.written_long
    quarters = 4 * plain + 5 * counts.written + 8 * counts.written_long
    return quarters * listed.plain // 4 + counts.read * listed.read + counts.output * listed.out


def gemini_charge(model: str, counts: Counts, on: date) -> int:
    """Picodollars, at the prices of that day."""
    bound, dear = _LONG_AT_GEMINI.get(model, (counts.prompt, GEMINI[model]))
    listed = dear if counts.prompt > bound else GEMINI[model]
    plain = counts.prompt - counts.read
    times = 2 if model in _DOUBLES_AT_GEMINI and on >= _DOUBLES_AT_GEMINI[model] else 1
    return times * (plain * listed.plain + counts.read * listed.read + counts.output * listed.out)
