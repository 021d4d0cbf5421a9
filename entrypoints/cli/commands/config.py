"""`keyswitch config`."""

from __future__ import annotations

import os

import click

from entrypoints.cli.failure import ExitCode
from entrypoints.cli.group import Command
from entrypoints.cli.output import result, result_json


@click.command(
    "config",
    cls=Command,
    examples=["keyswitch config path", '"$EDITOR" "$(keyswitch config path)"'],
    help="Say where the config file is, whether it exists yet or not.",
)
@click.argument("what", type=click.Choice(["path"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, what: str, as_json: bool) -> int:
    from entrypoints.light import open_home

    path = open_home(os.environ) / "config.toml"
    if as_json:
        result_json({"schema": 1, what: str(path), "exists": path.is_file()})
    else:
        result(str(path))
    return ExitCode.OK
