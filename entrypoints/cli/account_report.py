"""The accounts of all providers, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from application.use_cases.status import StatusReport
from application.use_cases.track_record import TrackRecord
from domain.accounts import account_names, tag
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.event import Event
from domain.session import renewed_at
from domain.switching import is_away
from domain.text.untrusted import untrusted_line
from entrypoints.cli.home import light
from entrypoints.cli.output import result, result_json, say, table, timestamp
from entrypoints.words.accounts import (
    ago_words,
    expiry_words,
    plan_use,
    plan_use_off_words,
    state_words,
    unchosen_words,
)
from entrypoints.words.errors import trouble_words

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

_HEADINGS: Final = ("", "PROVIDER", "ACCOUNT", "STATE", "SIGN-IN", "LAST RENEWED")
_ACTIVE: Final = "*"


def show_accounts(*, as_json: bool) -> int:
    """List them. Always exit code 0: a list is no failure."""
    services = light()
    report = services.auth.status()
    listed = report.listed
    if as_json:
        result_json({"schema": SCHEMA, "accounts": account_documents(report, services.track_record())})
        return 0
    for line in table([_HEADINGS, *_rows(listed, report)] if listed else []):
        result(line)
    for line in trouble_words(report.troubles):
        say(line)
    if not listed and not report.troubles:
        say("Nobody is signed in. Run: keyswitch login")
    elif len(report.stored) > 1:
        say("* is the one that its provider uses. Choose another: keyswitch accounts use PROVIDER ACCOUNT")
    for status in report.providers:
        if status.unchosen:
            say(unchosen_words(status))
        if status.plan_use_off:
            say(plan_use_off_words(status.provider))
    return 0


def account_documents(report: StatusReport, track: TrackRecord) -> list[dict[str, Any]]:
    """The accounts for programs; *track* tells who renewed them."""
    names = account_names(report.listed)
    return [_document(record, names, report, track.renewals.get(tag(record.key))) for record in report.listed]


def _document(
    record: CredentialRecord, names: dict[CredentialKey, str], report: StatusReport, renewal: Event | None
) -> dict[str, Any]:
    state = report.state_of(record)
    return {
        "provider": record.provider.value,
        "account": names[record.key],
        "tag": tag(record.key),
        "kind": record.kind.value,
        "stored": record.key.is_stored,
        "from_laptop": is_away(record),
        "active": record.active,
        "state": state.value,
        "words": state_words(state, record),
        "pays_with": record.payer.value,
        "plan_use": plan_use(record),
        "session_expires_at": timestamp(record.sign_in_expires_at),
        "access_expires_at": timestamp(record.access_expires_at),
        "can_refresh": record.kind is CredentialKind.OAUTH and record.renewable and record.tombstone is None,
        "ended_because": record.tombstone.reason if record.tombstone else None,
        "next_try": timestamp(record.setback.next_try) if record.setback else None,
        "last_renewed_at": timestamp(renewed_at(record)),
        "last_renewed_by": renewal.pid if renewal and renewed_at(record) else None,
    }


def _rows(records: tuple[CredentialRecord, ...], report: StatusReport) -> Iterator[tuple[str, ...]]:
    names = account_names(records)
    for record in records:
        is_key = record.kind is CredentialKind.API_KEY
        renewal = renewed_at(record)
        yield (
            _ACTIVE if record.active else "",
            record.provider.label,
            untrusted_line(names[record.key]),
            state_words(report.state_of(record), record),
            "-" if is_key else untrusted_line(expiry_words(record, report.at)),
            "-" if renewal is None else ago_words(renewal, report.at),
        )
