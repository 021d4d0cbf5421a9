"""`keyswitch forwarded` is what `keyswitch ssh` runs on the other machine."""

from __future__ import annotations

import os

import click

from entrypoints.cli.group import Command
from entrypoints.cli.output import result_json


@click.command(
    "forwarded",
    cls=Command,
    examples=["keyswitch forwarded --prepare", "ssh devbox keyswitch forwarded --prepare"],
    help="Make a place for the socket by which sign-ins of another machine come to this one. keyswitch ssh, on that "
    "machine, runs it here; by hand it is of use before ssh -R.",
)
@click.option(
    "--prepare", is_flag=True, required=True, expose_value=False, help="Print the path of the place, in a line of JSON."
)
def command() -> int:
    from entrypoints.light import forwarding_place

    place = forwarding_place(os.environ)
    result_json({"protocol": place.protocol, "version": place.version, "path": place.path})
    return 0
