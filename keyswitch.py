"""Start keyswitch: put the layers on the import path, then hand over to the command line.

The installed program carries its layers in `keyswitch_layers/` beside this file, because their names are too generic
for a shared site-packages. In a checkout they lie beside this file themselves, and the editable install has put
their folder on the path.
"""

from __future__ import annotations

import gc
import os
import sys

LAYERS_FOLDER = "keyswitch_layers"


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code. *argv* is without the program's name; None means `sys.argv`."""
    _find_layers()
    if argv is None:
        gc.set_threshold(50_000, 20, 20)  # Loading makes many objects and no garbage: looking for some took 30 ms.
    from entrypoints.cli.main import main as run

    return run(sys.argv[1:] if argv is None else argv)


def _find_layers() -> None:
    """Put the installed layers first on the path, so that no other package of the same name is taken for one."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), LAYERS_FOLDER)
    if os.path.isdir(folder) and folder not in sys.path:
        sys.path.insert(0, folder)


if __name__ == "__main__":
    sys.exit(main())
