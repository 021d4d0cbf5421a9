"""The desktop's web browser, opened beside the program and never in its terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.providers.setting_checks import is_loopback
from adapters.system.child_environment import child_environment
from adapters.system.redirect_file import RedirectFile

_IN_THE_TERMINAL: Final = frozenset(
    {"www-browser", "links", "links2", "elinks", "lynx", "w3m", "browsh", "carbonyl", "chawan", "cha"}
)
"""Browsers that take over the terminal they are started in."""


class SystemBrowser:
    """Asks the system to show an address; whether anyone sees it cannot be known."""

    def __init__(self, *, home: Path) -> None:
        self._file = RedirectFile(home=home)

    @contextmanager
    def showing(self, url: str) -> Iterator[bool]:
        """As the port says: the process that opens the browser is told of a file, and the file of *url*."""
        with ExitStack() as stack:
            yield is_ours(url) and has_window() and self._opened(url, stack)

    def _opened(self, url: str, stack: ExitStack) -> bool:
        # A process of its own: `webbrowser` may wait for the browser, and passes our terminal on to it
        command = [sys.executable, "-I", "-m", "webbrowser"]
        try:
            command.append(stack.enter_context(self._file.leading_to(url)))
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=child_environment(os.environ),
                start_new_session=True,
            )
        except OSError:
            return False
        threading.Thread(target=process.wait, name="keyswitch-browser", daemon=True).start()
        return True


def is_ours(url: str) -> bool:
    """Whether *url* is of the kind that keyswitch builds: https, or http to this machine, and nothing to trip over."""
    if not url.isascii() or not url.isprintable() or " " in url or "%action" in url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return (
        bool(host)
        and "@" not in parts.netloc
        and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    )


def has_window() -> bool:
    """Whether `webbrowser` would start something with a window of its own."""
    try:
        controller = webbrowser.get()
    except webbrowser.Error:
        return False
    name = os.path.basename(str(getattr(controller, "name", "")))  # noqa: PTH119 - a command, not a path of ours
    return name not in _IN_THE_TERMINAL
