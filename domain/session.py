"""An OAuth session and an API key, and when a session is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.credential import CredentialKind, CredentialRecord
from domain.secret import Secret

LONGEST_MARGIN: Final = timedelta(minutes=5)
"""The most that a session counts as due before its expiry. Of a short life it is a quarter, or a token of
30 s would always be due."""

LONGEST_RESERVE: Final = timedelta(minutes=1)
"""Closer than this to its expiry (or a tenth of a short life) a token is no longer sent."""

UNKNOWN_LIFE: Final = timedelta(minutes=55)
"""Assumed where the provider gives no `expires_in` (RFC 6749, 5.1 only recommends it)."""

CLOCK_TOLERANCE: Final = timedelta(minutes=2)
"""A wall clock further than this before the moment a token was obtained has been moved."""


class SessionState(StrEnum):
    """What `status` says of a provider or credential; the values are what `--json` prints."""

    ACTIVE = "active"
    LOGGED_IN = "logged_in"
    RENEWING = "renewing"
    DUE = "due"
    UNCERTAIN = "uncertain"
    DEGRADED = "degraded"
    NEEDS_LOGIN = "needs_login"
    NOT_LOGGED_IN = "not_logged_in"
    NO_CLIENT = "no_client"
    API_KEY = "api_key"
    BORROWED = "borrowed"
    STORE_LOCKED = "store_locked"
    STORE_DAMAGED = "store_damaged"


@dataclass(frozen=True, slots=True)
class Session:
    """One account's OAuth login at one provider."""

    record: CredentialRecord
    access_token: Secret
    refresh_token: Secret | None = None
    """None where the provider issues none; then only a new sign-in helps."""
    id_token: Secret | None = None
    """OpenID Connect; a hint at the next sign-in. It may have expired."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that its owner pasted."""

    record: CredentialRecord
    value: Secret


Credential = Session | ApiKey


def life(record: CredentialRecord) -> timedelta:
    """How long the access token was granted for."""
    if record.access_expires_at is None:
        return UNKNOWN_LIFE
    return max(record.access_expires_at - record.obtained_at, timedelta(0))


def expires_at(record: CredentialRecord) -> datetime:
    """When the access token ends, aware and in UTC, as granted or assumed."""
    return record.access_expires_at or record.obtained_at + UNKNOWN_LIFE


def renewal_due(record: CredentialRecord, now: datetime) -> bool:
    """Whether to renew before the next call if that can be done without waiting. *now* is aware, in UTC."""
    if record.kind is not CredentialKind.OAUTH:
        return False
    if now < record.obtained_at - CLOCK_TOLERANCE:
        return True
    return now >= expires_at(record) - min(LONGEST_MARGIN, life(record) / 4)


def usable(record: CredentialRecord, now: datetime) -> bool:
    """Whether the stored credential may be sent as it is. *now* is aware, in UTC."""
    if record.kind is not CredentialKind.OAUTH:
        return True
    return _unexpired(record, now)


def can_serve(record: CredentialRecord, now: datetime) -> bool:
    """Whether a message can be sent with it: as it is, or once it has been renewed.

    A session that the provider ended serves no more, even while its access token lives: what one
    would start with it could not be finished.
    """
    if record.kind is not CredentialKind.OAUTH:
        return True
    if record.tombstone is not None or sign_in_over(record, now):
        return False
    return record.renewable or _unexpired(record, now)


def sign_in_over(record: CredentialRecord, now: datetime) -> bool:
    """Whether the sign-in as a whole has reached its known end. *now* is aware, in UTC."""
    return record.sign_in_expires_at is not None and now >= record.sign_in_expires_at


def state_of(record: CredentialRecord, now: datetime) -> SessionState:
    """The state that is shown for a stored credential. *now* is aware, in UTC."""
    match record.kind:
        case CredentialKind.API_KEY:
            return SessionState.API_KEY
        case CredentialKind.BORROWED:
            return SessionState.BORROWED
        case CredentialKind.OAUTH:
            pass
    if not can_serve(record, now):
        return SessionState.NEEDS_LOGIN
    if record.setback is not None and now < record.setback.next_try:
        return SessionState.DEGRADED
    return SessionState.DUE if renewal_due(record, now) else SessionState.LOGGED_IN


def renewed(session: Session, by: Session) -> Session:
    """*session* with what a renewal returned: absent members keep the old value (RFC 6749, 6)."""
    old, new = session.record, by.record
    record = replace(
        old,
        generation=old.generation + 1,
        obtained_at=new.obtained_at,
        access_expires_at=new.access_expires_at,
        sign_in_expires_at=new.sign_in_expires_at or old.sign_in_expires_at,
        scopes=new.scopes or old.scopes,
        renewable=(by.refresh_token or session.refresh_token) is not None,
        tombstone=None,
        setback=None,
    )
    return Session(
        record=record,
        access_token=by.access_token,
        refresh_token=by.refresh_token or session.refresh_token,
        id_token=by.id_token or session.id_token,
    )


def _unexpired(record: CredentialRecord, now: datetime) -> bool:
    if now < record.obtained_at - CLOCK_TOLERANCE:
        return False
    return now < expires_at(record) - min(LONGEST_RESERVE, life(record) / 10)
