from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class NewFiles(Protocol):
    """Writes files that a person asked for, where the person wants them."""

    def write(self, path: Path, pieces: Iterable[str], *, over: bool = False) -> bool:
        """Write the text that *pieces* make to *path*, a file that only its owner can read. Blocks.

        Without *over*, what is at *path* already stays as it is, and the answer is False. Where it fails, nothing is
        left behind, and what was there before is whole.

        Raises:
            KeyswitchError: It cannot be written there; or whatever *pieces* raise.
        """
        ...
