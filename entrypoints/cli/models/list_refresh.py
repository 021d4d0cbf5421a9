"""`keyswitch models --refresh`: the providers' own lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from application.use_cases.models.refresh_model_lists import Refreshed, RefreshOutcome
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import error_document, remedy
from entrypoints.cli.home import full, light_up_to_date, run_async
from entrypoints.cli.output import result, result_json, say, timestamp
from entrypoints.exit_code import ExitCode
from entrypoints.words.errors import error_sentence, exit_code
from entrypoints.words.model_lists import day_of

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

_MOST_NAMED: Final = 5


def refresh_lists(*, as_json: bool) -> int:
    """Ask, and print a line a provider. The exit code is that of the first failure."""
    outcomes = run_async(_asked())
    if as_json:
        result_json({"schema": SCHEMA, "lists": [_document(one) for one in outcomes]})
    else:
        for one in outcomes:
            result(untrusted_line(_words(one)))
            if one.error is not None:
                say(f"  {error_sentence(one.error)}")
    return _exit(outcomes)


async def _asked() -> tuple[Refreshed, ...]:
    async with full(light_up_to_date()) as services:
        return await services.refresh_model_lists()


def _exit(outcomes: tuple[Refreshed, ...]) -> int:
    errors = [one.error for one in outcomes if one.error is not None]
    if errors:
        return exit_code(errors[0])
    nobody = all(one.outcome is RefreshOutcome.NOT_LOGGED_IN for one in outcomes)
    return ExitCode.SIGN_IN_NEEDED if nobody else ExitCode.OK


def _document(one: Refreshed) -> dict[str, Any]:
    kept = one.kept
    return {
        "provider": one.provider.value,
        "outcome": one.outcome.value,
        "read_at": timestamp(kept.read_at) if kept else None,
        "models": [model.id for model in kept.models if model.missing_since is None] if kept else [],
        "new": list(one.new),
        "gone": list(one.gone),
        "error": error_document(one.error, remedy(one.error)) if one.error else None,
    }


def _words(one: Refreshed) -> str:
    """One line on what came of a provider, without the error's own sentence."""
    label = one.provider.label
    last = one.kept if one.kept and one.kept.read_at else None
    match one.outcome:
        case RefreshOutcome.READ:
            count = sum(model.missing_since is None for model in one.kept.models) if one.kept else 0
            changes = [f"{verb} {_named(names)}" for verb, names in (("new:", one.new), ("gone:", one.gone)) if names]
            return "; ".join([f"{label}: {count} model{'' if count == 1 else 's'}", *(changes or ["nothing new"])])
        case RefreshOutcome.NO_LIST:
            return f"{label}: no list is to be had with this sign-in"
        case RefreshOutcome.NOT_LOGGED_IN:
            return f"{label}: not logged in, not asked"
        case RefreshOutcome.NOT_DUE:
            return f"{label}: asked within the last day"
        case RefreshOutcome.FAILED:
            return f"{label}: {f'the list of {day_of(last)} stays' if last else 'no list was read, and none is kept'}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
