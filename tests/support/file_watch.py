"""Every file that a command makes, writes or moves, by the list of its system calls: in which mode, and where."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

OTHERS: Final = 0o077
"""The permission bits of everybody but the owner."""

CALLS: Final = (
    "open,openat,creat,write,pwrite64,writev,pwritev,ftruncate,fallocate,fchmod,chmod,fchmodat,mkdir,mkdirat,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,truncate,unlink,unlinkat,umask"
)

_LINE: Final = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)")
_MADE: Final = re.compile(r'"(?P<path>[^"]*)", (?P<flags>[A-Z_|0-9]+)(?:, (?P<mode>0\d*))?')
_FD: Final = re.compile(r"^\d+<(?P<path>/[^>]*)>")
_PATHS: Final = re.compile(r'"([^"]*)"')
_MODE: Final = re.compile(r", (0\d*)")
_DELETED: Final = " (deleted)"


@dataclass
class Files:
    """What is known of modes while the list is read, and what was wrong."""

    inside: Path
    """The only folder that may change."""
    open_to_others: Callable[[str], bool]
    """Which files there may be."""
    modes: dict[str, int]
    """Of the files that were there before; grows."""
    mask: int
    wrong: list[str] = field(default_factory=list)
    writes: int = 0
    """How many writes to files were looked at."""

    def read(self, log: str) -> None:
        """Go through the whole list."""
        for line in log.splitlines():
            call = _LINE.search(line)
            if call is not None and not call["result"].startswith("-"):
                self._note(call["name"], call["arguments"], line)

    def _note(self, name: str, arguments: str, line: str) -> None:
        match name:
            case "umask":
                self.mask = int(arguments, 8)
            case "open" | "openat" | "creat":
                self._opened(arguments, line)
            case "mkdir" | "mkdirat":
                self._made(_PATHS.findall(arguments)[-1], int(_MODE.findall(arguments)[-1], 8) & ~self.mask, line)
            case "fchmod":
                self._made(_file(arguments), int(_MODE.findall(arguments)[-1], 8), line, new=False)
            case "chmod" | "fchmodat":
                self._made(_PATHS.findall(arguments)[-1], int(_MODE.findall(arguments)[-1], 8), line, new=False)
            case "rename" | "renameat" | "renameat2":
                old, new = _PATHS.findall(arguments)[-2:]
                self._stay_inside(new, line)
                self.modes[new] = self.modes.pop(old, 0)
            case "link" | "linkat" | "symlink" | "symlinkat" | "truncate" | "unlink" | "unlinkat":
                self._stay_inside(_PATHS.findall(arguments)[-1], line)
            case _:
                self._written(_file(arguments), line)

    def _opened(self, arguments: str, line: str) -> None:
        made = _MADE.search(arguments)
        if made is None or "O_CREAT" not in made["flags"]:
            return
        path = made["path"]
        if path not in self.modes:
            self._made(path, int(made["mode"] or "0", 8) & ~self.mask, line)

    def _made(self, path: str, mode: int, line: str, *, new: bool = True) -> None:
        self._stay_inside(path, line)
        self.modes[path] = mode
        if mode & OTHERS and self._is_private(path):
            self.wrong.append(f"{'made' if new else 'opened'} to others: {line}")

    def _written(self, path: str, line: str) -> None:
        path = path.removesuffix(_DELETED)
        if not path or not self._is_file(path):
            return
        self.writes += 1
        self._stay_inside(path, line)
        if self._is_private(path) and self.modes.get(path, OTHERS) & OTHERS:
            self.wrong.append(f"written while open to others: {line}")

    def _stay_inside(self, path: str, line: str) -> None:
        if self._is_file(path) and not Path(path).is_relative_to(self.inside):
            self.wrong.append(f"outside: {line}")

    def _is_private(self, path: str) -> bool:
        return Path(path).is_relative_to(self.inside) and not self.open_to_others(path)

    @staticmethod
    def _is_file(path: str) -> bool:
        return path.startswith("/") and not path.startswith(("/dev/", "/proc/", "/sys/"))


@contextmanager
def listed(strace: str, pid: int, log: Path) -> Iterator[None]:
    """Attach to *pid*, which waits for the start, and list its calls until it ends."""
    command = [strace, "-f", "-p", str(pid), "-yy", "-s", "0", "-o", str(log), "-e", f"trace={CALLS}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert "attached" in (said := process.stderr.readline()), said
            yield
            process.wait(60)
        finally:
            process.kill()


def modes_below(folder: Path) -> Mapping[str, int]:
    """Permission bits of *folder* and of all in it, by path."""
    found = [folder, *folder.rglob("*")]
    return {str(path): path.lstat().st_mode & 0o7777 for path in found if not path.is_symlink()}


def _file(arguments: str) -> str:
    match = _FD.match(arguments)
    return match["path"] if match else ""
