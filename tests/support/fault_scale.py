"""How hard and how random the fault tests are: one scale and one seed, settable from outside, and both printed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from typing import Final, TypeVar

_SCALE: Final = "KEYSWITCH_FAULT_SCALE"
_SEED: Final = "KEYSWITCH_FAULT_SEED"

_Case = TypeVar("_Case")

SCALE: Final = float(os.environ.get(_SCALE, "1"))
"""Times the usual numbers: rounds, processes, moments. Below 1, as in CI, only a sample of the cases is tried."""

# Left in the environment, where the other processes of a distributed run find the same one.
SEED: Final = int(os.environ.setdefault(_SEED, str(random.SystemRandom().randrange(2**32))))
"""Of every random choice; give the printed one again to repeat a run."""


def scaled(count: int) -> int:
    """*count* at the scale of this run; never less than one."""
    return max(1, round(count * SCALE))


def sample(cases: Iterable[_Case], name: str) -> list[_Case]:
    """All of *cases*, or below scale 1 as large a share of them, in their order and never none."""
    listed = list(cases)
    wanted = min(len(listed), max(1, round(len(listed) * SCALE)))
    return [listed[index] for index in sorted(chances(name).sample(range(len(listed)), wanted))]


def chances(name: str) -> random.Random:
    """Reproducible chances for the test called *name*, whichever tests run beside it."""
    return random.Random(f"{SEED} {name}")


def headline() -> str:
    """The words that let a run be repeated."""
    return f"{_SCALE}={SCALE:g} {_SEED}={SEED}"
