"""Where the sockets of forwarded sign-ins lie, and which are swept away."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.forwarding import places
from domain.errors import StoreNotWritable
from domain.version import VERSION
from tests.support.command import Keyswitch


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's."""
    with TemporaryDirectory(prefix="ks-") as folder:
        yield Path(folder)


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def listening(path: Path, sockets: ExitStack) -> socket.socket:
    made = sockets.enter_context(socket.socket(socket.AF_UNIX))
    made.bind(str(path))
    made.listen()
    return made


def test_the_folder_of_the_session_comes_first_and_only_where_it_is_this_users_alone(short: Path) -> None:
    runtime, home = short / "run", short / "home"
    runtime.mkdir(mode=0o700)
    environ = {"XDG_RUNTIME_DIR": str(runtime)}

    assert places.folders(environ, home) == (runtime / "keyswitch", home / "forwarded")
    assert places.folders({}, home) == (home / "forwarded",)
    assert places.folders({"XDG_RUNTIME_DIR": "run"}, home) == (home / "forwarded",)
    runtime.chmod(0o755)
    assert places.folders(environ, home) == (home / "forwarded",)


def test_a_path_is_new_each_time_in_a_folder_that_only_its_owner_enters(short: Path) -> None:
    home = short / "home"

    first, second = places.prepare({}, home), places.prepare({}, home)

    assert first != second
    assert first.parent == second.parent == home / "forwarded"
    assert first.name.startswith(f"{places.host_id()}-")
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert not first.exists()


def test_what_a_connection_left_behind_is_swept_and_all_else_stays(short: Path, sockets: ExitStack) -> None:
    alive, dead = (places.prepare({}, short) for _ in range(2))
    listening(alive, sockets)
    listening(dead, sockets).close()
    of_another = dead.with_name("00000000-000000000000.sock")
    listening(of_another, sockets).close()
    note = dead.with_name("note")
    note.touch()
    os.utime(alive, (1, 1))

    assert places.of_this_host(dead.parent) == (dead, alive)
    places.prepare({}, short)

    assert sorted(dead.parent.iterdir()) == sorted([alive, of_another, note])


def test_a_folder_that_others_reach_holds_no_socket_for_us(short: Path, sockets: ExitStack) -> None:
    path = places.prepare({}, short)
    listening(path, sockets)
    assert places.of_this_host(path.parent) == (path,)

    path.parent.chmod(0o777)
    assert places.of_this_host(path.parent) == ()
    places.prepare({}, short)
    assert path.parent.stat().st_mode & 0o777 == 0o700

    moved = path.parent.rename(short / "elsewhere")
    path.parent.symlink_to(moved)
    assert places.of_this_host(path.parent) == ()
    with pytest.raises(StoreNotWritable, match="symbolic link"):
        places.prepare({}, short)


def test_a_path_that_is_too_long_for_a_socket_is_refused_before_ssh_does(short: Path) -> None:
    with pytest.raises(StoreNotWritable, match="shorter"):
        places.prepare({}, short / ("x" * 80))


def test_a_remote_keyswitch_prints_such_a_path_and_what_it_speaks(short: Path) -> None:
    command = Keyswitch(short / "home", {}, forked=True)

    ended = command("forwarded", "--prepare")

    assert ended.code == 0, ended.err
    assert ended.document["protocol"] == 1
    assert ended.document["version"] == VERSION
    assert Path(ended.document["path"]).parent == command.home / "forwarded"
    assert "forwarded" not in command("--help").out
    assert command("forwarded").code == 2
