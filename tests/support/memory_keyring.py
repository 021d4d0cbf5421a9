from __future__ import annotations

from adapters.master_key.keyring_call import Answer

BACKEND = "keyring.backends.SecretService.Keyring"


class MemoryKeyring:
    """A keyring that is only remembered. `trouble` is what every call is answered with instead."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.trouble: Answer | None = None
        self.calls: list[str] = []

    def get(self, entry: str, *, backend: str) -> Answer:
        self.calls.append("get")
        if self.trouble is not None:
            return self.trouble
        value = self.entries.get(entry)
        return Answer("missing") if value is None else Answer("ok", backend=BACKEND, value=value)

    def put(self, entry: str, value: str) -> Answer:
        self.calls.append("put")
        if self.trouble is not None:
            return self.trouble
        self.entries[entry] = value
        return Answer("ok", backend=BACKEND)

    def delete(self, entry: str, *, backend: str) -> Answer:
        self.calls.append("delete")
        if self.trouble is not None:
            return self.trouble
        self.entries.pop(entry, None)
        return Answer("ok", backend=BACKEND)


LOCKED = Answer("locked")
TIMED_OUT = Answer("timed out")
NONE_HERE = Answer("unusable", "there is no D-Bus session, and with it no keyring")
FORGETFUL = Answer("unusable", "the keyring did not give back what it was given")
