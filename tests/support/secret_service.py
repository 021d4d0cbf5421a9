"""A real Secret Service: gnome-keyring on a D-Bus session of its own, in a home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PASSWORD: Final = "fake-login-password"
_PROGRAMS: Final = {"gnome-keyring-daemon": "gnome-keyring", "dbus-daemon": "dbus", "secret-tool": "libsecret-tools"}
"""With the Debian packages that have them."""
_LONGEST: Final = 30.0
"""Seconds that a step of the set-up may take."""

_LOCK: Final = """
import secretstorage
with secretstorage.dbus_init() as bus:
    secretstorage.get_collection_by_alias(bus, "default").lock()
"""


_UNLOCK: Final = """
import sys
import secretstorage
from secretstorage.util import DBusAddressWrapper, format_secret, open_session
with secretstorage.dbus_init() as bus:
    collection = secretstorage.get_collection_by_alias(bus, "default")
    password = format_secret(open_session(bus), sys.stdin.read().encode(), "text/plain")
    inner = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"  # unlocks without a window
    service = DBusAddressWrapper("/org/freedesktop/secrets", inner, bus)
    service.call("UnlockWithMasterPassword", "o(oayays)", collection.collection_path, password)
"""

_WAIT: Final = """
from jeepney import MatchRule, message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection
name = "org.freedesktop.secrets"
appeared = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
appeared.add_arg_condition(0, name)
with open_dbus_connection() as connection:
    bus = Proxy(message_bus, connection)
    with connection.filter(appeared) as signals:
        bus.AddMatch(appeared)
        if not bus.NameHasOwner(name)[0]:
            connection.recv_until_filtered(signals, timeout=30)
"""


@dataclass
class SecretService:
    """A desktop session with a keyring, for one test."""

    variables: dict[str, str]
    """What a program of the session has in its environment."""
    bus: subprocess.Popen[str]
    daemon: subprocess.Popen[bytes]
    tool: str
    """The path of `secret-tool`."""

    def lock(self) -> None:
        """As a screen that locks itself does."""
        self._run(sys.executable, "-c", _LOCK)

    def unlock(self) -> None:
        """As a login does."""
        self._run(sys.executable, "-c", _UNLOCK, typed=PASSWORD)

    def lookup(self, service: str, username: str) -> str:
        """What an entry holds, by a program that has nothing to do with keyswitch; "" if there is none."""
        return self._run(self.tool, "lookup", "service", service, "username", username, check=False)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the daemon answer nobody for a while."""
        self.daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.daemon.send_signal(signal.SIGCONT)

    def _run(self, *command: str, typed: str = "", check: bool = True) -> str:
        done = subprocess.run(
            command,
            env={**os.environ, **self.variables},
            input=typed,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=check,
        )
        return done.stdout


@contextmanager
def secret_service(find: Callable[[str, str], str]) -> Iterator[SecretService]:
    """Start one, unlocked, and end it with the context. *find* is the fixture `system_program`."""
    programs = {name: find(name, package) for name, package in _PROGRAMS.items()}
    folder = Path(tempfile.mkdtemp(prefix="ks-"))  # short: a socket's path has room for a hundred characters
    home, runtime = folder / "home", folder / "run"
    for needed in (home / ".cache", home / ".local" / "share", runtime):
        needed.mkdir(parents=True, mode=0o700)
    variables = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "PYTHON_KEYRING_BACKEND": ""}
    bus = subprocess.Popen(
        [programs["dbus-daemon"], "--session", "--nofork", "--nopidfile", "--print-address"],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert bus.stdout is not None
        variables["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        with _daemon(programs["gnome-keyring-daemon"], variables) as daemon:
            yield SecretService(variables, bus, daemon, programs["secret-tool"])
    finally:
        bus.kill()
        bus.communicate(timeout=_LONGEST)
        shutil.rmtree(folder)


@contextmanager
def _daemon(program: str, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The keyring, which takes the password of a new login keyring from standard input."""
    daemon = subprocess.Popen(
        [program, "--foreground", "--unlock", "--components=secrets"],
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert daemon.stdin is not None
        daemon.stdin.write(PASSWORD.encode())
        daemon.stdin.close()
        daemon.stdin = None
        subprocess.run([sys.executable, "-c", _WAIT], env={**os.environ, **variables}, timeout=_LONGEST, check=True)
        yield daemon
    finally:
        daemon.kill()
        daemon.communicate(timeout=_LONGEST)
