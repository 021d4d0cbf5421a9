"""Where a session is at home: in the folder, on the machine, in which its tokens were obtained or last renewed.

    "home": {"path": "/home/ana/.code", "machine": "1b2c3d4e", "host": "laptop", "inode": 1234}

It stands among the notes of a record. A copy of the folder brings it along, and so tells that it is one: a refresh
token that two places spend ends the session in both. It guards against accidents alone, and is not part of the seal.
`docs/decisions/0020-a-copied-home-asks.md` has the rule.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from adapters.json.check_sums import check_sum
from adapters.json.json_members import BadRecord, typed_member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MACHINE_IDS: Final = ("/etc/machine-id", "/var/lib/dbus/machine-id")


def place_of(home: Path) -> dict[str, Any]:
    """The note for what is obtained in *home* now."""
    try:
        inode = home.stat().st_ino
    except OSError:
        inode = 0
    return {"path": os.path.realpath(home), "machine": machine(), "host": _host(), "inode": inode}


def at_home_elsewhere(note: object, home: Path, holds_it: Callable[[Path], bool]) -> str:
    """Where the session of *note* is at home, for people; "" where that is *home*, or nobody noted it.

    *holds_it* tells whether a home folder holds that very session, True also where it cannot be looked at. Next to
    nothing is to do where *home* is where it was.
    """
    try:
        members = note if isinstance(note, dict) else {}
        path, there = typed_member(members, "path", str), typed_member(members, "machine", str)
        inode, host = typed_member(members, "inode", int), typed_member(members, "host", str)
    except BadRecord:
        return ""
    if there == machine():
        return path if _is_other_home(path, home, holds_it) else ""
    # The same folder from another machine or container: a network drive, or a volume.
    return "" if inode and inode == place_of(home)["inode"] else f"{path} on {host}"


def is_same_machine(note: Mapping[str, Any]) -> bool:
    """Whether the place of *note* is on this machine, where it can be told that it is the place no longer."""
    return note.get("machine") == machine()


def _is_other_home(path: str, home: Path, holds_it: Callable[[Path], bool]) -> bool:
    """Whether there is another home at *path*, of this machine, with the same session: else *home* was moved."""
    if path == os.path.realpath(home):
        return False
    try:
        if Path(path).samefile(home):
            return False
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return holds_it(Path(path))


@cache
def machine() -> str:
    """A check sum of what tells this machine from others: its id, which a boot does not change, else its name."""
    for path in _MACHINE_IDS:
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - a handful of bytes, for commands that run all day
                found = file.read(64).strip()
        except OSError:
            continue
        if found:
            return check_sum(b"keyswitch " + found)
    return check_sum(b"keyswitch " + _host().encode("utf-8", "surrogatepass"))


def _host() -> str:
    uname = getattr(os, "uname", None)  # Windows has none
    return uname().nodename if uname else os.environ.get("COMPUTERNAME", "another machine")
