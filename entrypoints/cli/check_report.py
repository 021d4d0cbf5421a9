"""`keyswitch status --check`: what the providers themselves say."""

from __future__ import annotations

from typing import Any

from application.use_cases.check import Checked, CheckOutcome
from application.use_cases.status import StatusReport
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import error_document, remedy
from entrypoints.cli.home import full, light, light_up_to_date, run_async
from entrypoints.cli.output import result, result_json, say, signs
from entrypoints.cli.status_document import status_document
from entrypoints.cli.status_report import usable_exit
from entrypoints.exit_code import ExitCode
from entrypoints.words.errors import error_sentence, exit_code


def show_check(*, as_json: bool) -> int:
    """Ask, and print one line a credential. The exit code is about the active one; where none is active, about any."""
    report, checked = run_async(_asked())
    if as_json:
        result_json(status_document(report, light().track_record()) | {"checks": [_document(one) for one in checked]})
    else:
        for one in checked:
            result(untrusted_line(f"{signs()[one.accepted]} {_line(one)}"))
            if one.error is not None and (helps := remedy(one.error)):
                say(f"  run: {helps}")
        if not checked:
            say("Nothing is stored, so there was nothing to ask about.")
    return _exit(report, checked)


async def _asked() -> tuple[StatusReport, tuple[Checked, ...]]:
    async with full(light_up_to_date()) as services:
        checked = await services.check()
        return services.light.auth.status(), checked


def _exit(report: StatusReport, checked: tuple[Checked, ...]) -> int:
    in_use = [status.credential.key for status in report.providers if status.active and status.credential]
    asked = [one for one in checked if one.record.key in in_use] or list(checked)
    if any(one.accepted for one in asked):
        return usable_exit(report)
    errors = [one.error for one in asked if one.error is not None]
    return exit_code(errors[0]) if errors else ExitCode.OK if asked else ExitCode.SIGN_IN_NEEDED


def _line(checked: Checked) -> str:
    record, error = checked.record, checked.error
    who = f"{record.provider.label} ({record.kind.label}, {record.label})"
    if checked.accepted:
        return f"{who}: accepted"
    if error is None:
        return f"{who}: this provider offers no way to ask"
    answer = "not accepted" if checked.outcome is CheckOutcome.REFUSED else "could not be asked"
    return f"{who}: {answer}. {error_sentence(error)}"


def _document(checked: Checked) -> dict[str, Any]:
    record = checked.record
    return {
        "provider": record.provider.value,
        "account": record.label,
        "kind": record.kind.value,
        "accepted": checked.accepted,
        "error": error_document(checked.error, remedy(checked.error)) if checked.error else None,
    }
