"""Ask a provider about an API key before it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from application.ports.chat_client import ChatClient
from application.ports.clock import Clock
from application.use_cases.check import Checked
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import ConfigError, KeyswitchError, Offline
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import ApiKey
from domain.text.pasted_key import parse_key
from domain.text.secret import Secret

LONGEST: Final = 20.0
"""Seconds that a person waits for an answer; a list of models takes one or two."""


class CheckApiKey:
    """Sends one free request with a key that a person pasted. Nothing is stored."""

    def __init__(self, *, chat: ChatClient, clock: Clock, api_base: Callable[[Provider], str]) -> None:
        """*api_base* is the address that a provider's keys are sent to, as configured now."""
        self._chat = chat
        self._clock = clock
        self._api_base = api_base

    async def __call__(self, provider: Provider, value: Secret, *, seconds: float = LONGEST) -> Checked:
        """What *provider* says to *value*. One that is the key of somebody else is sent nowhere.

        Raises:
            UsageError: As `parse_key` does.
            ConfigError: The provider's settings make no sense.
        """
        key = parse_key(value, provider)
        record = CredentialRecord(
            key=CredentialKey(provider, "not stored", CredentialKind.API_KEY),
            label=key.hint,
            payer=Payer.API_BILLING,
            active=False,
            generation=1,
            session_id="",
            obtained_at=self._clock.now(),
            api_base=self._api_base(provider),
        )
        try:
            async with asyncio.timeout(seconds):
                return Checked(record, accepted=await self._chat.check(ApiKey(record, key)))
        except TimeoutError:
            return Checked(record, accepted=False, error=Offline(provider, f"no answer within {seconds:.0f} s"))
        except ConfigError:
            raise
        except KeyswitchError as error:
            return Checked(record, accepted=False, error=error)
