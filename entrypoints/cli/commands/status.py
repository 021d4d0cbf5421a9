"""`keyswitch status`."""

from __future__ import annotations

import click

from entrypoints.cli.group import Command
from entrypoints.cli.status_report import show_status


@click.command(
    "status",
    cls=Command,
    examples=["keyswitch status", "keyswitch status --json | jq .active"],
    help="Say who is signed in, and for how long. Exit code 4 if the active sign-in cannot be used.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object; never a token.")
def command(*, as_json: bool) -> int:
    return show_status(as_json=as_json)
