"""Credentials for tests: visibly fake, and complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.credential import CredentialKey, CredentialKind, CredentialRecord, Intent
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import ApiKey, Session
from domain.text.secret import Secret

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""The moment at which tests happen, unless they say otherwise."""

ANA = "ana@example.test"


def a_record(provider: Provider = Provider.CLAUDE, *, account: str = "ana", **changes: Any) -> CredentialRecord:
    """An OAuth session of ana's, obtained at noon for an hour, renewable."""
    record = CredentialRecord(
        key=CredentialKey(provider, account),
        label=f"{account}@example.test",
        payer=provider.facts.payer,
        active=True,
        generation=1,
        session_id=f"sign-in-{provider}-{account}",
        obtained_at=NOON,
        access_expires_at=NOON + timedelta(hours=1),
        renewable=True,
        scopes=("inference",),
        client_id="fake-client",
        token_url=f"https://{provider}.example.test/token",
        api_base=f"https://api.{provider}.example.test",
    )
    return replace(record, **changes)


def a_session(provider: Provider = Provider.CLAUDE, *, account: str = "ana", **changes: Any) -> Session:
    """The session behind `a_record`, with fake tokens."""
    record = a_record(provider, account=account, **changes)
    return Session(
        record=record,
        access_token=Secret(f"fake-access-{provider}-{account}-{record.generation}"),
        refresh_token=Secret(f"fake-refresh-{provider}-{account}-{record.generation}") if record.renewable else None,
    )


def an_api_key(provider: Provider = Provider.CLAUDE, value: str = "sk-fake-key-0000-1234") -> ApiKey:
    """A key that somebody pasted."""
    key = Secret(value)
    record = CredentialRecord(
        key=CredentialKey(provider, "pasted", CredentialKind.API_KEY),
        label=key.hint,
        payer=Payer.API_BILLING,
        active=True,
        generation=1,
        session_id="key",
        obtained_at=NOON,
    )
    return ApiKey(record, key)


def an_intent(at: datetime = NOON, *, attempt: int = 1) -> Intent:
    """What another process wrote before it sent the refresh token."""
    return Intent(fingerprint="0123456789abcdef", attempt=attempt, pid=4242, boot_id="fake-boot", at=at)
