"""The file through which a browser is sent to a sign-in.

The arguments of every process can be read by every user of the machine. So no argument holds an address of a sign-in:
the browser is given the address of a file that only its owner can read, and the file sends it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from typing import Final

from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.private_file import private_subfolder

NAME: Final = "sign-in.html"

VISIBLE_FOLDER: Final = "keyswitch-sign-in"
"""In the person's home while a sign-in is under way, where Snap is in use."""

_SNAP: Final = ("run/snapd.socket", "snap")

_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'\">"
    '<meta http-equiv="refresh" content="0; url={address}"><title>keyswitch</title></head><body>'
    '<p>keyswitch sends your browser on to the sign-in.</p><p><a rel="noreferrer" href="{address}">Go on</a></p>'
    "</body></html>\n"
)
"""It needs no script, and the page it leads to is not told where this one lies."""


class RedirectFile:
    """One file, for the one sign-in that may be under way in a home folder. What a crash left is replaced."""

    def __init__(self, *, home: Path, root: Path = Path("/")) -> None:
        """*root* stands in for the file system in tests."""
        self._home = home
        self._root = root

    @contextmanager
    def leading_to(self, url: str) -> Iterator[str]:
        """The address of the file, which is gone at the end of the context.

        Raises:
            OSError: It cannot be written.
        """
        folder = self._folder()
        path = folder / NAME
        if folder != self._home:
            private_subfolder(folder)
        try:
            sweep_orphans(path)
            durable_write(path, _PAGE.format(address=escape(url)).encode())
            yield path.as_uri()
        finally:
            with suppress(OSError):
                path.unlink()
            if folder != self._home:
                with suppress(OSError):
                    folder.rmdir()

    def _folder(self) -> Path:
        """The home folder; where Snap is in use, one that its browsers may look into as well.

        A browser from Snap reads nothing but what lies in the person's home, and no hidden folder there.
        """
        with suppress(RuntimeError):
            person = Path.home()
            snap = any((self._root / name).exists() for name in _SNAP)
            if snap and not _seen_by_snap(self._home, person):
                return person / VISIBLE_FOLDER
        return self._home


def _seen_by_snap(folder: Path, person: Path) -> bool:
    if folder == person or not folder.is_relative_to(person):
        return folder == person
    top = folder.relative_to(person).parts[0]
    return not top.startswith(".") and top != "snap"
