"""`keyswitch status`: who is signed in, from the home folder alone."""

from __future__ import annotations

from typing import Any, Final

from application.settings import EnvKeys
from application.use_cases.status import ProviderStatus, StatusReport
from application.use_cases.track_record import TrackRecord
from domain.credential import CredentialKind
from domain.earlier_sign_in import EarlierSignIn
from domain.event import FailureShare
from domain.master_key import KeyWhereabouts
from domain.renewal.ending import due_warning
from domain.renewal.freshness import Instant
from domain.store_trouble import StoreTrouble
from entrypoints.cli.failure import error_document
from entrypoints.cli.failure import report as told
from entrypoints.cli.home import light
from entrypoints.cli.output import result, result_json, say, signs, timestamp
from entrypoints.words.accounts import (
    clock_words,
    ending_words,
    plan_use,
    plan_use_off_words,
    redirection_words,
    state_words,
    status_lines,
    unchosen_words,
)
from entrypoints.words.earlier_programs import adopt_command, other_programs
from entrypoints.words.errors import ExitCode, trouble_words
from entrypoints.words.master_key import key_lines

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""


def show_status(*, as_json: bool) -> int:
    """Print it. The exit code tells whether the active credential is usable; where none is active, whether any is."""
    services = light(tells_what_is_open=True)
    report = services.auth.status()
    if as_json:
        # The event log is read here and not for people, who ask `keyswitch events`: it takes a few milliseconds.
        result_json(status_document(report, services.track_record()))
    else:
        for status in report.providers:
            for line in status_lines(status, report.at, signs=signs()):
                result(line)
        for line in remarks(report):
            say(line)
    if report.store_in_the_way:
        for error in {str(trouble.error): trouble.error for trouble in report.troubles}.values():
            told(error, as_json=False)
        return ExitCode.CONFIG
    return usable_exit(report) if report.usable else ExitCode.SIGN_IN_NEEDED


def usable_exit(report: StatusReport) -> ExitCode:
    """How a status ends that found something to use: a script learns in time that a person will have to sign in."""
    return ExitCode.ENDS_SOON if report.ends_soon else ExitCode.OK


def remarks(report: StatusReport) -> list[str]:
    """What a person should know beside the lines: keys in the environment, the master key, the state of the files."""
    lines = [] if report.store_in_the_way else trouble_words(report.troubles)
    lines += [unchosen_words(status) for status in report.providers if status.unchosen]
    lines += [plan_use_off_words(status.provider) for status in report.providers if status.plan_use_off]
    for status in report.providers:
        if status.env_key_used:
            lines.append(f"{status.env_key} is used: nothing is stored for {status.provider.label}.")
        elif status.env_key is not None:
            lines.append(f'{status.env_key} is set and not used (auth.env_keys = "{EnvKeys.FALLBACK}" would allow it).')
        if status.key_command is not None and not status.key_command_used:
            lines.append(
                f"The command `{status.key_command}` is not run: what {status.provider.label} has comes first."
            )
    lines += [redirection_words(name) for name in report.redirections]
    at = Instant(report.at)
    ending = [record for record in report.stored if due_warning(record, at)]
    return [
        *lines,
        *(ending_words(record, report.at) for record in ending),
        *clock_words(report),
        *key_lines(report.key, report.key_wanted),
        *other_programs(report),
        *report.notices,
    ]


def status_document(report: StatusReport, track: TrackRecord) -> dict[str, Any]:
    """The report for programs. Never a token: the use cases have none."""
    from entrypoints.cli.account_report import account_documents
    from entrypoints.cli.event_list import event_document

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
    elsewhere = "environment" if status.env_key_used else "command"
    return document | {
        "account": credential.label,
        "kind": credential.kind.value,
        "pays_with": credential.payer.value,
        "plan_use": plan_use(credential),
        "imported": credential.imported,
        "session_expires_at": timestamp(credential.sign_in_expires_at),
        "access_expires_at": timestamp(credential.access_expires_at),
        "can_refresh": credential.kind is CredentialKind.OAUTH and credential.renewable and not credential.tombstone,
        "ended_because": credential.tombstone.reason if credential.tombstone else None,
        "next_try": timestamp(credential.setback.next_try) if credential.setback else None,
        "storage": "sealed_file" if stored else elsewhere,
        "key_in": key.place.value if stored and key else None,
    }
