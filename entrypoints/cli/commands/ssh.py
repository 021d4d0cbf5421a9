"""`keyswitch ssh` connects to another machine, where sign-ins of this one can then be used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from application.ports.forwarding.agent import Wish
from domain.provider import Provider
from entrypoints.cli.forwarding.duration_option import Duration
from entrypoints.cli.forwarding.lending_words import broken_off, lent_words
from entrypoints.cli.group import Command, ProviderName
from entrypoints.cli.home import light_up_to_date
from entrypoints.cli.output import say

if TYPE_CHECKING:
    from domain.credential import CredentialRecord
    from domain.forwarding.grant import Grant

_SSH_FAILED: Final = 255
"""As ssh ends where there is no connection, or where it breaks."""


class _Ssh(Command):
    """A command that leaves alone what stands behind the host: it is ssh's."""

    allow_interspersed_args = False


@click.command(
    "ssh",
    cls=_Ssh,
    examples=[
        "keyswitch ssh devbox",
        "keyswitch ssh --for 2h --provider claude devbox",
        "keyswitch ssh ana@devbox.example.test -p 2222 -A",
        "keyswitch ssh devbox tmux attach",
    ],
    help="Connect to HOST by ssh, and let keyswitch there answer through sign-ins of this machine, for as long as the "
    "connection lasts. Requests come here and answers go back; no token leaves this machine. What stands behind HOST "
    "is given to ssh as it is.",
)
@click.option(
    "--for",
    "seconds",
    type=Duration(),
    default="8h",
    show_default=True,
    metavar="DURATION",
    help="At most: 30m, 8h, 2d.",
)
@click.option(
    "--provider", "providers", type=ProviderName(), multiple=True, metavar="NAME",
    help="Only sign-ins of this provider; may be given again. Without it, of all.",
)  # fmt: skip
@click.option("--confirm", is_flag=True, help="Ask, in the terminal of keyswitch agent, before the first request.")
@click.argument("host")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SSH ARGUMENTS]...")
def command(
    *, host: str, arguments: tuple[str, ...], seconds: float, providers: tuple[Provider, ...], confirm: bool
) -> int:
    from entrypoints.cli.forwarding.beside_ssh import agent_beside
    from entrypoints.light import forward_to

    light = light_up_to_date()
    asked = frozenset(providers or Provider)
    wish = Wish(host=host, providers=asked, seconds=seconds, confirm=confirm)

    def tell(grant: Grant, lent: tuple[CredentialRecord, ...]) -> None:
        say(lent_words(grant, lent, light.clock.now()))

    code = forward_to(light, os.environ, lambda: agent_beside(light))(wish, arguments, tell)
    if code == _SSH_FAILED:
        say(broken_off(host))
    return code if code >= 0 else 128 - code  # as shells count signals
