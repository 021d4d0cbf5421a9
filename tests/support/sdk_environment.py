"""An environment with the vendors' own Python SDKs, and nothing of keyswitch."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).parents[2] / "requirements-sdk.txt"
INSTALL_SECONDS: Final = 600


def sdk_python_in(folder: Path) -> Path:
    """The interpreter of the environment that is kept in *folder* until `requirements-sdk.txt` changes."""
    tag = sys.implementation.cache_tag
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    kept = folder / f"{tag}-{wanted}"
    if not kept.exists():
        for outdated in kept.parent.glob(f"{tag}-*"):
            shutil.rmtree(outdated, ignore_errors=True)
        fresh = kept.with_name(f"making-{tag}-{os.getpid()}")  # another test process may be making one as well
        venv.create(fresh, with_pip=True)
        pip: list[str | Path] = [_python(fresh), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", REQUIREMENTS], check=True, timeout=INSTALL_SECONDS)
        try:
            fresh.rename(kept)
        except OSError:
            return _python(fresh)  # the other process was first
    return _python(kept)


def _python(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
