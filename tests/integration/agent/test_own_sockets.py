"""A socket or folder that is not its owner's alone is not used, and what a dead agent left is swept."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.agent.control_client import SocketControl
from adapters.agent.own_sockets import OwnSockets
from adapters.forwarding import peer_process
from domain.errors import StoreNotWritable, UsageError


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path: a socket's has no room for pytest's."""
    with tempfile.TemporaryDirectory(prefix="ks") as folder:
        yield Path(folder)


def sockets(place: Path) -> OwnSockets:
    """The sockets of a home, in a folder that the system gave."""
    return OwnSockets(home=place, environ={"XDG_RUNTIME_DIR": str(place)})


def control(place: Path) -> SocketControl:
    """What gives orders to the agent of that home."""
    return SocketControl(home=place, environ={"XDG_RUNTIME_DIR": str(place)})


def test_a_folder_that_others_can_enter_or_that_is_a_link_is_refused(place: Path) -> None:
    folder = place / "keyswitch-agent"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(StoreNotWritable, match="yours alone"):
        sockets(place).prepare()
    folder.rmdir()
    folder.symlink_to(place)
    with pytest.raises(StoreNotWritable, match="yours alone"):
        sockets(place).prepare()


def test_what_a_dead_agent_left_is_swept_and_what_is_anothers_stays(place: Path) -> None:
    mine = sockets(place)
    mine.prepare()
    with mine.listen(mine.fresh()), mine.listen(mine.control):
        other = mine.folder / "00000000-control.sock"
        other.touch()
        assert len(list(mine.folder.iterdir())) == 3

        mine.prepare()

    assert [path.name for path in mine.folder.iterdir()] == [other.name]


def test_a_planted_socket_gets_no_order(place: Path) -> None:
    mine = sockets(place)
    with pytest.raises(UsageError, match="No agent runs"):
        control(place).state()
    mine.prepare()
    mine.control.touch()
    with pytest.raises(UsageError, match="no socket"):
        control(place).state()
    mine.control.unlink()
    with mine.listen(mine.control):
        assert mine.control.stat().st_mode & 0o777 == 0o600
        mine.control.chmod(0o777)
        with pytest.raises(UsageError, match="not yours alone"):
            control(place).state()
        mine.control.chmod(0o600)
    with pytest.raises(UsageError, match="No agent runs"):
        control(place).state()


def test_another_user_at_the_other_end_is_nobody(mocker: MockerFixture) -> None:
    one, other = socket.socketpair()
    with one, other:
        mine = peer_process.own_peer(one)
        foreign = mocker.Mock(spec=socket.socket)
        foreign.getsockopt.return_value = struct.pack("3i", os.getpid(), os.geteuid() + 1, 0)

        assert mine is not None
        assert (mine.pid, mine.started > 0) == (os.getpid(), True)
        assert peer_process.own_peer(foreign) is None
