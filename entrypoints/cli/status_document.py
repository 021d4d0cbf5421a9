"""`keyswitch status --json`: the report for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.credential import CredentialKind
from domain.switching import is_away
from entrypoints.cli.account_report import account_documents
from entrypoints.cli.event_list import event_document
from entrypoints.cli.failure import error_document
from entrypoints.cli.output import timestamp
from entrypoints.words.accounts import plan_use, state_words
from entrypoints.words.earlier_programs import adopt_command

if TYPE_CHECKING:
    from application.use_cases.status import ProviderStatus, StatusReport
    from application.use_cases.track_record import TrackRecord
    from domain.earlier_sign_in import EarlierSignIn
    from domain.event import FailureShare
    from domain.master_key import KeyWhereabouts
    from domain.store_trouble import StoreTrouble

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""


def status_document(report: StatusReport, track: TrackRecord) -> dict[str, Any]:
    """The report for programs. Never a token: the use cases have none."""
    accounts = account_documents(report, track)
    active = next((status.provider.value for status in report.providers if status.active), None)
    return {
        "schema": SCHEMA,
        "active": active,
        "model": report.preset.id if report.preset else None,
        "usable": report.usable,
        "ends_soon": report.ends_soon,
        "providers": [
            _provider(status, report.key)
            | {"accounts": [one for one in accounts if one["provider"] == status.provider]}
            for status in report.providers
        ],
        "authentications": _authentications(track.authentications),
        "failures": [event_document(event) for event in track.failures],
        "clock": _clock(report),
        "key": _key(report),
        "notices": list(report.notices),
        "ignored_variables": list(report.redirections),
        "troubles": [_trouble(trouble) for trouble in report.troubles],
        "found": [_found(sign_in) for sign_in in report.earlier_sign_ins],
    }


def _trouble(trouble: StoreTrouble) -> dict[str, Any]:
    """What of the session store cannot be used, as an error has it."""
    provider = trouble.key.provider.value if trouble.key else None
    return {**error_document(trouble.error), "provider": provider, "state": trouble.state.value}


def _found(sign_in: EarlierSignIn) -> dict[str, Any]:
    """A sign-in that is another program's."""
    return {
        "provider": sign_in.provider.value if sign_in.provider else None,
        "kind": sign_in.kind.value,
        "account": sign_in.label or None,
        "place": sign_in.place,
        "adopt": adopt_command(sign_in) or None,
        "left_because": sign_in.why or None,
    }


def _authentications(share: FailureShare) -> dict[str, Any]:
    """How often a stored sign-in was not accepted; `domain.event.failure_share` says what is counted."""
    return {
        "since": timestamp(share.since),
        "attempts": share.attempts,
        "failed": share.failed,
        "failed_share": None if share.share is None else round(share.share, 6),
    }


def _clock(report: StatusReport) -> dict[str, Any] | None:
    """How far this machine's clock was off when a session was last obtained; None where nothing is known of it."""
    record = report.clock_off
    if record is None:
        return None
    return {
        "ahead_seconds": record.clock_ahead.total_seconds(),
        "by": record.provider.value,
        "at": timestamp(record.obtained_at),
    }


def _key(report: StatusReport) -> dict[str, Any]:
    """Where the master key of the session store is. Never the key: the use case has none."""
    key = report.key
    return {
        "in": key.place.value if key else None,
        "keyring": key.detail or None if key else None,
        "wanted": report.key_wanted.value,
        "fallback_because": key.because or None if key else None,
        "copies_left_in": [place.value for place in key.left] if key else [],
    }


def _provider(status: ProviderStatus, key: KeyWhereabouts | None) -> dict[str, Any]:
    credential = status.credential
    document: dict[str, Any] = {
        "id": status.provider.value,
        "label": status.provider.label,
        "state": status.state.value,
        "words": state_words(status.state, credential),
        "signed_in": status.signed_in,
        "usable": status.serves,
        "active": status.active,
        "account": None,
        "env_key": status.env_key,
        "env_key_used": status.env_key_used,
        "key_command": status.key_command,
    }
    if credential is None:
        return document
    stored = credential.key.is_stored
    elsewhere = "environment" if status.env_key_used else "laptop" if is_away(credential) else "command"
    return document | {
        "account": credential.label,
        "kind": credential.kind.value,
        "pays_with": credential.payer.value,
        "plan_use": plan_use(credential),
        "imported": credential.imported,
        "from_laptop": is_away(credential),
        "session_expires_at": timestamp(credential.sign_in_expires_at),
        "access_expires_at": timestamp(credential.access_expires_at),
        "can_refresh": credential.kind is CredentialKind.OAUTH and credential.renewable and not credential.tombstone,
        "ended_because": credential.tombstone.reason if credential.tombstone else None,
        "next_try": timestamp(credential.setback.next_try) if credential.setback else None,
        "storage": "sealed_file" if stored else elsewhere,
        "key_in": key.place.value if stored and key else None,
    }
