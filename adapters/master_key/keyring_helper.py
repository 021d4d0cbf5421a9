"""One call to the operating system's keyring, in a process of its own that can be killed.

Run as a script, with the folders to import from as its arguments; reads one JSON object from standard input, writes two
lines to standard output: `ready` once all code is loaded, from where on the caller counts, and one JSON object with the
outcome. Never asks the person anything: a keyring that is locked stays so.

`keyring` would pick its back end by an environment variable, a file and whatever packages are installed, a plain-text
one among them. So none of its choosing is used: the back ends are named by the caller.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import closing, suppress
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import TracebackType

    from keyring.backend import KeyringBackend

_SECRET_SERVICES: Final = ("keyring.backends.SecretService", "keyring.backends.libsecret")
_WALLETS: Final = "keyring.backends.kwallet"


class CallEnded(Exception):
    """Ends the call early; its text says how it ended."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        self.document = {"outcome": outcome, "detail": detail}
        super().__init__(outcome)


def answer(request: dict[str, Any], backends: dict[str, type[KeyringBackend]]) -> dict[str, str]:
    """Carry *request* out with one of the *backends*, by their names.

    `outcome` is `ok`, `missing`, `locked` or `unusable`; `detail` says why, `backend` which one it was.
    """
    try:
        name, backend = _usable(backends)
        _refuse_if_locked(name, backend)
        return {"backend": name} | _done(request, backend)
    except CallEnded as ending:
        return ending.document


def _usable(backends: dict[str, type[KeyringBackend]]) -> tuple[str, KeyringBackend]:
    """The back end that works here and is fittest; asking for a priority is how `keyring` finds out."""
    found = {name: backend.priority for name, backend in backends.items() if backend.viable}
    if not found:
        raise CallEnded("unusable", "there is no keyring here that keyswitch uses")
    best = max(found, key=lambda name: found[name])
    return best, backends[best]()


def _refuse_if_locked(name: str, backend: KeyringBackend) -> None:
    """Find out whether a call would make the keyring ask the person for a password; that could wait for ever."""
    if name.startswith(_SECRET_SERVICES):
        _refuse_if_secret_service_locked()
    elif name.startswith(_WALLETS):
        _refuse_if_wallet_closed(backend)


def _refuse_if_secret_service_locked() -> None:
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        try:
            locked = secretstorage.get_collection_by_alias(bus, "default").is_locked()
        except secretstorage.ItemNotFoundException:
            raise CallEnded("unusable", "the keyring has no default collection") from None
    if locked:
        raise CallEnded("locked")


def _refuse_if_wallet_closed(backend: Any) -> None:
    import dbus

    remote = dbus.SessionBus().get_object(backend.bus_name, backend.object_path)
    wallets = dbus.Interface(remote, "org.kde.KWallet")
    if not wallets.isOpen(wallets.networkWallet()):
        raise CallEnded("locked")


def _done(request: dict[str, Any], backend: KeyringBackend) -> dict[str, str]:
    from keyring.errors import KeyringLocked, PasswordDeleteError

    service, entry = request["service"], request["entry"]
    try:
        match request["do"]:
            case "get":
                value = backend.get_password(service, entry)
                return {"outcome": "missing"} if value is None else {"outcome": "ok", "value": value}
            case "put":
                backend.set_password(service, entry, request["value"])
                if backend.get_password(service, entry) != request["value"]:
                    raise CallEnded("unusable", "the keyring did not give back what it was given")
            case _:
                with suppress(PasswordDeleteError):
                    backend.delete_password(service, entry)
                if backend.get_password(service, entry) is not None:
                    raise CallEnded("unusable", "the keyring did not forget what it was told to")
    except KeyringLocked:
        raise CallEnded("locked") from None
    return {"outcome": "ok"}


def _loaded(names: Iterable[str]) -> dict[str, type[KeyringBackend]]:
    found = {}
    for name in names:
        module, _, member = name.rpartition(".")
        with suppress(ImportError):
            found[name] = getattr(import_module(module), member)
    return found


def _set_by_person() -> str:
    """The back end that `keyringrc.cfg` asks for, or ""; the folder of code that it may name is not used."""
    import configparser

    from keyring.util.platform_ import config_root

    config = configparser.RawConfigParser()
    try:
        config.read(config_root() / "keyringrc.cfg", encoding="utf-8")
        return config.get("backend", "default-keyring", fallback="").strip()
    except (configparser.Error, UnicodeDecodeError):
        return ""


def _wanted(request: dict[str, Any]) -> list[str]:
    """The names to choose from. What a person asks for counts where nothing is remembered, and only from the list."""
    allowed: list[str] = request["backends"]
    asked = _set_by_person() if request["choose"] else ""
    if asked and asked not in allowed:
        raise CallEnded("unusable", "keyringrc.cfg asks for a back end that keyswitch does not use")
    return [asked] if asked else allowed


def main() -> None:
    """Answer one request from standard input, and end."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a back end that prints must not speak for us

    def crashed(kind: type[BaseException], _: BaseException, __: TracebackType | None) -> None:
        """The text of an error may quote what it was about."""
        _say(channel, json.dumps({"outcome": "unusable", "detail": f"its back end failed ({kind.__name__})"}))

    sys.excepthook = crashed
    sys.path[:] = sys.argv[1:]
    from adapters.system.hardening import forbid_debuggers

    forbid_debuggers()  # before a key is there: it may be in the request, or comes with the answer
    request = json.loads(sys.stdin.readline())
    try:
        backends = _loaded(_wanted(request))
    except CallEnded as ending:
        _say(channel, "ready", json.dumps(ending.document))
        return
    _say(channel, "ready")
    _say(channel, json.dumps(answer(request, backends)))


def _say(channel: IO[str], *lines: str) -> None:
    channel.writelines(f"{line}\n" for line in lines)
    channel.flush()


if __name__ == "__main__":
    main()
