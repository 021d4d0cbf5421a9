"""How long a renewed session exists at the provider alone: from the server's rotation to the rename that saves it.

By hand, for docs/reliability.md: `python -m tests.faults.window --renewals 1500`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.provider import Provider
from tests.faults.process_herd import Herd
from tests.faults.storm import quantile
from tests.support.shared_home import SharedHome, shared_home
from tests.support.shifted_clock import ShiftedClock

MILLISECOND: Final = 1e6
"""In nanoseconds."""

BAR: Final = 50.0
"""Milliseconds, at the 99th percentile on a machine that does nothing else."""

WARM_UP: Final = 6
"""Renewals that are not counted: the first of a process loads what it needs, before its request."""


@dataclass
class Windows:
    """In milliseconds, one entry a renewal."""

    exposed: list[float] = field(default_factory=list)
    """From the rotation to the rename's return: a crash in here loses what a strict provider forgives to nobody."""
    durable: list[float] = field(default_factory=list)
    """From the rotation to the renewal's return, when it would survive a power cut as well."""

    def table(self) -> str:
        """For a document: Markdown."""
        rows = (("to the rename's return", self.exposed), ("to the renewal's return, synced", self.durable))
        lines = [f"{len(self.exposed)} renewals, milliseconds from the server's rotation:", ""]
        lines += ["| | p50 | p99 | longest |", "| --- | --- | --- | --- |"]
        for title, values in rows:
            cells = " | ".join(f"{quantile(values, share):.1f}" for share in (0.5, 0.99, 1))
            lines.append(f"| {title} | {cells} |")
        return "\n".join(lines)


def measure(renewals: int) -> Windows:
    """Renew so often, one provider after the other, in a process of its own; blocking.

    Raises:
        HerdError: That process ended.
    """
    clock = ShiftedClock()
    settings = SandboxSettings(gemini_rotates=True)
    with tempfile.TemporaryDirectory(prefix="keyswitch-window-") as folder, Sandbox(settings=settings) as sandbox:
        home = shared_home(Path(folder) / "home", sandbox, clock)
        with Herd("tests.faults.window_worker", 1, {"home": str(home.folder)}, seconds=60 + renewals) as herd:
            windows = Windows()
            for number in range(WARM_UP + renewals):
                exposed, durable = _one(home, herd, list(Provider)[number % len(Provider)])
                if number >= WARM_UP:
                    windows.exposed.append(exposed)
                    windows.durable.append(durable)
            return windows


def _one(home: SharedHome[ShiftedClock], herd: Herd, provider: Provider) -> tuple[float, float]:
    home.sandbox.log.clear()
    herd.tell(lambda _: {"provider": provider.value, "account": home.keys[provider].account})
    said = herd.hear()[0]
    (renewal,) = (entry for entry in home.sandbox.log.entries() if entry.kind == "refresh")
    assert renewal.rotated
    assert renewal.issued_ns is not None
    saved = next(moment for moment in said["placed"] if moment >= renewal.issued_ns)
    return (saved - renewal.issued_ns) / MILLISECOND, (said["returned"] - renewal.issued_ns) / MILLISECOND


def main() -> int:
    """Print the table; 0 if the bar is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.window", description=__doc__)
    parser.add_argument("--renewals", type=int, default=1500)
    windows = measure(parser.parse_args().renewals)
    sys.stdout.write(windows.table() + "\n")
    return int(quantile(windows.exposed, 0.99) >= BAR)


if __name__ == "__main__":
    sys.exit(main())
