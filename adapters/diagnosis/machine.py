"""What kind of machine and session this is, as far as it matters for a sign-in."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from domain.finding import Area, Finding, ok, warning

_SSH: Final = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_CONTAINER_FILES: Final = (".dockerenv", "run/.containerenv")
_CONTAINER_VARIABLES: Final = ("container", "KUBERNETES_SERVICE_HOST", "REMOTE_CONTAINERS", "CODESPACES")
"""Set by systemd-nspawn and Podman, by Kubernetes, and by the editors' containers."""


class PlaceProbe:
    """SSH, WSL or a container: where the browser is on another machine than keyswitch."""

    area = Area.PLACE

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        has_window: Callable[[], bool],
        redirections: Callable[[], tuple[str, ...]] = tuple,
        root: Path = Path("/"),
    ) -> None:
        """*has_window* tells whether a browser could be opened, *redirections* which variables lead other programs to
        another host; *root* stands in for the file system in tests.
        """
        self._redirections = redirections
        self._environ = environ
        self._has_window = has_window
        self._root = root

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: (*self._session(), *self._ignored(), self._seen_browser()))

    def _session(self) -> Iterator[Finding]:
        kinds = []
        if self._is_ssh():
            kinds.append("a session over SSH")
        if self._is_wsl():
            kinds.append("Windows Subsystem for Linux")
        if self._is_container():
            kinds.append("a container")
        where = f"{platform.system()}, Python {platform.python_version()}"
        yield ok(Area.PLACE, f"{where}{', ' if kinds else ''}{', '.join(kinds)}")
        if self._is_ssh():
            fix = "paste the address that the browser ends on, or connect with ssh -L 1455:127.0.0.1:1455"
            yield warning(Area.PLACE, "your browser is on another machine, and cannot call back to this one", fix)
        elif self._is_container():
            fix = "paste the address that the browser ends on, or use the container's network of the host"
            yield warning(Area.PLACE, "a browser outside the container cannot call back into it", fix)

    def _ignored(self) -> Iterator[Finding]:
        for name in self._redirections():
            yield ok(Area.PLACE, f"{name} is set, and ignored: only config.toml says which host is asked")

    def _seen_browser(self) -> Finding:
        if self._has_window():
            return ok(Area.BROWSER, "there is one to open")
        fix = "open the printed link in a browser anywhere, or keyswitch login --no-browser"
        return warning(Area.BROWSER, "none with a window was found", fix)

    def _is_ssh(self) -> bool:
        return any(self._environ.get(name) for name in _SSH)

    def _is_wsl(self) -> bool:
        kernel = self._text("proc/sys/kernel/osrelease")
        return bool(self._environ.get("WSL_DISTRO_NAME")) or "microsoft" in kernel.lower()

    def _is_container(self) -> bool:
        return any((self._root / name).exists() for name in _CONTAINER_FILES) or any(
            self._environ.get(name) for name in _CONTAINER_VARIABLES
        )

    def _text(self, name: str) -> str:
        try:
            return (self._root / name).read_text("utf-8", "replace")
        except OSError:
            return ""
