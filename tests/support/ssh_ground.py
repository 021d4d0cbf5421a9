"""A real sshd, and the ssh that leads to it: a laptop, and the machines that its owner works on.

For root those lie in a network namespace of their own, and their user is another one. For anybody else they are this
machine and this user, in another home folder. Each host is a port of the one sshd, with settings of its own.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.command import LAUNCHER

ROOT: Final = LAUNCHER.parent
LONGEST: Final = 30.0
"""Seconds for one ssh."""

HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "devbox": (),
    "no-sockets": ("AllowStreamLocalForwarding no",),
    "no-forwards": ("AllowTcpForwarding no",),
    "restricted": ("AuthorizedKeysFile {folder}/restricted-keys",),
    "open-mask": ("StreamLocalBindMask 0000",),
    "unlinking": ("StreamLocalBindUnlink yes",),
    "without": ("SetEnv PATH=/usr/bin:/bin {variables}",),
    "login-path": ("SetEnv PATH=/usr/bin:/bin BY_LOGIN=1 {variables}",),
    "older": ("SetEnv PATH={folder}/older:/usr/bin:/bin {variables}",),
    "newer": ("SetEnv PATH={folder}/newer:/usr/bin:/bin {variables}",),
}
"""What `sshd_config` says of each; the first line of a setting counts."""

SHARED: Final = "shared"
"""`devbox` by a connection that ssh keeps and shares."""

_KEYSWITCHES: Final = {
    "bin": f'exec "{sys.executable}" "{LAUNCHER}" "$@"',
    "older": 'echo "Unknown command" >&2; exit 2',
    "newer": """echo "Welcome!"; echo '{"protocol": 2, "version": "7.0", "path": "/tmp/7.sock"}'""",
}

_SSHD: Final = """
HostKey {folder}/host-key
AuthorizedKeysFile {folder}/keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
PrintMotd no
PrintLastLog no
"""

_ELSE: Final = "SetEnv PATH={folder}/bin:/usr/bin:/bin {variables}"
_VARIABLES: Final = "XDG_RUNTIME_DIR={made.runtime} HOME={made.there} PYTHONDONTWRITEBYTECODE=1"

_SHARING: Final = "ControlMaster auto\n    ControlPersist 60\n    ControlPath {folder}/c"
_SSH: Final = """
Host *
    HostName {address}
    User {user}
    HostKeyAlias ground
    IdentityFile {folder}/key
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known-hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
    ControlPath none
"""


@dataclass(frozen=True)
class Ground:
    """What a test has to do with: *there* is the remote home folder, *runtime* what the system gives its user."""

    folder: Path
    there: Path
    runtime: Path
    user: int
    network: str = ""
    """The name of its network namespace; "" where there is none."""

    @property
    def variables(self) -> dict[str, str]:
        """With these, `ssh` knows the hosts."""
        return {"PATH": f"{self.folder / 'ssh-bin'}{os.pathsep}{os.environ['PATH']}"}

    @property
    def _ssh(self) -> str:
        return str(self.folder / "ssh-bin" / "ssh")

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`ssh WORDS`, to its end."""
        return subprocess.run(
            [self._ssh, *words],
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )

    def keyswitch(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`keyswitch ARGUMENTS`, typed on devbox."""
        return self.ssh("devbox", shlex.join(["keyswitch", *arguments]))

    @contextmanager
    def connected(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """`ssh WORDS`, from the moment at which forwards are there; what it prints next is its end."""
        with self.running(*words, "echo connected; exec cat") as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == "connected\n", process.stderr.read()
            yield process

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """`ssh WORDS`, killed at the end."""
        with subprocess.Popen(
            [self._ssh, *words],
            env={**os.environ, **self.variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def place(self, name: str) -> str:
        """A path for a socket there."""
        return str(self.runtime / name)


@contextmanager
def ground(sshd: str, ip: str | None) -> Iterator[Ground]:
    """*sshd* and *ip* are the programs; without the latter there is no namespace."""
    with TemporaryDirectory(prefix="ks-ssh-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        user = 20_000 + 2 * (os.getpid() % 20_000) if ip else os.getuid()
        made = Ground(folder, folder / "there", folder / "run", user, f"keyswitch-{os.getpid()}" if ip else "")
        address = stack.enter_context(_network(ip, made.network)) if ip else "127.0.0.1"
        ports = dict(zip(HOSTS, free_ports(len(HOSTS)), strict=True))
        _write(made, address, ports)
        words = [sshd, "-D", "-e", "-f", str(folder / "sshd-config")]
        if ip:
            words = [
                ip,
                "netns",
                "exec",
                made.network,
                "sh",
                "-ec",
                "\n".join((*_views(made), f"exec {shlex.join(words)}")),
            ]
        with subprocess.Popen(words, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
            try:
                _listening(process, len(ports))
                yield made
            finally:
                process.terminate()


def _write(made: Ground, address: str, ports: Mapping[str, int]) -> None:
    folder = made.folder
    user = "ana" if made.network else pwd.getpwuid(made.user).pw_name
    variables = _VARIABLES.format(made=made)
    known = {"folder": folder, "address": address, "user": user, "variables": variables}
    keygen = shutil.which("ssh-keygen") or "ssh-keygen"
    for key in ("host-key", "key"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    public = (folder / "key.pub").read_text()
    (folder / "keys").write_text(public)
    (folder / "restricted-keys").write_text(f"restrict {public}")
    (folder / "known-hosts").write_text(f"ground {(folder / 'host-key.pub').read_text()}")
    for place, script in _KEYSWITCHES.items():
        _program(folder / place / "keyswitch", script)
    _program(folder / "ssh-bin" / "ssh", f'exec /usr/bin/ssh -F {folder}/ssh-config "$@"')
    blocks = [f"ListenAddress {address}:{port}" for port in ports.values()]
    for host, port in ports.items():
        blocks += [f"Match LocalPort {port}", *(line.format(**known) for line in HOSTS[host])]
    (folder / "sshd-config").write_text(
        "\n".join((_SSHD.format(**known), *blocks, "Match all", _ELSE.format(**known), ""))
    )
    hosts = [f"Host {host}\n    Port {port}" for host, port in ports.items()]
    hosts.append(f"Host {SHARED}\n    Port {ports['devbox']}\n    {_SHARING.format(**known)}")
    (folder / "ssh-config").write_text("\n".join((*hosts, _SSH.format(**known))))

    for private in (made.there, made.runtime):
        private.mkdir(mode=0o700)
    (made.there / ".profile").write_text(f'[ -z "$BY_LOGIN" ] || PATH="{folder}/bin:$PATH"\n')
    for path in (made.there, made.runtime, made.there / ".profile"):
        os.chown(path, made.user, -1)


def _program(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def free_ports(count: int) -> list[int]:
    """Free ones, which nobody else is given meanwhile."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def _listening(process: subprocess.Popen[str], count: int) -> None:
    """Wait until it does; what it says later is read as well, or it would wait for that."""
    assert process.stderr
    said: list[str] = []
    while len([line for line in said if line.startswith("Server listening")]) < count:
        line = process.stderr.readline()
        assert line, "".join(said)
        said.append(line)
    threading.Thread(target=process.stderr.read, daemon=True).start()


@contextmanager
def _network(ip: str, name: str) -> Iterator[str]:
    """A namespace of that *name* beside this one; the address in it."""
    third = os.getpid() % 250
    here, there, link = f"10.214.{third}.1", f"10.214.{third}.2", f"ks{os.getpid()}"
    try:
        for line in (
            f"netns add {name}",
            f"link add {link} type veth peer name laptop netns {name}",
            f"addr add {here}/30 dev {link}",
            f"link set {link} up",
            f"-n {name} addr add {there}/30 dev laptop",
            f"-n {name} link set lo up",
            f"-n {name} link set laptop up",
        ):
            subprocess.run([ip, *line.split()], check=True)
        yield there
    finally:
        for pid in subprocess.run(
            [ip, "netns", "pids", name], capture_output=True, text=True, check=False
        ).stdout.split():
            os.kill(int(pid), 9)
        # By itself the link would go some time after its namespace, and the next ground would find it there.
        subprocess.run([ip, "link", "delete", link], check=False)
        subprocess.run([ip, "netns", "delete", name], check=False)


def _views(made: Ground) -> Iterator[str]:
    """Lines of a shell in a mount namespace of its own: an account for the user, and Python where all may go."""
    passwd = made.folder / "passwd"
    passwd.write_text(f"{Path('/etc/passwd').read_text()}ana:*:{made.user}:{made.user}::{made.there}:/bin/sh\n")
    yield f"mount --bind {passwd} /etc/passwd"
    yield "mkdir -p /run/sshd"
    hidden = [path for path in (ROOT, Path(sys.prefix), Path(sys.base_prefix)) if _closed_above(path)]
    for number, path in enumerate(hidden):
        yield f"mkdir {made.folder}/view{number}; mount --bind {path} {made.folder}/view{number}"
    for closed in sorted({above for path in hidden if (above := _closed_above(path))}):
        yield f"mount -t tmpfs -o mode=755 none {closed}"
    for number, path in enumerate(hidden):
        yield f"mkdir -p {path}; mount --bind {made.folder}/view{number} {path}"


def _closed_above(path: Path) -> Path | None:
    """The outermost folder on the way to *path* that only its owner may enter."""
    return next((one for one in (*reversed(path.parents), path) if not one.stat().st_mode & 0o001), None)
