"""Keep an API key like a session: sealed, and shown by its last four characters."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.session_store import SessionStore
from domain.accounts import api_keys, key_called, tag
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import StoreError, UsageError
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace
from domain.session import ApiKey
from domain.text.pasted_key import parse_key
from domain.text.secret import Secret

_LONGEST_NAME: Final = 40
"""Characters of a name that a person gives a key."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key that is stored, and what became of the others."""

    record: CredentialRecord
    """Where it is not active, another key of the provider goes on being used."""
    replaced: CredentialRecord | None = None
    """The one in whose place it came."""
    known: bool = False
    """Whether this very key was stored before."""


class StoreApiKey:
    """Store the key that a person pasted: an account of its own, beside the others or in the place of one.

    It is bound to the address that is configured now: another one in the config later does not get it.
    """

    def __init__(
        self, *, sessions: SessionStore, clock: Clock, events: EventLog, api_base: Callable[[Provider], str]
    ) -> None:
        """*api_base* is the address that a provider's keys are sent to, as configured now."""
        self._sessions = sessions
        self._api_base = api_base
        self._clock = clock
        self._events = events

    def __call__(self, provider: Provider, value: Secret, *, name: str = "", add: bool = False) -> StoredKey:
        """Store *value* for *provider*, in the place of its active key.

        With *name* it is called so, and takes the place of the key of that name alone. With *add* it takes nobody's
        place, and the active key stays active.

        Raises:
            UsageError: There is no key in it, or not without a doubt; or the name is no name, or another key has it; or
                the key is one of another provider (`key_of_another`).
            ConfigError: The provider's settings make no sense.
            StoreError: It could not be stored.
        """
        key = parse_key(value, provider)
        called = _checked(name, key)
        known = api_keys(self._sessions.records(), provider)
        same = next((record for record in known if self._holds(record, key)), None)
        before = key_called(called, known) if called else next((record for record in known if record.active), None)
        if add and called and before not in (None, same):
            raise UsageError(f'{provider.label} has a key called "{called}" already; give this one another name.')
        replaced = None if add or before is None or (same and before.key == same.key) else before
        record = CredentialRecord(
            # Its own account for every key: what the log has of an earlier one stays that one's.
            key=same.key if same else CredentialKey(provider, f"key-{_fresh_id()}", CredentialKind.API_KEY),
            label=f"{called} ({key.hint})" if called else same.label if same else key.hint,
            payer=Payer.API_BILLING,
            active=not add or all(not record.active for record in known),
            generation=1,
            session_id=same.session_id if same else _fresh_id(),
            obtained_at=self._clock.now(),
            api_base=self._api_base(provider),
        )
        record = replace(record, active=record.active or (same is not None and same.active))
        self._sessions.save(ApiKey(record, key), activate=record.active)
        self._events.record("api_key_stored", provider=provider.value, account=tag(record.key))
        if replaced is not None:
            self._sessions.remove(replaced.key)
            self._events.record("api_key_replaced", provider=provider.value, account=tag(replaced.key))
        return StoredKey(record, replaced, known=same is not None)

    def _holds(self, record: CredentialRecord, key: Secret) -> bool:
        """Whether *record* is that of *key*. One that cannot be opened is taken for another."""
        try:
            stored = self._sessions.load(record.key)
        except StoreError:
            return False
        return isinstance(stored, ApiKey) and stored.value == key


def _checked(name: str, key: Secret) -> str:
    """Return *name* as it is kept.

    Raises:
        UsageError: It could not be shown on a line, or holds the key.
    """
    called = " ".join(name.split())
    if not called:
        return ""
    if not called.isprintable() or len(called) > _LONGEST_NAME or key.masked_in(called) != called:
        raise UsageError(f"That is no name for a key: give a word or two, of {_LONGEST_NAME} characters at most.")
    return called


def _fresh_id() -> str:
    """What `secrets.token_hex` makes; its module loads the hashes of OpenSSL, and the first frame would wait for it."""
    return os.urandom(8).hex()
