"""`keyswitch events` reads the local log."""

from __future__ import annotations

import click

from domain.provider import Provider
from entrypoints.cli.event_list import show_events
from entrypoints.cli.group import Command, ProviderName


@click.command(
    "events",
    cls=Command,
    examples=["keyswitch events", "keyswitch events -n 100 --provider claude", "keyswitch events --json"],
    help="Show the local log: logins, renewals, switches, refused selections and failures, the latest last. It holds "
    "no secret and no message, and leaves this machine only if you send it.",
)
@click.option(
    "-n", "--count", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="How many at most."
)
@click.option("--provider", type=ProviderName(), metavar="NAME", help="Of this provider only.")
@click.option("--all", "answered", is_flag=True, help="Also the messages that were answered.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with the messages that were answered.")
def command(*, count: int, provider: Provider | None, answered: bool, as_json: bool) -> int:
    return show_events(count=count, provider=provider, answered=answered, as_json=as_json)
