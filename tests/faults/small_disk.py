"""A disk of a few pages, for one home: full, out of inodes, or read-only at will."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.fault_home import at_home_in

PAGE: Final = 4096
"""Bytes that tmpfs gives out at a time."""

SIZE: Final = 512
"""Pages of the disk; a home takes some thirty."""

INODES: Final = 200


class SmallDisk:
    """A tmpfs of its own. What fills it lies beside the home, not in it."""

    def __init__(self, mount: Path) -> None:
        self._mount = mount

    def take(self, home: Path) -> Path:
        """Move the folder *home* to this disk."""
        target = self._mount / home.name
        shutil.copytree(home, target)
        target.chmod(0o700)
        shutil.rmtree(home)
        at_home_in(target)
        return target

    @contextmanager
    def filled(self, free: int) -> Iterator[None]:
        """Fill the disk but for *free* pages."""
        filler = self._mount / "filler"
        status = shutil.disk_usage(self._mount)
        filler.write_bytes(bytes(max(status.free - free * PAGE, 0)))
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def without_inodes(self) -> Iterator[None]:
        """Leave room for bytes, and for no file."""
        folder = self._mount / "fillers"
        folder.mkdir()
        count = 0
        try:
            while True:
                (folder / str(count)).touch()
                count += 1
        except OSError:
            pass
        try:
            yield
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As after an error of the disk."""
        _run("mount", "-o", "remount,ro", str(self._mount))
        try:
            yield
        finally:
            _run("mount", "-o", "remount,rw", str(self._mount))


@contextmanager
def small_disk(mount: Path) -> Iterator[SmallDisk]:
    """Mount it at *mount* until the context ends; needs root."""
    mount.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={SIZE * PAGE},nr_inodes={INODES},mode=0700", "tmpfs", str(mount))
    try:
        yield SmallDisk(mount)
    finally:
        _run("umount", "--lazy", str(mount))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
