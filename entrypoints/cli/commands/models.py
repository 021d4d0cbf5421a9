"""`keyswitch models` lists what can be selected."""

from __future__ import annotations

import click

from entrypoints.cli.group import Command
from entrypoints.cli.models.model_list import show_models


@click.command(
    "models",
    cls=Command,
    examples=["keyswitch models", "keyswitch models --available", "keyswitch models --refresh"],
    help="List the models with prices in US dollars per million tokens (in/out), and whether you can use them now.",
)
@click.option("--available", is_flag=True, help="Only what can be used now.")
@click.option("--refresh", is_flag=True, help="Ask the providers for their lists, keep them, and say what is new.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, available: bool, refresh: bool, as_json: bool) -> int:
    if refresh:
        from entrypoints.cli.models.list_refresh import refresh_lists

        return refresh_lists(as_json=as_json)
    return show_models(as_json=as_json, available=available)
