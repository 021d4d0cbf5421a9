"""What a real OpenSSH does with a forwarded socket, as far as keyswitch relies on it or guards against it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.ssh_ground import SHARED, Ground

pytestmark = pytest.mark.slow

STRICT = ("-o", "ExitOnForwardFailure=yes")
REFUSED = "remote port forwarding failed for listen path"
REFUSALS = (REFUSED, "Bad remote forwarding specification")


class Agent:
    """Whatever listens on the laptop: it says its name to each caller, and hears what they say until they go."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.hung_up = threading.Event()
        self._name = name.encode()
        path.unlink(missing_ok=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with caller:
                caller.sendall(self._name)
                while caller.recv(100):
                    pass
            self.hung_up.set()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def agent(there: Ground, name: str = "laptop") -> Iterator[Agent]:
    listening = Agent(there.folder / name, name)
    try:
        yield listening
    finally:
        listening.close()


@contextmanager
def calling(path: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as made:
        made.settimeout(10)
        made.connect(path)
        yield made


def answer(path: str) -> str:
    """Who answers there; in brackets what goes wrong."""
    try:
        with calling(path) as caller:
            return caller.recv(100).decode() or "(nobody)"
    except OSError as error:
        return f"({type(error).__name__})"


def at_last(path: str) -> str:
    """Who answers once the sshd of a connection that is over has noticed; nobody tells when that is."""
    deadline = time.monotonic() + 10
    while (found := answer(path)) in ("(nobody)", "(ConnectionResetError)") and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return found


def test_a_connection_leaves_its_socket_behind_and_the_next_one_needs_another_path(there: Ground) -> None:
    with agent(there) as laptop:
        path = there.place("first.sock")
        forward = ("-R", f"{path}:{laptop.path}")
        with there.connected(*forward, "devbox") as connection:
            assert answer(path) == "laptop"
            assert Path(path).stat().st_mode & 0o777 == 0o600
            connection.communicate("", timeout=10)
        assert (at_last(path), Path(path).is_socket()) == ("(ConnectionRefusedError)", True)

        with there.connected(*forward, "devbox") as connection:  # the session goes on without it
            assert answer(path) == "(ConnectionRefusedError)"
            assert f"Warning: {REFUSED} {path}" in connection.communicate("", timeout=10)[1]
        strict = there.ssh(*STRICT, "-o", "StreamLocalBindUnlink=yes", *forward, "devbox", "true")
        assert (strict.returncode, f"Error: {REFUSED} {path}" in strict.stderr) == (255, True)


def test_a_server_that_unlinks_lets_one_session_steal_the_path_of_another(there: Ground) -> None:
    path = there.place("stolen.sock")
    with (
        agent(there, "one") as one,
        agent(there, "two") as two,
        there.connected("-R", f"{path}:{one.path}", "unlinking") as first,
    ):
        assert answer(path) == "one"
        with there.connected("-R", f"{path}:{two.path}", "unlinking") as second:
            assert answer(path) == "two"
            second.communicate("", timeout=10)
        assert at_last(path) in ("(FileNotFoundError)", "(ConnectionRefusedError)")
        assert first.poll() is None  # and knows nothing of it


def test_paths_and_servers_that_refuse_a_forward_end_a_strict_ssh(there: Ground) -> None:
    long = there.place("x" * 100)
    asked = {
        f"a path of {len(long)} bytes": ("devbox", long),
        "a relative path": ("devbox", "run.sock"),
        "a tilde": ("devbox", "~/run.sock"),
        "an absent folder": ("devbox", there.place("absent/run.sock")),
        **{host: (host, there.place(f"{host}.sock")) for host in ("no-sockets", "no-forwards", "restricted")},
    }
    with agent(there) as laptop:
        ended = {
            case: there.ssh("-v", *STRICT, "-R", f"{path}:{laptop.path}", host, "true")
            for case, (host, path) in asked.items()
        }
    refused = {
        case: one.returncode == 255 and any(word in one.stderr for word in REFUSALS) for case, one in ended.items()
    }
    assert refused == dict.fromkeys(asked, True)
    assert "Server has disabled streamlocal forwarding." in ended["no-sockets"].stderr


def test_a_server_with_an_open_mask_is_guarded_by_the_folder_alone(there: Ground) -> None:
    if not there.network:
        pytest.skip("only root can be another user")
    folder = there.runtime / "guarded"
    there.ssh("devbox", f"mkdir -m 700 {folder}")
    path = str(folder / "open.sock")
    stranger = (
        "import os, socket, sys; os.setgroups([]); os.setgid(30000); os.setuid(int(sys.argv[1]))\n"
        "socket.socket(socket.AF_UNIX).connect(sys.argv[2])"
    )

    def of(user: int) -> str:
        ended = subprocess.run(
            [sys.executable, "-c", stranger, str(user), path], capture_output=True, text=True, check=False
        )
        return (ended.stderr.splitlines() or ["let in"])[-1].partition(":")[0]

    with agent(there) as laptop, there.connected("-R", f"{path}:{laptop.path}", "open-mask"):
        assert Path(path).stat().st_mode & 0o777 == 0o777
        assert (of(there.user), of(there.user + 1)) == ("let in", "PermissionError")
        folder.chmod(0o755)
        there.runtime.chmod(0o755)
        assert of(there.user + 1) == "let in"
        there.runtime.chmod(0o700)


def test_an_agent_may_go_and_come_and_a_killed_ssh_ends_an_answer_at_once(there: Ground) -> None:
    path = there.place("living.sock")
    with there.connected("-R", f"{path}:{there.folder / 'laptop'}", "devbox") as connection:
        assert answer(path) in ("(nobody)", "(ConnectionResetError)")  # nobody listens on the laptop yet
        with agent(there):
            assert answer(path) == "laptop"
        assert answer(path) in ("(nobody)", "(ConnectionResetError)")
        with agent(there) as again:
            assert answer(path) == "laptop"
            again.hung_up.clear()
            with calling(path) as caller:
                assert caller.recv(100) == b"laptop"
                connection.kill()
                assert caller.recv(100) == b""
            assert again.hung_up.wait(10)


def test_a_connection_that_ssh_shares_outlives_whoever_asked_for_the_forward(there: Ground) -> None:
    path = there.place("shared.sock")
    with agent(there) as laptop, ExitStack() as stack:
        forward = ("-R", f"{path}:{laptop.path}")
        assert there.ssh(SHARED, "true").returncode == 0
        stack.callback(there.ssh, "-O", "exit", SHARED)
        assert there.ssh(*forward, SHARED, "true").returncode == 0
        assert answer(path) == "laptop"
        assert there.ssh("-O", "cancel", *forward, SHARED).returncode == 0
        assert answer(path) == "(ConnectionRefusedError)"
        Path(path).unlink()
        assert there.ssh("-O", "forward", *forward, SHARED).returncode == 0
        assert answer(path) == "laptop"
        stack.close()
        assert at_last(path) == "(ConnectionRefusedError)"
