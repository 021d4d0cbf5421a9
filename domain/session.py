"""An OAuth session and an API key, and when a session is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.credential import CredentialKind, CredentialRecord
from domain.errors import PlanUseOff
from domain.records import dataclass, replace
from domain.renewal.freshness import Freshness, Instant, freshness
from domain.renewal.retry_policy import is_pausing

if TYPE_CHECKING:
    from domain.text.secret import Secret

LONGEST_RENEWAL: Final = timedelta(seconds=40)
"""A renewal has its answer and has saved it by then: 35 s for all of it, some for the disk. One whose intent is older
was interrupted."""


class SessionState(StrEnum):
    """What `status` says of a provider or credential; the values are what `--json` prints."""

    ACTIVE = "active"
    LOGGED_IN = "logged_in"
    RENEWING = "renewing"
    DUE = "due"
    UNCERTAIN = "uncertain"
    DEGRADED = "degraded"
    NEEDS_SIGN_IN = "needs_login"
    NOT_LOGGED_IN = "not_logged_in"
    NO_CLIENT = "no_client"
    API_KEY = "api_key"
    BORROWED = "borrowed"
    FORWARDED = "forwarded"
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


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The use of a credential that stays on another machine: nothing here is secret, and nothing here is sent."""

    record: CredentialRecord
    route: str
    """The way to that machine, as it is at this moment: the path of a socket."""


OwnCredential = Session | ApiKey
"""What is kept on this machine, with its secrets."""

Credential = OwnCredential | Forwarded
"""What a request can be made with."""


def can_serve(record: CredentialRecord, now: datetime) -> bool:
    """Whether a message can be sent with it: as it is, or once it has been renewed."""
    return is_signed_in(record, now) and not record.plan_use_off


def is_signed_in(record: CredentialRecord, now: datetime) -> bool:
    """Whether its owner counts as signed in, whatever the session may be used for.

    A session that the provider ended serves no more, even while its access token lives: what one
    would start with it could not be finished. One whose known end has passed is still tried: the clock of this
    machine may be off, and only its owner or the provider ends a session.
    """
    if record.kind is not CredentialKind.OAUTH:
        return True
    if record.tombstone is not None:
        return False
    return record.renewable or freshness(record, Instant(now)) is not Freshness.EXPIRED


def require_plan_use(credential: Credential) -> Credential:
    """*credential*, if the API may be called with it.

    Raises:
        PlanUseOff: Its owner did not allow use of the plan.
    """
    if credential.record.plan_use_off:
        raise PlanUseOff(credential.record.provider)
    return credential


def renewed_at(record: CredentialRecord) -> datetime | None:
    """When its tokens were last renewed, aware and in UTC; None where they are those of the sign-in."""
    renewed_once = record.kind is CredentialKind.OAUTH and record.generation > 1
    return record.obtained_at if renewed_once else None


def state_of(record: CredentialRecord, now: datetime) -> SessionState:
    """The state that is shown for a stored credential. *now* is aware, in UTC."""
    if (lasting := _LASTING.get(record.kind)) is not None:
        return lasting
    if not is_signed_in(record, now):
        return SessionState.NEEDS_SIGN_IN
    if record.older_copy or record.elsewhere or record.intent is not None:
        return SessionState.RENEWING if _is_running(record, now) else SessionState.UNCERTAIN
    if is_pausing(record, now):
        return SessionState.DEGRADED
    return SessionState.LOGGED_IN if freshness(record, Instant(now)) is Freshness.FRESH else SessionState.DUE


_LASTING: Final = {
    CredentialKind.API_KEY: SessionState.API_KEY,
    CredentialKind.BORROWED: SessionState.BORROWED,
    CredentialKind.FORWARDED: SessionState.FORWARDED,
}
"""The one state of each kind that is not renewed here."""


def _is_running(record: CredentialRecord, now: datetime) -> bool:
    intent = record.intent
    return intent is not None and not intent.answered and timedelta(0) <= now - intent.at < LONGEST_RENEWAL


def renewed(session: Session, by: Session) -> Session:
    """*session* with what a renewal returned: absent members keep the old value (RFC 6749, 6).

    Scopes that are named are what holds from now on, be they more or fewer than before.
    """
    old, new = session.record, by.record
    kept = by.refresh_token is None or by.refresh_token == session.refresh_token
    record = replace(
        old,
        generation=old.generation + 1,
        obtained_at=new.obtained_at,
        access_expires_at=new.access_expires_at,
        sign_in_expires_at=new.sign_in_expires_at or old.sign_in_expires_at,
        earliest_refresh_at=new.earliest_refresh_at,
        obtained_at_boot=new.obtained_at_boot,
        clock_ahead=new.clock_ahead,
        unrotated=old.unrotated + 1 if kept else 0,
        scopes=new.scopes or old.scopes,
        plan_scope=new.plan_scope or old.plan_scope,
        renewable=(by.refresh_token or session.refresh_token) is not None,
        tombstone=None,
        setback=None,
        intent=None,
        older_copy=False,
        elsewhere="",
    )
    return Session(
        record=record,
        access_token=by.access_token,
        refresh_token=by.refresh_token or session.refresh_token,
        id_token=by.id_token or session.id_token,
    )
