"""`keyswitch doctor` looks for what is in the way."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from domain.finding import Area, Finding, Verdict
from entrypoints.cli.failure import known_clients
from entrypoints.cli.group import Command
from entrypoints.cli.leaving import run_and_leave
from entrypoints.cli.output import result, result_json, say, shows
from entrypoints.exit_code import ExitCode
from entrypoints.words.findings import ASCII_SIGNS, SIGNS, finding_lines, findings_document, summary
from entrypoints.words.ways_in import with_fixes_that_work

_SCHEMA: Final = 1

_EXITS: Final = (
    (ExitCode.CONFIG, {Area.CONFIG, Area.STORE, Area.KEY, Area.PROXY, Area.CERTIFICATES}),
    (ExitCode.UNAVAILABLE, {Area.HOSTS}),
)
"""The first that has a problem decides; a problem elsewhere is a plain error."""


@click.command(
    "doctor",
    cls=Command,
    examples=["keyswitch doctor", "keyswitch doctor --json | jq '.findings[] | select(.fix != \"\")'"],
    help=(
        "Look at everything that sign-ins and chats depend on: files, key, clock, proxy, certificates, hosts, ports. "
        "Nothing is changed, and no credential is sent. Exit code 0 if there is no problem, 7 for config or store, "
        "5 if a host cannot be reached, 1 for another problem."
    ),
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, as_json: bool) -> int:
    from entrypoints.light import diagnosis, protect

    protect()
    findings = with_fixes_that_work(run_and_leave(diagnosis(os.environ)()), known_clients())
    code = _exit_code(findings)
    if as_json:
        result_json({"schema": _SCHEMA, "ok": code == ExitCode.OK, "findings": findings_document(findings)})
        return code
    signs = SIGNS if shows(sys.stdout, "".join(SIGNS.values())) else ASCII_SIGNS
    for finding in findings:
        for line in finding_lines(finding, signs):
            result(line)
    say(summary(findings))
    return code


def _exit_code(findings: Sequence[Finding]) -> ExitCode:
    areas = {finding.area for finding in findings if finding.verdict is Verdict.PROBLEM}
    if not areas:
        return ExitCode.OK
    return next((code for code, decisive in _EXITS if areas & decisive), ExitCode.ERROR)
