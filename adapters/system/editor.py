"""The person's own editor, on a file that nobody else can read and that is gone afterwards."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.files.disk_errors import cannot_save
from adapters.files.durable_write import is_running, write_new
from adapters.files.private_file import FileRefused, private_subfolder, read_private
from adapters.system.child_environment import child_environment
from domain.errors import StoreNotWritable, UsageError

FOLDER: Final = "editor"
"""In the home folder; below it a folder for each text, for editors leave copies beside the file."""

LARGEST: Final = 1 << 20
"""Bytes."""

_USUAL: Final = ("notepad",) if sys.platform == "win32" else ("nano", "vi")
_OURS: Final = re.compile(r"(\d{1,10})-[0-9a-f]{8}")
_KEPT: Final = "Your text stays as it was."


class SystemEditor:
    """What `VISUAL` or else `EDITOR` names; without either, what most systems have."""

    def __init__(self, *, home: Path, environ: Mapping[str, str]) -> None:
        self._folder = home / FOLDER
        self._environ = environ

    def edit(self, text: str) -> str:
        """Write *text* into a file, let the program have it, and read it again."""
        command = self._command()
        with self._file(text) as path:
            try:
                ended = subprocess.run([*command, str(path)], env=child_environment(os.environ), check=False)
            except OSError as error:
                raise UsageError(f"{command[0]} cannot be started: {error.strerror}. {_KEPT}") from None
            if ended.returncode:
                raise UsageError(f"{command[0]} ended with exit code {ended.returncode}. {_KEPT}")
            return _read(path, text)

    def clear_away(self) -> None:
        """Remove the folders of processes that are gone."""
        with suppress(OSError), os.scandir(self._folder) as found:
            for entry in found:
                match = _OURS.fullmatch(entry.name)
                if match and not is_running(int(match[1])):
                    shutil.rmtree(self._folder / entry.name, ignore_errors=True)

    def _command(self) -> list[str]:
        named = self._environ.get("VISUAL") or self._environ.get("EDITOR") or ""
        try:
            words = shlex.split(named, posix=sys.platform != "win32")
        except ValueError:
            words = []
        if named.strip() and not (words and shutil.which(words[0])):
            raise UsageError(f"The editor {named!r} was not found. VISUAL or EDITOR names another one. {_KEPT}")
        usual = next(([name] for name in _USUAL if shutil.which(name)), None)
        if not words and usual is None:
            raise UsageError(f"No editor was found. VISUAL or EDITOR names one. {_KEPT}")
        return words or usual or []

    @contextmanager
    def _file(self, text: str) -> Iterator[Path]:
        folder = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        path = folder / "message.md"
        try:
            private_subfolder(self._folder)
            private_subfolder(folder)
            write_new(path, text.encode("utf-8", "replace"), synced=False)
            yield path
        except OSError as error:
            raise StoreNotWritable(str(path), cannot_save(error)) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # another window may have a text in it
                self._folder.rmdir()


def _read(path: Path, before: str) -> str:
    """What the program left, without the line end that it put behind the last line."""
    try:
        left = read_private(path, limit=LARGEST)
        text = left.content.decode() if left else None
    except FileRefused as error:
        raise UsageError(f"What the editor left cannot be taken: {error}. {_KEPT}") from None
    except UnicodeDecodeError:
        raise UsageError(f"What the editor left is no text in UTF-8. {_KEPT}") from None
    if text is None:
        raise UsageError(f"The editor left no file. {_KEPT}")
    return text if before.endswith("\n") else text.removesuffix("\n").removesuffix("\r")
