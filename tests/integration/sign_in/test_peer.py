"""Who is at the other end of a connection, by each way in which Linux tells it."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.sign_in import peer
from adapters.sign_in.peer import Address, Caller, caller

HERE: Address = ("127.0.0.1", 1455)
THERE: Address = ("127.0.0.1", 40000)
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENING = "   0: 0100007F:05AF 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {me} 0 11 1 0 100 0 0 10 0\n"
OURS = "   1: 0100007F:05AF 0100007F:9C40 {state} 00000000:00000000 00:00000000 00000000 {me} 0 12 1 0 20 4 30 10 -1\n"
THEIRS = "   2: 0100007F:9C40 0100007F:05AF {state} 00000000:00000000 00:00000000 00000000 {uid} 0 {inode} 1 0 20 4\n"
OTHER = os.geteuid() + 7


@pytest.fixture
def proc(tmp_path: Path, mocker: MockerFixture) -> Path:
    """Tables that a test writes, on a system without sock_diag."""
    mocker.patch.object(peer, "_by_diagnosis", return_value=None)
    for folder in ("net", "self", "sys/kernel"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "self/uid_map").write_text("         0          0 4294967295\n")
    (tmp_path / "sys/kernel/overflowuid").write_text("65534\n")
    return tmp_path


def tables(proc: Path, *rows: str, six: str = "") -> None:
    (proc / "net/tcp").write_text(HEAD + "".join(rows).replace("{me}", str(os.geteuid())))
    (proc / "net/tcp6").write_text(HEAD + six)


def theirs(uid: int, *, inode: int = 13, state: str = "01") -> str:
    return THEIRS.format(uid=uid, inode=inode, state=state)


@pytest.mark.skipif("sys.platform != 'linux'")
def test_what_the_tables_say_decides(proc: Path) -> None:
    alive, hung_up = OURS.replace("{state}", "01"), OURS.replace("{state}", "08")
    mapped = (
        theirs(OTHER)
        .replace(": 0100007F", f": {'0' * 16}FFFF00000100007F")
        .replace(" 0100007F", f" {'0' * 16}FFFF00000100007F")
    )
    cases: dict[str, tuple[tuple[str, ...], str, Caller]] = {
        "ours": ((LISTENING, alive, theirs(os.geteuid())), "", Caller.WELCOME),
        "root's": ((LISTENING, alive, theirs(0)), "", Caller.WELCOME),
        "another user's": ((LISTENING, alive, theirs(OTHER)), "", Caller.STRANGER),
        "another user's that speaks IPv4 by IPv6": ((LISTENING, alive), mapped, Caller.STRANGER),
        "closed by whoever made it": ((LISTENING, hung_up, theirs(0, inode=0, state="05")), "", Caller.GONE),
        "only half closed": ((LISTENING, hung_up, theirs(os.geteuid(), state="05")), "", Caller.WELCOME),
        "reset": ((LISTENING,), "", Caller.GONE),
        "hung up, and listed no more": ((LISTENING, hung_up), "", Caller.GONE),
        "of no socket of this machine": ((LISTENING, alive), "", Caller.WELCOME),
        "nowhere, in tables that do not know us either": ((), "", Caller.WELCOME),
    }  # fmt: skip
    wrong = []
    for name, (rows, six, expected) in cases.items():
        tables(proc, *rows, six=six)
        if caller(THERE, HERE, proc=proc) is not expected:
            wrong.append(name)
    assert wrong == []


def test_without_tables_nobody_is_a_stranger(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(peer, "_by_diagnosis", return_value=None)
    assert caller(THERE, HERE, proc=tmp_path) is Caller.WELCOME


def test_a_user_without_a_number_in_this_container_is_not_known(proc: Path) -> None:
    tables(proc, LISTENING, OURS.replace("{state}", "01"), theirs(65534))
    assert caller(THERE, HERE, proc=proc) is Caller.STRANGER
    (proc / "self/uid_map").write_text("         0     100000      65536\n")
    assert caller(THERE, HERE, proc=proc) is Caller.WELCOME


@contextmanager
def connected(host: str, *, to: str | None = None) -> Iterator[tuple[socket.socket, Address, Address]]:
    """A connection to *host*, made by a socket of ours to the same address, written as *to*."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.socket(family) as listening,
        socket.socket(socket.AF_INET6 if ":" in (to or host) else family) as calling,
    ):
        listening.bind((host, 0))
        listening.listen()
        calling.connect((to or host, listening.getsockname()[1]))
        accepted, _ = listening.accept()
        with accepted:
            yield calling, accepted.getpeername()[:2], accepted.getsockname()[:2]


@pytest.mark.skipif("sys.platform != 'linux'")
@pytest.mark.parametrize("way", ["sock_diag", "tables"])
def test_a_real_connection_is_known_until_it_hangs_up(way: str, mocker: MockerFixture) -> None:
    if way == "tables":
        mocker.patch.object(peer, "_by_diagnosis", return_value=None)
    for host, to in (("127.0.0.1", None), ("::1", None), ("127.0.0.1", "::ffff:127.0.0.1")):
        for reset in (False, True):
            with connected(host, to=to) as (calling, theirs, ours):
                seen = [caller(theirs, ours)]
                mocker.patch("os.geteuid", return_value=OTHER)
                seen.append(caller(theirs, ours))
                mocker.stopall() if way == "sock_diag" else mocker.patch("os.geteuid", return_value=os.getuid())
                calling.shutdown(socket.SHUT_WR)
                seen.append(caller(theirs, ours))
                if reset:
                    calling.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                calling.close()
                seen.append(caller(theirs, ours))
                other = Caller.STRANGER if os.getuid() else Caller.WELCOME
                assert seen == [Caller.WELCOME, other, Caller.WELCOME, Caller.GONE], (host, to, reset)
