"""`keyswitch config` reads, checks and edits the config."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from application.settings import KeyPreference
from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from entrypoints.cli.group import Command, Family
from entrypoints.cli.home import full, light, light_up_to_date, run_async
from entrypoints.cli.output import is_terminal, piped, result, result_json, say
from entrypoints.cli.passphrase import give_again, new_passphrase, passphrase_option, store_path
from entrypoints.cli.restoring import restore_backup
from entrypoints.exit_code import ExitCode
from entrypoints.words.master_key import key_lines

if TYPE_CHECKING:
    from application.ports.config_editor import ConfigEditor
    from application.use_cases.move_key import KeySettled

_SCHEMA: Final = 1
_KEY_SOURCE: Final = "auth.key_source"
_LONGEST_SECRET: Final = 4096
"""Characters."""


@click.group(
    "config",
    cls=Family,
    invoke_without_command=True,
    examples=[
        '"$EDITOR" "$(keyswitch config path)"',
        "keyswitch config get auth.env_keys",
        "keyswitch config set auth.key_source keyring   (moves the master key)",
        "keyswitch config check",
        "keyswitch config restore-backup --to FOLDER    (files of an earlier program)",
    ],
    help="Read, change and check the config file. Comments, order and unknown keys in it stay.",
)
@click.pass_context
def command(ctx: click.Context, /) -> None:
    if ctx.invoked_subcommand is None:
        raise click.UsageError(f"Say what to do: {', '.join(command.commands)}.", ctx)


@command.command(
    "path",
    cls=Command,
    examples=["keyswitch config path", '"$EDITOR" "$(keyswitch config path)"'],
    help="Say where the config file is, whether it exists yet or not.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def path(*, as_json: bool) -> int:
    from entrypoints.light import open_home

    file = open_home(os.environ) / "config.toml"
    if as_json:
        result_json({"schema": _SCHEMA, "path": str(file), "exists": file.is_file()})
    else:
        result(str(file))
    return ExitCode.OK


@command.command(
    "get",
    cls=Command,
    examples=["keyswitch config get", "keyswitch config get auth.key_source", "keyswitch config get ui.theme"],
    help="Print what KEY says, or its default; without KEY, everything that is set. Secrets are masked. "
    "Exit code 1 if KEY is not set and has no default.",
)
@click.argument("key", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def get(*, key: str | None, as_json: bool) -> int:
    if key is None:
        return _show_all(_editor().entries(), as_json=as_json)
    value = _editor().get(key)
    if as_json:
        result_json({"schema": _SCHEMA, "key": key, "value": value})
    elif value is not None:
        result(untrusted_line(value))
    return ExitCode.ERROR if value is None else ExitCode.OK


@command.command(
    "set",
    cls=Command,
    examples=[
        "keyswitch config set auth.env_keys fallback",
        "keyswitch config set auth.key_source passphrase",
        "keyswitch config set providers.claude.scopes '[\"user:inference\"]'",
        "keyswitch config set providers.gemini.client_secret < secret.txt",
    ],
    help="Set KEY to VALUE, if the config makes sense with it. A list or a table is written as in TOML. Of a secret "
    "VALUE is left out, and asked for or read from standard input. Setting auth.key_source moves the master key: "
    "to the keyring, a file, under a passphrase; auto takes it out of a file into a keyring, if there is one.",
)
@click.argument("key")
@click.argument("value", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@passphrase_option
def set_(*, key: str, value: str | None, as_json: bool) -> int:
    editor = _editor()
    secret = editor.takes_secret(key)
    if secret is (value is not None):
        raise click.UsageError(_needs(key, secret=secret), click.get_current_context())
    if key == _KEY_SOURCE and value in set(KeyPreference):
        return _move_key(KeyPreference(value), as_json=as_json)
    editor.set(key, _secret(key) if value is None else value)
    shown = editor.get(key)
    if as_json:
        result_json({"schema": _SCHEMA, "key": key, "value": shown})
    else:
        result(untrusted_line(f"{key} = {shown}"))
    return ExitCode.OK


@command.command(
    "check",
    cls=Command,
    examples=["keyswitch config check", "keyswitch config check --json | jq -r '.problems[]'"],
    help="Say what is wrong with the config file, one line each, and what is worth a look. Nothing is changed. "
    "Exit code 7 if anything is wrong.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(*, as_json: bool) -> int:
    from entrypoints.light import key_place, open_home

    home = open_home(os.environ)
    editor = _editor()
    remarks = editor.remarks()
    problems = [remark.sentence for remark in remarks if remark.is_problem]
    wanted = KeyPreference.AUTO if problems else KeyPreference(editor.get(_KEY_SOURCE) or KeyPreference.AUTO)
    notes = [remark.sentence for remark in remarks if not remark.is_problem]
    notes += key_lines(key_place(home).whereabouts(), wanted)
    if as_json:
        file = str(home / "config.toml")
        result_json({"schema": _SCHEMA, "ok": not problems, "path": file, "problems": problems, "notes": notes})
    else:
        for problem in problems:
            result(untrusted_line(problem))
        for note in notes:
            say(note)
        if not problems:
            say("The config file makes sense.")
    return ExitCode.CONFIG if problems else ExitCode.OK


command.add_command(restore_backup)


def _show_all(entries: tuple[tuple[str, str], ...], *, as_json: bool) -> int:
    if as_json:
        result_json({"schema": _SCHEMA, "settings": dict(entries)})
        return ExitCode.OK
    for name, value in entries:
        result(untrusted_line(f"{name} = {value}"))
    return ExitCode.OK


def _editor() -> ConfigEditor:
    from entrypoints.light import config_editor, open_home

    return config_editor(open_home(os.environ), os.environ)


def _needs(key: str, *, secret: bool) -> str:
    if secret:
        return f"{key} is a secret: leave VALUE out, and it is asked for or read from standard input."
    return "Missing argument 'VALUE'."


def _secret(key: str) -> Secret:
    from entrypoints.light import protect

    protect()
    if is_terminal(sys.stdin):
        return Secret(click.prompt(untrusted_line(f"{key} (hidden)"), hide_input=True, err=True))
    return Secret(piped(_LONGEST_SECRET, line=True).strip())


def _move_key(source: KeyPreference, *, as_json: bool) -> int:
    # Without any key the earlier program's sign-ins wait for it: they might ask for a passphrase that is not wanted.
    first = light().auth.status().key is None
    services = light() if first else light_up_to_date()
    # Where nothing is sealed the old passphrase is of no use: who forgot it gets a new key by this very command.
    sealed = bool(services.auth.status().stored)

    async def coroutine() -> KeySettled:
        async with full(services, with_key=sealed) as everything:
            new = new_passphrase(store_path(services.home)) if source is KeyPreference.PASSPHRASE else None
            settled = everything.move_key(source, passphrase=new)
            if new is not None:
                give_again(new)
            return settled

    settled = run_async(coroutine())
    if first:
        light_up_to_date()
    lines = key_lines(settled.whereabouts, source)
    if as_json:
        result_json({"schema": _SCHEMA, "key": _KEY_SOURCE, "value": source.value, **_document(settled)})
    else:
        result(f"{_KEY_SOURCE} = {source}")
        for line in lines or ["There is no master key yet. The first sign-in makes it."]:
            say(line)
        if settled.stayed is not None:
            say(f"It stays there: {settled.stayed.problem}.")
    return ExitCode.OK


def _document(settled: KeySettled) -> dict[str, str | bool | None]:
    key = settled.whereabouts
    return {
        "key_in": key.place.value if key else None,
        "moved": settled.moved,
        "stayed_because": settled.stayed.problem if settled.stayed else None,
    }
