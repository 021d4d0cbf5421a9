"""`keyswitch use` selects a model."""

from __future__ import annotations

import click

from entrypoints.cli.group import Command, ModelName
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.cli.selecting import use


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
    return use(model, agreed=yes, as_json=as_json)
