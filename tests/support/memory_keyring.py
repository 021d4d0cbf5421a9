from __future__ import annotations

from adapters.master_key.keyring_call import KeyringAnswer

BACKEND = "keyring.backends.SecretService.Keyring"


class MemoryKeyring:
    """A keyring that is only remembered. `trouble` is what every call is answered with instead."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.trouble: KeyringAnswer | None = None
        self.calls: list[str] = []

    def get(self, entry: str, *, backend: str) -> KeyringAnswer:
        self.calls.append("get")
        if self.trouble is not None:
            return self.trouble
        value = self.entries.get(entry)
        return KeyringAnswer("missing") if value is None else KeyringAnswer("ok", backend=BACKEND, value=value)

    def put(self, entry: str, value: str) -> KeyringAnswer:
        self.calls.append("put")
        if self.trouble is not None:
            return self.trouble
        self.entries[entry] = value
        return KeyringAnswer("ok", backend=BACKEND)

    def delete(self, entry: str, *, backend: str) -> KeyringAnswer:
        self.calls.append("delete")
        if self.trouble is not None:
            return self.trouble
        self.entries.pop(entry, None)
        return KeyringAnswer("ok", backend=BACKEND)


LOCKED = KeyringAnswer("locked")
TIMED_OUT = KeyringAnswer("timed out")
NONE_HERE = KeyringAnswer("unusable", "there is no D-Bus session, and with it no keyring")
FORGETFUL = KeyringAnswer("unusable", "the keyring did not give back what it was given")
