"""`keyswitch config restore-backup` writes an earlier program's files back."""

from __future__ import annotations

from typing import Final

import click

from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import CommandError
from entrypoints.cli.group import Command
from entrypoints.cli.home import full, light, run_async
from entrypoints.cli.output import may_ask, result, result_json, say
from entrypoints.cli.passphrase import passphrase_option
from entrypoints.exit_code import ExitCode

_COMMAND: Final = "keyswitch config restore-backup"
_WARNING: Final = (
    "The earlier program's files come back into the home folder, in plain text, and take the place of keyswitch's "
    "store. keyswitch goes on with its last good copy, and its next command that writes puts its own file back. Tokens "
    "that were renewed since are spent."
)


@click.command(
    "restore-backup",
    cls=Command,
    examples=[f"{_COMMAND} --to ~/earlier", _COMMAND],
    help="Bring back the files of an earlier program as they were before keyswitch took their sign-ins over. "
    "Exit code 1 if there are none.",
)
@click.option("--to", "folder", metavar="FOLDER", help="Into this folder, which exists, instead of the home folder.")
@click.option("--yes", is_flag=True, help="Without FOLDER: do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def restore_backup(*, folder: str | None, yes: bool, as_json: bool) -> int:
    if folder is None and not yes and not _agrees():
        sentence = f"{_WARNING} Nothing was changed. If you agree: {_COMMAND} --yes, or name a folder with --to."
        raise CommandError(sentence, code="restore_unconfirmed")
    paths = run_async(_story(folder))
    if not paths:
        sentence = "No file of an earlier program was taken over here, so there is none to bring back."
        raise CommandError(sentence, code="nothing_to_restore")
    if as_json:
        result_json({"schema": 1, "written": list(paths)})
        return ExitCode.OK
    for path in paths:
        result(untrusted_line(path))
    say("Tokens that keyswitch renewed since are spent; the other program then asks to sign in.")
    return ExitCode.OK


async def _story(folder: str | None) -> tuple[str, ...]:
    async with full(light()) as services:
        return services.restore_originals(folder)


def _agrees() -> bool:
    return may_ask() and click.confirm(untrusted_line(f"{_WARNING} Go on?"), err=True)
