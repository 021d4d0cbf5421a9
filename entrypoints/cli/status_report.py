"""`keyswitch status`: who is signed in, from the home folder alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.settings import EnvKeys
from domain.renewal.ending import due_warning
from domain.renewal.freshness import Instant
from entrypoints.cli.home import light
from entrypoints.cli.output import result, result_json, say, signs
from entrypoints.exit_code import ExitCode
from entrypoints.words.accounts import (
    clock_words,
    ending_words,
    plan_use_off_words,
    redirection_words,
    status_lines,
    unchosen_words,
)
from entrypoints.words.earlier_programs import other_programs
from entrypoints.words.master_key import key_lines

if TYPE_CHECKING:
    from application.use_cases.status import StatusReport


def show_status(*, as_json: bool) -> int:
    """Print it. The exit code tells whether the active credential is usable; where none is active, whether any is."""
    services = light(tells_what_is_open=True)
    report = services.auth.status()
    if as_json:
        from entrypoints.cli.status_document import status_document

        # The event log is read here and not for people, who ask `keyswitch events`: it takes a few milliseconds.
        result_json(status_document(report, services.track_record()))
    else:
        for status in report.providers:
            for line in status_lines(status, report.at, signs=signs()):
                result(line)
        for line in remarks(report):
            say(line)
    if report.store_in_the_way:
        from entrypoints.cli.failure import report as told

        for error in {str(trouble.error): trouble.error for trouble in report.troubles}.values():
            told(error, as_json=False)
        return ExitCode.CONFIG
    return usable_exit(report) if report.usable else ExitCode.SIGN_IN_NEEDED


def usable_exit(report: StatusReport) -> ExitCode:
    """How a status ends that found something to use: a script learns in time that a person will have to sign in."""
    return ExitCode.ENDS_SOON if report.ends_soon else ExitCode.OK


def remarks(report: StatusReport) -> list[str]:
    """What a person should know beside the lines: keys in the environment, the master key, the state of the files."""
    lines = [] if report.store_in_the_way else _trouble_lines(report)
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


def _trouble_lines(report: StatusReport) -> list[str]:
    if not report.troubles:
        return []
    from entrypoints.words.errors import trouble_words  # the words for all errors, where there is one

    return trouble_words(report.troubles)
