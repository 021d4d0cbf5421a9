"""Keep an API key like a session: sealed, and shown by its last four characters."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.session_store import SessionStore
from domain.accounts import tag
from domain.credential import CredentialKey, CredentialKind, CredentialRecord, Payer
from domain.pasted_key import parse_key
from domain.provider import Provider
from domain.secret import Secret
from domain.session import ApiKey


class StoreApiKey:
    """Store the key that a person pasted, in place of an earlier one of that provider.

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

    def __call__(self, provider: Provider, value: Secret) -> CredentialRecord:
        """Store *value* for *provider*.

        Raises:
            UsageError: There is no key in it, or not without a doubt.
            KeyOfAnother: It is a key of another provider; it was not stored.
            ConfigError: The provider's settings make no sense.
            StoreError: It could not be stored.
        """
        key = parse_key(value, provider)
        record = CredentialRecord(
            key=CredentialKey(provider, "pasted", CredentialKind.API_KEY),
            label=key.hint,
            payer=Payer.API_BILLING,
            active=True,
            generation=1,
            session_id=token_hex(8),
            obtained_at=self._clock.now(),
            api_base=self._api_base(provider),
        )
        self._sessions.save(ApiKey(record, key), activate=True)
        self._events.record("api_key_stored", provider=provider.value, account=tag(record.key))
        return record
