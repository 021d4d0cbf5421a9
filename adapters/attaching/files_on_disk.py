"""Reads a file to attach, and refuses what must not leave this machine by a slip."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from adapters.attaching.folder_walk import files_below
from adapters.files.own_folder import has, is_in
from domain.attached.attachment import LARGEST, LARGEST_TEXT, TEXT, Attachment, media_type_of, size_words
from domain.errors import UsageError
from domain.text.untrusted import untrusted_line

_READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that took the file's place would be waited for
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class FilesOnDisk:
    """The files that this process can read, without those of the home folder: they hold sign-ins and keys."""

    def __init__(self, *, home: Path) -> None:
        self._home = home

    def read(self, path: str) -> Attachment:
        """As the port says. A link is followed, to a regular file only."""
        name = _shown(path)
        try:
            where = os.path.expanduser(path)  # noqa: PTH111 - pathlib raises where the user is not known
            _refuse_odd(name, os.stat(where))  # noqa: PTH116 - before it is opened: a device may act on that
            content = self._content(name, where)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise UsageError(f"There is no file {name}.") from None
        except OSError as error:
            raise UsageError(f"{name} cannot be read ({error.strerror}).") from None
        media_type = media_type_of(content)
        if media_type is None:
            known = "text in UTF-8, nor a PNG, JPEG, GIF or WebP image, nor a PDF"
            raise UsageError(f"{name} cannot be attached: it is neither {known}.")
        if media_type == TEXT and len(content) > LARGEST_TEXT:
            raise _too_large(f"{name} is a text", len(content), LARGEST_TEXT)
        return Attachment(_shown(os.path.basename(where)), media_type, content)  # noqa: PTH119 - as above

    def below(self) -> tuple[str, ...]:
        """As the port says."""
        return files_below(Path.cwd(), without=self._home)

    def _content(self, name: str, where: str) -> bytes:
        descriptor = os.open(where, _READ)
        try:
            status = os.fstat(descriptor)
            _refuse_odd(name, status)
            if is_in(self._home, where) or has(self._home, status):
                raise UsageError(f"{name} belongs to keyswitch's own folder, whose files are never attached.")
            if status.st_size > LARGEST:
                raise _too_large(f"{name} is a file", status.st_size, LARGEST)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(LARGEST + 1)
        finally:
            os.close(descriptor)
        if not content:
            raise UsageError(f"{name} is empty.")
        if len(content) > LARGEST:
            raise _too_large(f"{name} is a file", len(content), LARGEST)
        return content


def _refuse_odd(name: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UsageError(f"{name} is a folder; name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{name} is no regular file, and no other can be attached.")


def _too_large(what: str, size: int, most: int) -> UsageError:
    return UsageError(f"{what} of {size_words(size)}, and at most {size_words(most)} can be attached.")


def _shown(name: str) -> str:
    """*name* on one line, without what a terminal obeys, and with question marks for what is no text in it."""
    return untrusted_line(name.encode("utf-8", "replace").decode("utf-8"))
