"""How hard and how random the fault tests are: one scale and one seed, settable from outside, and both printed."""

from __future__ import annotations

import os
import random
from typing import Final

_SCALE: Final = "KEYSWITCH_FAULT_SCALE"
_SEED: Final = "KEYSWITCH_FAULT_SEED"

SCALE: Final = float(os.environ.get(_SCALE, "1"))
"""Times the numbers of CI: rounds, processes, moments. Below 1 for a quick look, far above by hand."""

# Left in the environment, where the other processes of a distributed run find the same one.
SEED: Final = int(os.environ.setdefault(_SEED, str(random.SystemRandom().randrange(2**32))))
"""Of every random choice; give the printed one again to repeat a run."""


def scaled(count: int) -> int:
    """*count*, as of CI, at the scale of this run; never less than one."""
    return max(1, round(count * SCALE))


def chances(name: str) -> random.Random:
    """Reproducible chances for the test called *name*, whichever tests run beside it."""
    return random.Random(f"{SEED} {name}")


def headline() -> str:
    """The words that let a run be repeated."""
    return f"{_SCALE}={SCALE:g} {_SEED}={SEED}"
