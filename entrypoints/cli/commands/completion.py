"""`keyswitch completion` prints what a shell needs."""

from __future__ import annotations

import click

from entrypoints.cli.group import Command
from entrypoints.cli.shells import SHELLS, show_script


@click.command(
    "completion",
    cls=Command,
    examples=[
        'eval "$(keyswitch completion bash)"',
        "keyswitch completion fish > ~/.config/fish/completions/keyswitch.fish",
    ],
    help="Print the script that lets a shell complete commands, options, providers and models.",
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(*, shell: str) -> int:
    return show_script(shell)
