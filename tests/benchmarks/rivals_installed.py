"""codex and pi, installed by npm into a folder of their own in the cache."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSIONS: Final = {"@openai/codex": "0.171.0", "@mariozechner/pi-coding-agent": "0.73.1"}


@dataclass(frozen=True, slots=True)
class Rivals:
    """Both as programs in the folder that they are installed in."""

    folder: Path

    @property
    def codex(self) -> list[str]:
        """As a person runs it who installed it by npm."""
        return [str(self.folder / "node_modules/.bin/codex")]

    @property
    def codex_status(self) -> list[str]:
        return [*self.codex, "login", "status"]

    @staticmethod
    def environ(folder: Path) -> dict[str, str]:
        """A fresh shell, with a home in *folder* in which nobody is signed in."""
        home = folder / "home-of-codex"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(home), "CODEX_HOME": str(home), "TERM": "xterm-256color"}


def installed() -> Rivals:
    """Both, at the versions above; nothing is fetched where they are there already."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keyswitch-benchmarks"
    packages = [f"{name}@{version}" for name, version in VERSIONS.items()]
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "installed"
    if not known.exists() or known.read_text("utf-8").split() != packages:
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "install", *quiet, "--prefix", str(folder), *packages], check=True, capture_output=True)  # noqa: S607 - whichever npm there is
        known.write_text("\n".join(packages), "utf-8")
    return Rivals(folder)
