"""Things that somebody may put in the place of a file: what should be a file, and is none, or none of ours."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.become_user import NOBODY

OVERSIZED: Final = 64 * 1024 * 1024
"""Bytes, and none of them on the disk."""

_WRONG: Final = {
    ".toml": b'model = 5\nproviders = "x"\n[auth]\nkey_source = [1]\n',
    "": b'[1, "two", null, {"format": "2", "records": 7}]\n',
}
"""Whole documents of another kind than what is read there."""


@dataclass(frozen=True)
class Place:
    """Where the odd thing goes, and what is around it."""

    path: Path
    outside: Path
    """A folder of somebody else, for links to lead to."""
    original: bytes
    """What the file held, nothing where there was none."""
    chance: random.Random

    @property
    def target(self) -> Path:
        """What a link in its place leads to."""
        return self.outside / self.path.name.lstrip(".")


def directory(place: Place) -> None:
    place.path.mkdir(mode=0o700)


def pipe(place: Place) -> None:
    os.mkfifo(place.path, 0o600)


def dangling_link(place: Place) -> None:
    place.path.symlink_to(place.target)


def link(place: Place) -> None:
    place.target.write_bytes(place.original)
    place.target.chmod(0o644)
    place.path.symlink_to(place.target)


def listening_socket(place: Place) -> None:
    with chdir(place.path.parent), socket.socket(socket.AF_UNIX) as opened:  # a path of 108 bytes at most
        opened.bind(place.path.name)


def oversized(place: Place) -> None:
    with place.path.open("wb") as file:
        file.truncate(OVERSIZED)
    place.path.chmod(0o600)


def open_to_all(place: Place) -> None:
    place.path.write_bytes(place.original)
    place.path.chmod(0o666)


def of_another_user(place: Place) -> None:
    place.path.write_bytes(place.original)
    place.path.chmod(0o644)
    os.chown(place.path, NOBODY, NOBODY)


def empty(place: Place) -> None:
    place.path.touch(mode=0o600)


def random_bytes(place: Place) -> None:
    place.path.write_bytes(place.chance.randbytes(3000))
    place.path.chmod(0o600)


def of_the_wrong_type(place: Place) -> None:
    place.path.write_bytes(_WRONG.get(place.path.suffix, _WRONG[""]))
    place.path.chmod(0o600)


Oddity = Callable[[Place], None]

NO_FILE: Final[tuple[Oddity, ...]] = (directory, pipe, dangling_link, link, listening_socket)
WRONG_CONTENT: Final[tuple[Oddity, ...]] = (oversized, empty, random_bytes, of_the_wrong_type)
WRONG_HANDS: Final[tuple[Oddity, ...]] = (open_to_all, *((of_another_user,) if os.geteuid() == 0 else ()))
"""Only root can give files away."""
ODDITIES: Final = (*NO_FILE, *WRONG_CONTENT, *WRONG_HANDS)
