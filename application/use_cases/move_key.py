"""Put the master key where the person wants it, and remember the wish."""

from __future__ import annotations

from typing import Final

from application.ports.config_store import ConfigStore
from application.ports.event_log import EventLog
from application.ports.master_key import KeyMoving
from application.settings import KeyPreference
from domain.errors import KeyringUnavailable, StoreLocked, UsageError
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.records import dataclass
from domain.text.secret import Secret

SHORTEST_PASSPHRASE: Final = 15
"""Characters; what NIST SP 800-63B-4, 3.1.1.2, asks of a password that stands alone."""


@dataclass(frozen=True, slots=True)
class KeySettled:
    """Where the key is after it was moved."""

    source: KeyPreference
    """What the config says."""
    whereabouts: KeyWhereabouts | None
    """None where `auto` was set and there is no key: the first sign-in makes it."""
    moved: bool
    stayed: StoreLocked | None = None
    """Why `auto` left it in a file."""


class MoveKey:
    """Moves the key, and sets `auth.key_source` after that: nobody is left with a setting and no key."""

    def __init__(self, *, keys: KeyMoving, config: ConfigStore, events: EventLog) -> None:
        self._keys = keys
        self._config = config
        self._events = events

    def __call__(self, source: KeyPreference, *, passphrase: Secret | None = None) -> KeySettled:
        """Move the key. *passphrase* is the new one, for that source. Blocks, for some seconds at most.

        Raises:
            UsageError: It is too short.
            ConfigError: The config cannot be read or written. In the latter case the key is moved already, which does
                no harm: where it is, is remembered apart from the config.
            StoreError: As `KeyMoving.move`; nothing was changed.
        """
        if passphrase is not None:
            refuse_weak(passphrase)
        self._config.read()
        before = self._keys.whereabouts()
        settled = self._automatic(before) if source is KeyPreference.AUTO else self._at(source, before, passphrase)
        self._config.set_key_source(source)
        if settled.moved and settled.whereabouts is not None:
            origin = before.place.value if before else "nowhere"
            self._events.record("key_moved", origin=origin, place=settled.whereabouts.place.value)
        return settled

    def _at(self, source: KeyPreference, before: KeyWhereabouts | None, passphrase: Secret | None) -> KeySettled:
        after = self._keys.move(KeyPlace(source.value), passphrase=passphrase)
        return KeySettled(
            source, after, moved=before is None or after.place is not before.place or passphrase is not None
        )

    def _automatic(self, before: KeyWhereabouts | None) -> KeySettled:
        """Move the key out of a file into a keyring, if there is one now; it never goes the other way."""
        if before is None or before.place is not KeyPlace.FILE:
            return KeySettled(KeyPreference.AUTO, before, moved=False)
        try:
            return KeySettled(KeyPreference.AUTO, self._keys.move(KeyPlace.KEYRING), moved=True)
        except KeyringUnavailable as error:
            return KeySettled(KeyPreference.AUTO, before, moved=False, stayed=error)


def refuse_weak(passphrase: Secret) -> None:
    """Raise where a new *passphrase* is too short to seal a key with.

    Raises:
        UsageError: It is not.
    """
    if passphrase.length < SHORTEST_PASSPHRASE:
        raise UsageError(
            f"A passphrase needs {SHORTEST_PASSPHRASE} characters or more: whoever has the file can try as many as "
            "they like. A few words in a row will do. Nothing was changed.",
            code="weak_passphrase",
        )
