"""Which user of this machine is at the other end of a connection on loopback, as far as the system says so.

Linux tells everybody of every connection in the network namespace who made it: of one at a time by sock_diag(7), which
costs nothing, and where that is missing by the tables of proc_net(5). On other systems nothing is known, and everybody
passes: the words and states of a sign-in are secrets all the same.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

from domain.records import dataclass

Address = tuple[str, int]
"""IP address and port."""

_ESTABLISHED: Final = 1
_LISTENING: Final = 10
"""TCP_ESTABLISHED and TCP_LISTEN (Linux, net/tcp_states.h)."""


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a connection, as the system lists it."""

    state: int
    uid: int
    inode: int
    """0 where no process holds it any more; the user may be missing then, which looks like root."""


Look = Callable[[Address, Address], "_End | None"]
"""The end at the first address of the connection to the second one; None where there is none, or none is known."""


class Caller(Enum):
    """What is known of somebody who made a connection."""

    WELCOME = auto()
    """It is the user that keyswitch runs as, or somebody of whom nothing is known. Root as well: it forwards ports
    for others (a container's, WSL's), and nothing can be kept from it anyway."""
    STRANGER = auto()
    """Another user of this machine made it."""
    GONE = auto()
    """Somebody who hung up already made it. No browser does so before the answer, and the system cannot tell any more
    who it was."""


def caller(peer: Address, here: Address, *, proc: Path = Path("/proc")) -> Caller:
    """Who made the connection from *peer* to our end of it, *here*."""
    if sys.platform != "linux":
        return Caller.WELCOME
    theirs, ours = _ends(peer, here, proc)
    if theirs is not None:
        if theirs.uid not in {os.geteuid(), 0, *_unnamed_users(proc)}:
            return Caller.STRANGER
        return Caller.WELCOME if theirs.inode else Caller.GONE
    # Of a living connection that no socket of this machine makes (a virtual machine's host forwards it), or where the
    # system tells nothing, nobody knows. Where only our end is there, and not alive, the other one has hung up.
    return Caller.WELCOME if ours is None or ours.state == _ESTABLISHED else Caller.GONE


def _ends(peer: Address, here: Address, proc: Path) -> tuple[_End | None, _End | None]:
    """Their end of the connection and ours. Ours is looked for last: it is alive only if theirs was there before."""
    for look in (_by_diagnosis, _in_tables(proc)):
        theirs = look(peer, here)
        ours = look(here, peer)
        if theirs is not None and theirs.state == _LISTENING:  # what the kernel names where it has no connection
            theirs = None
        if theirs is not None or ours is not None:
            return theirs, ours
    return None, _HUNG_UP if _lists_listener(here, proc) else None


_HUNG_UP: Final = _End(state=0, uid=0, inode=0)
"""Our end of a connection that was reset: the system does not list it any more."""

# --- sock_diag(7) ----------------------------------------------------------------------------------------------------

_SOCK_DIAG: Final = 4
"""NETLINK_SOCK_DIAG, a protocol of AF_NETLINK (Linux, uapi/linux/netlink.h)."""
_BY_FAMILY: Final = 20
_REQUEST: Final = 1
_HEAD: Final = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, number, sender."""
_QUESTION: Final = struct.Struct("=BBBBI2s2s16s16sI8s")
"""inet_diag_req_v2: family, protocol, extensions, padding, states, ports, addresses, interface, cookie."""
_ANSWER: Final = struct.Struct("=BBBB48sIIIII")
"""inet_diag_msg: family, state, timer, retransmissions, the connection, expiry, two queues, user, inode."""
_ALL_STATES: Final = 0xFFFFFFFF
_NO_COOKIE: Final = b"\xff" * 8


def _by_diagnosis(local: Address, remote: Address) -> _End | None:
    if sys.platform != "linux":
        return None
    (family, one), (_, other) = _packed(local), _packed(remote)
    ports = (port.to_bytes(2, "big") for port in (local[1], remote[1]))
    question = _QUESTION.pack(
        family,
        socket.IPPROTO_TCP,
        0,
        0,
        _ALL_STATES,
        *ports,
        one.ljust(16, b"\0"),
        other.ljust(16, b"\0"),
        0,
        _NO_COOKIE,
    )
    head = _HEAD.pack(_HEAD.size + len(question), _BY_FAMILY, _REQUEST, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
            kernel.settimeout(1.0)  # it answers within the call, or not at all
            kernel.sendall(head + question)
            answer = kernel.recv(4096)
        if _HEAD.unpack_from(answer)[1] != _BY_FAMILY:  # an error: there is none
            return None
        _, state, _, _, _, _, _, _, uid, inode = _ANSWER.unpack_from(answer, _HEAD.size)
    except (OSError, struct.error):
        return None
    return _End(state, uid, inode)


# --- proc_net(5) -----------------------------------------------------------------------------------------------------

_TABLES: Final = ("net/tcp", "net/tcp6")
_NOBODY: Final = "00000000:0000", f"{'0' * 32}:0000"
"""What a listening socket is connected to."""


def _in_tables(proc: Path) -> Look:
    def look(local: Address, remote: Address) -> _End | None:
        table = _table(proc)
        for one, other in zip(_written(local), _written(remote), strict=False):
            for found in _rows(table, f": {one} {other} "):
                return _End(int(found[3], 16), int(found[7]), int(found[9]))
        return None

    return look


def _lists_listener(here: Address, proc: Path) -> bool:
    """Whether the tables can be trusted to hold what is there: our own listening socket must be."""
    table = _table(proc)
    return any(
        any(_rows(table, f": {written} {nobody} {_LISTENING:02X} ")) for written in _written(here) for nobody in _NOBODY
    )


def _table(proc: Path) -> str:
    text = ""
    for name in _TABLES:
        with suppress(OSError):
            text += (proc / name).read_text("ascii", "replace")
    return text


def _rows(table: str, beginning: str) -> Iterator[list[str]]:
    start = table.find(beginning)
    if start >= 0:
        yield table[start : table.find("\n", start)].split()


def _written(address: Address) -> tuple[str, ...]:
    """How the tables write *address*: words of 32 bits in the byte order of the machine. A socket of IPv6 may speak
    IPv4, and stands in the other table then.
    """
    family, packed = _packed(address)
    forms = (packed,) if family == socket.AF_INET6 else (packed, bytes(10) + b"\xff\xff" + packed)
    return tuple(f"{''.join(_words(form))}:{address[1]:04X}" for form in forms)


def _words(packed: bytes) -> list[str]:
    return [f"{int.from_bytes(packed[at : at + 4], sys.byteorder):08X}" for at in range(0, len(packed), 4)]


def _packed(address: Address) -> tuple[socket.AddressFamily, bytes]:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    return family, socket.inet_pton(family, address[0])


# --- user_namespaces(7) ----------------------------------------------------------------------------------------------

_EVERY_USER: Final = ["0", "0", "4294967295"]
"""The map of a user namespace in which every user has a number."""
_USUAL_OVERFLOW: Final = 65534


def _unnamed_users(proc: Path) -> set[int]:
    """The number that stands for all users without one here; none where every user has one."""
    try:
        if (proc / "self/uid_map").read_text("ascii").split() == _EVERY_USER:
            return set()
    except OSError:  # a kernel without user namespaces
        return set()
    try:
        return {int((proc / "sys/kernel/overflowuid").read_text("ascii"))}
    except (OSError, ValueError):
        return {_USUAL_OVERFLOW}
