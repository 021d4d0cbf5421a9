"""Whether the files of the home folder can be read and written, and belong to their owner alone."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from adapters.files.hard_links import other_names
from adapters.files.home_files import ACCOUNTS_FILE, AUTH_FILE, BACKUP_FILE, BESIDE_FILE, backup_path, store_path
from adapters.files.locks import has_locks
from adapters.files.private_file import OTHERS
from adapters.session_store.document import FileState
from adapters.session_store.reading_records import StoreReader
from application.ports.config_store import ConfigStore
from application.ports.earlier_sign_ins import EarlierSignIns
from domain.errors import ConfigError, StoreError, StoreNewer
from domain.finding import Area, Finding, ok, problem, warning
from domain.provider import Provider

_ROOM: Final = 1024 * 1024
"""Bytes; a store of thirty sessions takes a third."""

_NO_UNNAMED: Final = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EISDIR, errno.EINVAL})
"""What file systems and kernels answer that have no files without a name."""

SECRET_FILES: Final = (
    AUTH_FILE, BACKUP_FILE, BESIDE_FILE, f"{BESIDE_FILE}.bak", "master.key", "conversations.db", "ledger.db",
    "events.jsonl",
)  # fmt: skip
"""What others must not read."""


class ConfigProbe:
    """Reads the config as every command does, and each provider's settings as a sign-in would."""

    area = Area.CONFIG

    def __init__(self, *, config: ConfigStore, notices_of: Callable[[Provider], tuple[str, ...]]) -> None:
        """*notices_of* checks the settings of a provider, and raises `ConfigError` where they make no sense."""
        self._config = config
        self._notices_of = notices_of

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        try:
            settings = self._config.read()
            self._config.limits()
            notices = [*settings.notices, *(notice for provider in Provider for notice in self._notices_of(provider))]
        except ConfigError as error:
            yield problem(Area.CONFIG, str(error), f"edit {error.path}")
            return
        yield ok(Area.CONFIG, "can be read" if notices else "can be read, and makes sense")
        for notice in notices:
            yield warning(Area.CONFIG, notice)


class StoreProbe:
    """Reads what is stored without its secrets, and proves that the folder can be written without a trace in it."""

    area = Area.STORE

    def __init__(self, *, home: Path, reader: StoreReader, earlier_sign_ins: EarlierSignIns) -> None:
        self._home = home
        self._reader = reader
        self._earlier_sign_ins = earlier_sign_ins

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        if not os.path.lexists(self._home):
            yield self._to_be_made()
            return
        yield from self._read()
        yield from self._left()
        yield from _writable(self._home)
        yield from _lockable(self._home)
        yield from self._open_to_others()
        for name in (*SECRET_FILES, ACCOUNTS_FILE):
            if said := other_names(self._home / name):
                yield warning(Area.STORE, said)

    def _to_be_made(self) -> Finding:
        above = next(folder for folder in self._home.parents if folder.exists())
        if os.access(above, os.W_OK | os.X_OK):
            return ok(Area.STORE, f"nothing is stored yet; {self._home} will be made at the first sign-in")
        what = f"{self._home} is not there, and nothing can be made in {above}"
        return problem(Area.STORE, what, "set CODE_HOME to a folder of yours")

    def _read(self) -> Iterator[Finding]:
        try:
            stored, damaged = self._reader.records(), self._reader.damaged()
        except StoreNewer as error:
            yield problem(Area.STORE, str(error), "update keyswitch")
            return
        except StoreError as error:
            yield problem(Area.STORE, str(error), f"move {error.path} aside{self._what_then(error)}")
            return
        count = f"{len(stored)} sign-in{'' if len(stored) == 1 else 's'}"
        yield self._standing(count)
        for one in damaged:
            # A sign-in takes the place of what it cannot be told whose it is, too.
            fix = f"keyswitch login {one.key.provider}" if one.key else "keyswitch login, to whichever is missing"
            yield problem(Area.STORE, str(one.error), fix)
        for notice in self._reader.notices():
            yield warning(Area.STORE, notice, "keyswitch refresh" if "put back" in notice else "")

    def _left(self) -> Iterator[Finding]:
        """What other programs put into the home folder, and nothing can be made of."""
        for sign_in in self._earlier_sign_ins.found():
            if sign_in.why:
                whose = f"a {sign_in.provider.label} sign-in" if sign_in.provider else "something of another program"
                fix = f"keyswitch login {sign_in.provider}" if sign_in.provider else ""
                yield warning(Area.STORE, f"{whose} in {sign_in.place} is left where it is: {sign_in.why}", fix)

    def _what_then(self, error: StoreError) -> str:
        store = store_path(self._home)
        copied = error.path == str(store) and os.path.isfile(backup_path(store))  # noqa: PTH113 - pathlib raises where the folder may not be entered
        return ": its last good copy counts then" if copied else " and sign in again"

    def _standing(self, count: str) -> Finding:
        path = store_path(self._home)
        match self._reader.file_state():
            case FileState.EARLIER:
                return ok(
                    Area.STORE,
                    f"{count} of an earlier program in {path}, to be taken over",
                )
            case FileState.OTHERS:
                return warning(Area.STORE, f"{path} is another program's and stays; nothing of yours is stored yet")
            case FileState.REPLACED:
                what = f"{path} is another program's; the last good copy of yours counts ({count})"
                return warning(Area.STORE, what, "keyswitch refresh")
            case FileState.GONE:
                return warning(Area.STORE, f"{path} is gone; its last good copy counts ({count})", "keyswitch refresh")
            case _:
                return ok(Area.STORE, f"{count} in {path}")

    def _open_to_others(self) -> Iterator[Finding]:
        """The store closes such files itself when it writes next; until then others may read them."""
        if sys.platform == "win32":  # permissions are kept elsewhere there
            return
        for path in (self._home, *(self._home / name for name in SECRET_FILES)):
            try:
                status = path.stat(follow_symlinks=False)
            except OSError:
                continue
            if path != self._home and not stat.S_ISREG(status.st_mode):
                yield problem(Area.STORE, f"{path} is no regular file, and is not used", f"move {path} aside")
            elif status.st_uid != os.geteuid():
                yield problem(Area.STORE, f"{path} belongs to another user", f"sudo chown {os.geteuid()} {path}")
            elif status.st_mode & OTHERS:
                mode = stat.S_IMODE(status.st_mode)
                yield warning(Area.STORE, f"{path} is open to others (mode {mode:04o})", f"chmod go= {path}")


def _writable(folder: Path) -> Iterator[Finding]:
    """By a file without a name, which is gone with its descriptor; the folder never shows it."""
    try:
        _write_unnamed(folder)
    except OSError as error:
        what = f"nothing can be written in {folder} ({error.strerror})"
        yield problem(Area.STORE, what, "free some space, or make the folder writable, or set CODE_HOME to another")
    else:
        yield ok(Area.STORE, f"{folder} can be written")


def _lockable(folder: Path) -> Iterator[Finding]:
    try:
        if not has_locks(folder):
            what = f"{folder} is on a file system without locks; files that name their owner stand in for them"
            yield warning(Area.STORE, what, "set CODE_HOME to a folder on a local disk")
    except OSError:
        return  # what cannot be opened is told of already


def _write_unnamed(folder: Path) -> None:
    """Raises OSError where a file of a few hundred kilobytes could not be kept."""
    unnamed = getattr(os, "O_TMPFILE", 0)
    if not unnamed:
        _ask(folder)
        return
    try:
        descriptor = os.open(folder, unnamed | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in _NO_UNNAMED:
            raise
        _ask(folder)
        return
    try:
        os.posix_fallocate(descriptor, 0, _ROOM)
    finally:
        os.close(descriptor)


def _ask(folder: Path) -> None:
    """Where there are no files without a name, the permission bits have to do."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
