"""The parser: click, with commands that are imported when they are run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from domain.model import Preset
from domain.names import parse_provider
from domain.provider import Provider
from domain.text.suggestion import nearest
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.cli.failure import report_usage
from entrypoints.cli.output import is_text
from entrypoints.cli.overview import COMMANDS, UNLISTED, help_text
from entrypoints.exit_code import ExitCode
from entrypoints.words.errors import typed

if TYPE_CHECKING:
    from application.snapshot import Snapshot
    from domain.conversations.kept import Summary

_PROGRAM: Final = "keyswitch"
_EXTRA: Final = re.compile(r"(Got unexpected extra arguments?) \(.*\)", re.DOTALL)
_OFFERED: Final = 200
"""Conversations that a shell offers."""
_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def offered(value: str, what: str) -> CompletionItem:
    """A word that can be completed, and what it means, as the shell may show them."""
    return CompletionItem(untrusted_line(value), help=untrusted_line(what))


class Command(click.Command):
    """A command whose help opens with examples."""

    def __init__(self, name: str | None = None, *, examples: Sequence[str] = (), **rest: Any) -> None:
        super().__init__(name, **(rest | {"context_settings": dict(_CONTEXT)}))
        self._examples = examples

    def invoke(self, ctx: click.Context) -> Any:
        """As in the base class, with text only: a path may be any bytes, and all else is stored, shown or sent."""
        _check_text(ctx)
        return super().invoke(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, what it does, how it is written, options, and the commands below it where it has any."""
        formatter.write("Examples:\n")
        for example in self._examples:
            formatter.write(untrusted(f"  {example}\n"))
        self.format_help_text(ctx, formatter)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_options(ctx, formatter)


class Family(Command, click.Group):
    """A command with commands below it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in the base class, with a suggestion."""
        _check_known(args[0], tuple(self.commands), ctx)
        return super().resolve_command(ctx, args)


class Program(click.Group):
    """All commands by name; none is imported before it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS and cmd_name not in UNLISTED:
            return None
        command = import_module(f"entrypoints.cli.commands.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - narrows what import_module cannot tell
        return command

    def get_help(self, ctx: click.Context) -> str:
        """The same text as without the parser."""
        return help_text().rstrip("\n")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in the base class, with a suggestion from all the names."""
        if args[0] not in UNLISTED:
            _check_known(args[0], tuple(COMMANDS), ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names and options, from the data that the help is made of."""
        names = [offered(name, line) for name, line in COMMANDS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


class ProviderName(click.ParamType[Provider]):
    """The name of a provider; a vendor's name does as well."""

    name = "provider"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Provider:
        """The provider. Raises `UnknownName`, whose sentence names them all."""
        return value if isinstance(value, Provider) else parse_provider(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the three providers."""
        return [offered(name.value, name.label) for name in Provider if name.startswith(incomplete)]


class ModelName(click.ParamType[str]):
    """Whatever the catalogue can resolve; it does so when the command runs."""

    name = "model"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The presets that are shown today."""
        return [offered(preset.id, preset.label) for preset in _shown() if preset.id.startswith(incomplete)]


class AccountName(click.ParamType[str]):
    """The name of a stored account; the command finds out whose it is."""

    name = "account"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The accounts of the provider that stands before it, or of all."""
        provider = ctx.params.get("provider")
        return [
            offered(name, owner.label)
            for owner, name in _accounts()
            if provider in (None, owner) and name.casefold().startswith(incomplete.casefold())
        ]


class ConversationId(click.ParamType[str]):
    """The beginning of the id of a conversation that is kept; the command finds out which."""

    name = "conversation"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The latest conversations, with their titles."""
        from application.use_cases.find_conversation import SHORT

        return [offered(one.id[:SHORT], one.title) for one in _conversations() if one.id.startswith(incomplete)]


def program() -> Program:
    """The whole command line. Without a command it opens the chat."""
    return Program(
        _PROGRAM,
        callback=_without_command,
        invoke_without_command=True,
        context_settings=dict(_CONTEXT),
        params=[
            click.Option(["-m", "--model"], type=ModelName()),
            click.Option(["-c", "--continue", "continue_last"], is_flag=True),
            click.Option(["--resume"], type=ConversationId()),
            click.Option(["--plain"], is_flag=True),
            click.Option(["--ascii", "ascii_signs"], is_flag=True),
            click.Option(["--no-mouse"], is_flag=True),
            click.Option(["--no-save"], is_flag=True),
            click.Option(["--version"], is_flag=True),
        ],
    )


def run(arguments: list[str]) -> int:
    """Parse *arguments* and run what they ask for.

    Raises:
        KeyswitchError: As the command does.
        KeyboardInterrupt: Ctrl+C, also at a question.
    """
    try:
        code = program().main(arguments, prog_name=_PROGRAM, standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else _PROGRAM
        as_json = "--json" in arguments or "--jsonl" in arguments
        return report_usage(_worded(error), helps=f"{where} --help", as_json=as_json)
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return ExitCode.CANCELLED
    return ExitCode.OK if code is None else int(code)


def _check_known(name: str, known: tuple[str, ...], ctx: click.Context) -> None:
    if name in known or name.startswith("-") or ctx.resilient_parsing:
        return
    meant = nearest(name, known)
    hint = f"Did you mean {meant}?" if meant else f"Commands: {', '.join(known)}."
    raise click.UsageError(f'Unknown command "{name}". {hint}', ctx)


def _check_text(ctx: click.Context) -> None:
    for value in ctx.params.values():
        texts = value if isinstance(value, tuple) else (value,)
        if not all(is_text(text) for text in texts if isinstance(text, str)):
            raise click.UsageError("An argument is no text in UTF-8, and only text can be taken.", ctx)


def _worded(error: click.UsageError) -> str:
    # Where a key is expected, so is one as an argument: no word of it is repeated, whatever it looks like.
    at_login = error.ctx is not None and error.ctx.info_name == "login"
    message = error.format_message()
    text = typed(_EXTRA.sub(r"\1", message) if at_login else message)
    return text if text.endswith((".", "?", ")")) else f"{text}."


@click.pass_context
def _without_command(
    ctx: click.Context, /, *, model: str | None, resume: str | None, continue_last: bool, plain: bool, **flags: bool
) -> int | None:
    of_the_chat = any(flags[name] for name in ("ascii_signs", "no_mouse", "no_save"))
    chosen = model is not None or resume is not None or continue_last or plain or of_the_chat
    _check_text(ctx)
    if flags["version"]:
        from domain.version import VERSION
        from entrypoints.cli.output import result

        result(f"{_PROGRAM} {VERSION}")
        ctx.exit(0)
    if ctx.invoked_subcommand is not None:
        if chosen:
            raise click.UsageError("Options before a command are for the chat; write them after the command.", ctx)
        return None
    from entrypoints.cli.open_chat import chat

    if resume is not None and continue_last:
        raise click.UsageError("--continue is for the last conversation, --resume for another one.", ctx)
    return chat(
        model=model,
        continue_last=continue_last,
        resume=resume,
        plain=plain,
        ascii_signs=flags["ascii_signs"],
        mouse=not flags["no_mouse"],
        save=not flags["no_save"],
    )


def _shown() -> tuple[Preset, ...]:
    snapshot = _snapshot()
    return snapshot.catalogue.shown(snapshot.given.now.date()) if snapshot else ()


def _accounts() -> list[tuple[Provider, str]]:
    from domain.accounts import account_names

    snapshot = _snapshot()
    names = account_names(snapshot.credentials) if snapshot else {}
    return [(key.provider, name) for key, name in names.items()]


def _conversations() -> tuple[Summary, ...]:
    """The latest ones; a store that cannot be read is no reason to disturb a person who presses Tab."""
    from domain.errors import KeyswitchError
    from entrypoints.cli.home import light

    try:
        return light().conversations().summaries(limit=_OFFERED)
    except KeyswitchError:
        return ()


def _snapshot() -> Snapshot | None:
    """What can be completed; a config that makes no sense is no reason to disturb a person who presses Tab."""
    from domain.errors import KeyswitchError
    from entrypoints.cli.home import light

    try:
        return light().auth.snapshot()
    except KeyswitchError:
        return None
