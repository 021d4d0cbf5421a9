"""`keyswitch use` selects a model."""

from __future__ import annotations

import shlex

import click

from domain.selection import Selection
from entrypoints.cli.group import Command, ModelName
from entrypoints.cli.home import light_up_to_date
from entrypoints.cli.output import result, result_json
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.cli.selecting import select
from entrypoints.words.errors import ExitCode


@click.command(
    "use",
    cls=Command,
    examples=["keyswitch use claude-opus-4.1", "keyswitch use sonnet", "keyswitch use gemini/gemini-3.8-flash"],
    help="Select MODEL, and with it the sign-in, for now and for the next start. Nothing waits for a network.",
)
@click.argument("model", type=ModelName())
@click.option("--yes", is_flag=True, help="Agree to pay by API key, per token, where a plan paid so far.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def command(*, model: str, yes: bool, as_json: bool) -> int:
    agree = f"keyswitch use {shlex.quote(model)} --yes"
    switch = select(light_up_to_date().auth, model, save=True, agreed=yes, agree=agree)
    if as_json:
        result_json({"schema": 1, "selected": _document(switch.selection), "lines": list(switch.lines)})
    else:
        for line in switch.lines:
            result(line)
    return ExitCode.OK


def _document(selection: Selection) -> dict[str, str | None]:
    return {
        "preset": selection.preset.id,
        "provider": selection.preset.provider.value,
        "auth": selection.mode.value,
        "model": selection.answering.model.id,
        "account": selection.credential.label,
        "pays_with": selection.credential.payer.value,
        "notice": selection.answering.notice,
    }
