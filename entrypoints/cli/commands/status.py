"""`keyswitch status` says who is signed in."""

from __future__ import annotations

import click

from entrypoints.cli.group import Command
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.cli.status_report import show_status


@click.command(
    "status",
    cls=Command,
    examples=["keyswitch status", "keyswitch status --json | jq .active", "keyswitch status --check"],
    help="Say who is signed in, and for how long. Exit code 4 if the active sign-in cannot be used, 8 if it "
    "ends within three days and no renewal prolongs it.",
)
@click.option("--check", is_flag=True, help="Ask the providers whether they accept what is stored; it costs nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; never a token.")
@passphrase_option
def command(*, check: bool, as_json: bool) -> int:
    if check:
        from entrypoints.cli.check_report import show_check

        return show_check(as_json=as_json)
    return show_status(as_json=as_json)
