"""`keyswitch models` lists what can be selected."""

from __future__ import annotations

import click

from entrypoints.cli.group import Command
from entrypoints.cli.model_list import show_models


@click.command(
    "models",
    cls=Command,
    examples=["keyswitch models", "keyswitch models --available", "keyswitch models --json"],
    help="List the models with prices in US dollars per million tokens (in/out), and whether you can use them now.",
)
@click.option("--available", is_flag=True, help="Only what can be used now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, available: bool, as_json: bool) -> int:
    return show_models(as_json=as_json, available=available)
