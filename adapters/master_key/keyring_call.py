"""Calls to the operating system's keyring that end in time, whatever the keyring does.

Unlocking a keyring may wait for a password that nobody is there to type, in C code that nothing in this process could
interrupt. So each call is made by `keyring_helper.py` in a process of its own, which is killed when its time is up.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, Protocol

from adapters.master_key.note import KEYRINGS
from adapters.system.child_environment import child_environment
from domain.records import dataclass, field

CALL_SECONDS: Final = 3.0
"""From the moment that the helper has loaded its code to its answer."""

_LOADING_SECONDS: Final = 10.0
"""For an interpreter and its imports, which need no keyring but may wait for a slow disk."""

_ENDING_SECONDS: Final = 0.5
SERVICE: Final = "keyswitch"
"""The name under which the keyring shows our entries."""

_HELPER: Final = Path(__file__).with_name("keyring_helper.py")
_TIMED_OUT: Final[object] = {"outcome": "timed out"}
_MISLEADING: Final = "KEYRING_PROPERTY_"
"""How the variables begin by which `keyring` lets itself be sent elsewhere."""


@dataclass(frozen=True, slots=True)
class KeyringAnswer:
    """How one call of the keyring ended."""

    outcome: str
    """`ok`, `missing`, `locked`, `unusable` or `timed out`."""
    detail: str = ""
    """Why, as a part of a sentence."""
    backend: str = ""
    """The back end that was used, one of `KEYRINGS`."""
    value: str = field(default="", repr=False)


class Keyring(Protocol):
    """The keyring, one call a method. None of them raises; the answer says what happened."""

    def get(self, entry: str, *, backend: str) -> KeyringAnswer:
        """What *entry* holds in that *backend*, or in the fittest one if that is ""."""
        ...

    def put(self, entry: str, value: str) -> KeyringAnswer:
        """Store *value* in the fittest back end and read it back."""
        ...

    def delete(self, entry: str, *, backend: str) -> KeyringAnswer:
        """Take *entry* away, and make sure that it is gone; `ok` where there was none."""
        ...


class SystemKeyring:
    """The keyring of the operating system. *environ* is the process environment, read at each call."""

    def __init__(self, *, environ: Mapping[str, str], seconds: float = CALL_SECONDS) -> None:
        self._environ = environ
        self._seconds = seconds

    def get(self, entry: str, *, backend: str) -> KeyringAnswer:
        return self._call({"do": "get", "entry": entry}, backend)

    def put(self, entry: str, value: str) -> KeyringAnswer:
        return self._call({"do": "put", "entry": entry, "value": value}, "")

    def delete(self, entry: str, *, backend: str) -> KeyringAnswer:
        return self._call({"do": "delete", "entry": entry}, backend)

    def _call(self, request: dict[str, Any], backend: str) -> KeyringAnswer:
        allowed = _allowed()
        asked = self._environ.get("PYTHON_KEYRING_BACKEND", "").strip()
        if asked and asked not in allowed:  # also how people turn keyrings off, so no other is looked for
            return KeyringAnswer("unusable", "PYTHON_KEYRING_BACKEND asks for a back end that keyswitch does not use")
        if backend and backend not in allowed:
            return KeyringAnswer("unusable", "this system has no keyring of the kind that keeps the key")
        if sys.platform not in ("darwin", "win32") and not self._environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return KeyringAnswer("unusable", "there is no D-Bus session, and with it no keyring")
        chosen = [backend or asked] if backend or asked else allowed
        request |= {"service": SERVICE, "backends": chosen, "choose": not backend and not asked}
        environment = child_environment(self._environ)
        environment = {name: value for name, value in environment.items() if not name.startswith(_MISLEADING)}
        return _parsed(_run(request, environment, self._seconds))


def _allowed() -> list[str]:
    """The back ends of `KEYRINGS` that this system has."""
    own = {"darwin": ("keyring.backends.macOS.",), "win32": ("keyring.backends.Windows.",)}
    others = ("keyring.backends.SecretService.", "keyring.backends.libsecret.", "keyring.backends.kwallet.")
    return [name for name in KEYRINGS if name.startswith(own.get(sys.platform, others))]


def _parsed(document: object) -> KeyringAnswer:
    if document is None:
        return KeyringAnswer("unusable", "the helper that asks the keyring gave no answer")
    if not isinstance(document, dict) or not all(isinstance(member, str) for member in document.values()):
        return KeyringAnswer("unusable", "the helper that asks the keyring gave an answer that makes no sense")
    known = {name: document[name] for name in ("outcome", "detail", "backend", "value") if name in document}
    return KeyringAnswer(**{"outcome": "unusable", **known})


def _run(request: dict[str, Any], environment: dict[str, str], seconds: float) -> object:
    """What the helper answers; `timed out` in its place if it does not in time, None if it ends without."""
    try:
        # A session of its own: Ctrl+C at this terminal must not kill it between writing and reading back.
        helper = subprocess.Popen(
            [sys.executable, "-I", str(_HELPER), *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        return {"outcome": "unusable", "detail": f"the helper that asks the keyring cannot start ({error.strerror})"}
    answer = _TIMED_OUT
    try:
        answer = _asked(helper, request, seconds)
        return answer
    finally:
        _end(helper, patience=0 if answer is _TIMED_OUT else _ENDING_SECONDS)


def _asked(helper: subprocess.Popen[bytes], request: dict[str, Any], seconds: float) -> object:
    next_line = _lines(helper.stdout)
    try:
        with suppress(OSError):  # it is gone; what it said, if anything, tells
            _feed(helper.stdin, request)
        if next_line(_LOADING_SECONDS) != b"ready\n":
            return None
        return json.loads(next_line(seconds))
    except queue.Empty:
        return _TIMED_OUT
    except ValueError:
        return None


def _feed(stream: IO[bytes] | None, request: dict[str, Any]) -> None:
    if stream is not None:
        stream.write(json.dumps(request).encode("ascii") + b"\n")
        stream.close()


def _lines(stream: IO[bytes] | None) -> Callable[[float], bytes]:
    """How to wait for the next line; a daemon reads, as pipes have no time limit on every system."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        if stream is not None:
            with suppress(OSError, ValueError), stream:
                for line in iter(stream.readline, b""):
                    lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, name="keyswitch-keyring", daemon=True).start()
    return lambda seconds: lines.get(timeout=seconds)


def _end(helper: subprocess.Popen[bytes], *, patience: float) -> None:
    """Let it end by itself for *patience* seconds, then kill it; never wait for long."""
    if helper.stdin is not None:
        with suppress(OSError):
            helper.stdin.close()
    for seconds in (patience, _ENDING_SECONDS):
        with suppress(subprocess.TimeoutExpired):
            helper.wait(seconds)
            return
        helper.kill()
