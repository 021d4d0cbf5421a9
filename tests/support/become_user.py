"""What the child processes of the file tests do first: become another user, with another mask, or do it all wrong."""

from __future__ import annotations

import ctypes
import os
from functools import partial
from pathlib import Path
from typing import Final

NOBODY: Final = 65534
"""The user of nobody's files; root is held back by no permission bits."""

_PR_SET_KEEPCAPS: Final = 8
_PR_CAPBSET_READ: Final = 23
_PR_CAPBSET_DROP: Final = 24
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAPABILITIES_V3: Final = 0x20080522
_CAP_DAC_READ_SEARCH: Final = 2
"""Read all: Python and its libraries may lie where only root can go, and parts of them are imported late. To write, to
make or to change the mode of a file it is of no use.
"""


def become_nobody(mask: int) -> None:
    become(NOBODY, mask)


def become(user: int, mask: int = 0o022, *, with_programs: bool = False) -> None:
    """Be *user*, who may read all; *with_programs* those that it starts may as well."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    os.umask(mask)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    bit = 1 << _CAP_DAC_READ_SEARCH
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    assert libc.capset(header, sets) == 0, os.strerror(ctypes.get_errno())
    if with_programs:
        assert libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0) == 0


def become_helpless(user: int) -> None:
    """Be *user* and nothing more: what is to be imported must be by now."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def write_as_usual(mask: int) -> None:
    """The control: files are written in place and closed to others afterwards, as most programs do."""
    become_nobody(mask)
    from adapters.master_key import in_file
    from adapters.session_store import store_file

    def careless(path: Path, content: bytes) -> None:
        path.write_bytes(content)
        path.chmod(0o600)

    in_file.__dict__["durable_write"] = careless
    store_file.__dict__["durable_write"] = careless


def nobody_with(mask: int, *, careless: bool = False) -> partial[None]:
    """A function that a child process can be sent."""
    return partial(write_as_usual if careless else become_nobody, mask)


def without_privileges() -> None:
    """Stay root by name alone: from the next program on, permission bits hold as for anybody else.

    Python and the sources may lie where only root can go. A process of user 0 that has no capability reads what its
    owner may read there, and is as much a stranger as anybody in a folder of another user.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    capability = 0
    while libc.prctl(_PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:
        assert libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, os.strerror(ctypes.get_errno())
        capability += 1
