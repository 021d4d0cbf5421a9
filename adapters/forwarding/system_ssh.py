"""OpenSSH as the system has it: its settings, its keys, and whatever it asks the person."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from getopt import GetoptError, getopt
from typing import Final

from adapters.forwarding.protocol import VERSION as PROTOCOL
from adapters.json.json_members import BadRecord, typed_member
from adapters.system.child_environment import child_environment
from application.ports.forwarding.secure_shell import Place, Route
from domain.errors import UsageError
from domain.version import VERSION

_OPTIONS: Final = "46AaB:b:Cc:D:E:e:F:fGgI:i:J:KkL:l:Mm:NnO:o:P:p:Q:qR:S:sTtVvW:w:XxYy"
"""Of ssh (OpenSSH 9.2, and `-P` of 9.4); a colon behind one that takes a value."""

_OF_THE_CONNECTION: Final = frozenset("46BbCcEFIiJKklmoPpqSvy")
"""Those that say how to get to a host, and not what to do there."""

_PREPARE: Final = (
    "sh -c 'if command -v keyswitch >/dev/null; then exec keyswitch forwarded --prepare; fi; "
    'exec "${SHELL:-sh}" -lc "command -v keyswitch >/dev/null || exit 127; exec keyswitch forwarded --prepare"\''
)
"""Many a PATH is set for login shells alone, and a command that ssh runs gets none."""

_LONGEST_PATH: Final = 107
"""Bytes that fit into `sun_path` of Linux."""

_READ_BY_SSH: Final = frozenset(":%$\\")
"""What ssh takes for its own in the argument of `-R`."""


class SystemSsh:
    """The `ssh` on the PATH."""

    def __init__(self, *, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def place_on(self, host: str, arguments: Sequence[str]) -> str:
        """As the port says. What ssh or keyswitch there have to say is on the person's terminal by then."""
        # What the person's config wants of a session is not wanted of a question.
        plain = ("-T", "-o", "RemoteCommand=none", "-o", "ClearAllForwardings=yes")
        words = [self._ssh(), *plain, *connecting(arguments), host, _PREPARE]
        with self._started(words, stdout=subprocess.PIPE) as process:
            output = process.communicate()[0]
        if process.returncode:
            raise _unprepared(host, process.returncode)
        return _path_of(_answered(host, output), host)

    def session(self, host: str, arguments: Sequence[str], route: Route) -> int:
        """As the port says: minus a signal where one ended it. A connection that ssh shares keeps no forward of it."""
        forward = ("-R", f"{_plain(route.there, host)}:{_plain(route.here, host)}")
        settings = ("-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15")
        ssh, to_host = self._ssh(), [*connecting(arguments), host]
        shared = self._quietly([ssh, "-O", "check", *to_host]) == 0
        try:
            return self._interactive([ssh, *settings, *forward, host, *arguments])
        finally:
            if shared:
                self._quietly([ssh, "-O", "cancel", *forward, *to_host])

    def _interactive(self, words: Sequence[str]) -> int:
        with self._started(words) as process:
            while True:
                try:
                    return process.wait()
                except KeyboardInterrupt:  # it got the same one, and knows what to do
                    continue

    def _quietly(self, words: Sequence[str]) -> int:
        with self._started(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            return process.wait()

    def _started(
        self, words: Sequence[str], *, stdout: int | None = None, stderr: int | None = None
    ) -> subprocess.Popen[bytes]:
        # A question reads nothing of what the person typed for the session.
        stdin = None if stdout is None else subprocess.DEVNULL
        environment = child_environment(self._environ)
        try:
            return subprocess.Popen(words, stdin=stdin, stdout=stdout, stderr=stderr, env=environment)
        except OSError as error:
            raise _refused(f"ssh cannot be started: {error.strerror}. Nothing is forwarded.") from None

    def _ssh(self) -> str:
        found = shutil.which("ssh", path=self._environ.get("PATH"))
        if found is None:
            raise _refused("No ssh was found on the PATH: install OpenSSH's client. Nothing is forwarded.")
        return found


def connecting(arguments: Sequence[str]) -> list[str]:
    """Those of *arguments* that say how to get to the host; where the command to run there begins, they end.

    Raises:
        UsageError: ssh has no such option, as far as is known here.
    """
    try:
        options, _ = getopt(list(arguments), _OPTIONS)
    except GetoptError as error:
        sentence = f"ssh is not known to have this option: {error.msg}. What it is for can be set in ~/.ssh/config."
        raise _refused(sentence) from None
    kept = (part for option, value in options if option[1] in _OF_THE_CONNECTION for part in (option, value))
    return [part for part in kept if part]


def _answered(host: str, output: bytes) -> Place:
    """What keyswitch said, in the last line of all that the shells there may print."""
    try:
        found = json.loads(output.splitlines()[-1])
        members = found if isinstance(found, dict) else {}
        path, version = typed_member(members, "path", str), typed_member(members, "version", str)
        return Place(path=path, version=version, protocol=typed_member(members, "protocol", int))
    except (IndexError, ValueError, BadRecord):
        sentence = f"{host} answered in another way than keyswitch does. Nothing is forwarded."
        raise _refused(sentence, f"ssh {host} keyswitch --version") from None


def _path_of(place: Place, host: str) -> str:
    if place.protocol != PROTOCOL:
        older, command = ("there", f"ssh {host} keyswitch --version") if place.protocol < PROTOCOL else ("here", "")
        sentence = (
            f"keyswitch {place.version} on {host} speaks version {place.protocol} of what forwards sign-ins, and "
            f"{VERSION} here speaks {PROTOCOL}. Bring the one {older} up to date. Nothing is forwarded."
        )
        raise _refused(sentence, command)
    if not place.path.startswith("/") or len(place.path.encode("utf-8", "replace")) > _LONGEST_PATH:
        raise _refused(f"{host} named a place that no socket can lie at. Nothing is forwarded.")
    return _plain(place.path, host)


def _plain(path: str, host: str) -> str:
    if not path.isprintable() or not _READ_BY_SSH.isdisjoint(path):
        sentence = f"On the way to {host} is a path that ssh would not take for one: {path}. Nothing is forwarded."
        raise _refused(sentence)
    return path


def _unprepared(host: str, code: int) -> UsageError:
    match code:
        case 127:  # as shells end where they find no such command
            sentence = (
                f"{host} knows no command keyswitch: it is not installed there, or not on the PATH of its shells. "
                "Nothing is forwarded. Where it is installed, a link to it helps"
            )
            return _refused(sentence, f"ssh {host} ln -s /PATH/TO/keyswitch .local/bin/keyswitch")
        case 2:  # as keyswitch ends on a command that it does not know
            sentence = f"keyswitch on {host} is older than the forwarding of sign-ins: bring it up to date there."
            return _refused(sentence, f"ssh {host} keyswitch --version")
        case 255:  # as ssh ends where it comes to nothing
            return _refused(f"ssh did not get to {host}; above it says why. Nothing is forwarded.", f"ssh {host}")
        case _:
            sentence = f"keyswitch on {host} made no place for a socket; above it says why. Nothing is forwarded."
            return _refused(sentence, f"ssh {host} keyswitch doctor")


def _refused(sentence: str, command: str = "") -> UsageError:
    return UsageError(sentence, code="not_forwarded", command=command)
