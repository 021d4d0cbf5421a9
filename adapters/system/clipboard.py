"""The desktop's clipboard, by the program that the system has for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOOL_SECONDS: Final = 3.0
"""For a program that waits for a display that does not answer."""

_TYPE: Final = "text/plain;charset=utf-8"
"""Told to wl-copy, which would guess: a page of HTML that is pasted is the source that was copied."""


class SystemClipboard:
    """Hands the text to a program by its standard input: arguments can be read by others."""

    def __init__(self, *, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def put(self, text: str) -> str | None:
        """Let the first program that is there and can do it have *text*."""
        import shutil

        for command in self._commands():
            program = shutil.which(command[0], path=self._environ.get("PATH", ""))
            if program is not None and self._takes([program, *command[1:]], _encoded(command[0], text)):
                return command[0]
        return None

    def _commands(self) -> Iterator[list[str]]:
        """The programs that may reach a clipboard from here."""
        if self._environ.get("WAYLAND_DISPLAY"):
            yield ["wl-copy", "--type", _TYPE]
        if self._environ.get("DISPLAY"):
            yield ["xclip", "-selection", "clipboard", "-in"]
            yield ["xsel", "--clipboard", "--input"]
        if sys.platform == "darwin":
            yield ["pbcopy"]
        yield ["clip.exe"]

    def _takes(self, command: list[str], data: bytes) -> bool:
        import subprocess

        from adapters.system.child_environment import child_environment

        try:
            done = subprocess.run(
                command,
                input=data,
                stdout=subprocess.DEVNULL,  # what stays behind to serve the clipboard would hold a pipe open
                stderr=subprocess.DEVNULL,
                env={**child_environment(self._environ), "LC_CTYPE": "UTF-8"},
                timeout=TOOL_SECONDS,
                start_new_session=True,  # Ctrl+C, or the end of this terminal, does not empty the clipboard
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0


def _encoded(program: str, text: str) -> bytes:
    """As *program* reads it: the one of Windows takes UTF-16, also where it is called from Linux."""
    return text.encode("utf-16-le" if program == "clip.exe" else "utf-8", "replace")
