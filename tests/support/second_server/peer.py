"""The second server from the tests' side: a process of its own, started and stopped, and what it was asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2

ROOT: Final = Path(__file__).parents[3]
STOP_SECONDS: Final = 10


@dataclass(frozen=True)
class SecondServer:
    """A server that runs in a process of its own."""

    origin: str

    @property
    def issuer(self) -> str:
        """As its discovery document names it."""
        return f"{self.origin}/o"

    def addresses(self) -> dict[str, Any]:
        """What a config names where nothing is discovered."""
        return {
            "authorize_url": f"{self.issuer}/authorize/",
            "token_url": f"{self.issuer}/token/",
            "revoke_url": f"{self.issuer}/revoke_token/",
            "device_authorization_url": f"{self.issuer}/device-authorization/",
        }

    def requests(self) -> list[dict[str, str]]:
        """Path, method and grant type of all requests, in order of arrival."""
        with httpx2.Client(trust_env=False) as http:
            seen: list[dict[str, str]] = http.get(f"{self.origin}/requests").json()
        return seen

    def token_requests(self, grant_type: str) -> int:
        """How many of them asked the token endpoint with *grant_type*."""
        return sum(seen["path"] == "/o/token/" and seen["grant_type"] == grant_type for seen in self.requests())


@contextmanager
def second_server(folder: Path) -> Iterator[SecondServer]:
    """Run one, with its files in *folder*."""
    errors = folder / "errors.txt"
    with errors.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.support.second_server", str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
        )  # fmt: skip
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                origin = process.stdout.readline().strip()
                assert origin.startswith("http://127.0.0.1:"), errors.read_text()
                yield SecondServer(origin)
            finally:
                process.stdin.close()
                process.wait(STOP_SECONDS)
