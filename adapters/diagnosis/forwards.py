"""Whether sign-ins of another machine reach this one, and what of sshd's settings would refuse that."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from adapters.forwarding.places import answering, folders
from domain.finding import Area, Finding, ok, warning

_OVER_SSH: Final = "SSH_CONNECTION"
_CONFIG: Final = "etc/ssh/sshd_config"
_KEYS: Final = ".ssh/authorized_keys"

_REFUSING: Final[Mapping[str, frozenset[str]]] = {
    "allowstreamlocalforwarding": frozenset({"no", "local"}),
    "allowtcpforwarding": frozenset({"no", "local"}),
    "disableforwarding": frozenset({"yes"}),
}
"""Settings of `sshd_config(5)`, and the values with which no socket is forwarded to the server (OpenSSH 9.2)."""

_ALL: Final = "AllowStreamLocalForwarding and AllowTcpForwarding of its sshd_config, and restrict in authorized_keys"
_FIX: Final = "have whoever runs its sshd allow it, and connect anew: keyswitch ssh"
_RESTRICTED: Final = re.compile(r"^(?!ssh-|ecdsa-|sk-|#)\S*\b(restrict|no-port-forwarding)\b")


class ForwardsProbe:
    """Looks for sockets, and reads what may be read of the settings: sshd itself shows them to root alone."""

    area = Area.FORWARDING

    def __init__(self, *, environ: Mapping[str, str], home: Path, root: Path = Path("/")) -> None:
        """*root* stands in for the file system in tests."""
        self._environ = environ
        self._home = home
        self._root = root

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says; nothing where nobody came by ssh."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        sockets = [path for folder in folders(self._environ, self._home) for path in answering(folder)]
        if sockets:
            yield ok(Area.FORWARDING, f"a machine of yours forwards sign-ins to this one, by {sockets[0]}")
        elif self._environ.get(_OVER_SSH):
            refusing = [*_lines_that_refuse(self._root / _CONFIG), *self._restricted_keys()]
            for line in refusing:
                yield warning(Area.FORWARDING, f"no sign-ins can be forwarded to this machine: {line}", _FIX)
            if not refusing:
                yield ok(Area.FORWARDING, f"no sign-ins are forwarded to this machine; what can refuse it: {_ALL}")

    def _restricted_keys(self) -> Iterator[str]:
        path = Path(self._environ.get("HOME") or "/nonexistent") / _KEYS
        for number, line in enumerate(_text(path).splitlines(), 1):
            match = _RESTRICTED.search(line)
            if match and not re.search(r"(?<!no-)port-forwarding", line):
                yield f"{match[1]} in line {number} of {path}, if you came by that key"


def _lines_that_refuse(path: Path) -> Iterator[str]:
    """Of each setting the first line counts, but for those below a `Match`, which may be for others."""
    seen: set[str] = set()
    matched = False
    for where, name, value in _settings(path, depth=0):
        if name == "match":
            matched = value.lower() != "all"
        elif name in _REFUSING and name not in seen:
            if not matched:
                seen.add(name)
            if value.lower() in _REFUSING[name]:
                yield f"{where}{', if that Match is for you' if matched else ''}"


def _settings(path: Path, *, depth: int) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(_text(path).splitlines(), 1):
        words = line.partition("#")[0].replace("=", " ", 1).split()
        if len(words) < 2:  # noqa: PLR2004 - a name and a value
            continue
        name = words[0].lower()
        if name == "include" and depth == 0:
            for pattern in words[1:]:
                for included in sorted(path.parent.glob(pattern.removeprefix("/etc/ssh/"))):
                    yield from _settings(included, depth=1)
        yield f"{words[0]} {words[1]} in line {number} of {path}", name, words[1]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
