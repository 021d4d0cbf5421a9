"""keyswitch, if it ended at once when it is told to: `python tests/faults/ends_at_once.py ARGUMENT...`."""

from __future__ import annotations

import sys

from entrypoints import signals
from entrypoints.cli.main import main


def forget_manners() -> None:
    """Leave every signal to do what it does by itself."""
    signals.__dict__["SIGNALS"] = ()


if __name__ == "__main__":
    forget_manners()
    sys.exit(main())
