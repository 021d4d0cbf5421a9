"""`keyswitch chats` lists, shows, finds, renames, exports and removes conversations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from domain.errors import StoreError, UsageError
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.cli.chat_list import SCHEMA, show_hits, show_list, summary_document
from entrypoints.cli.group import Command, ConversationId, Family
from entrypoints.cli.home import light
from entrypoints.cli.output import may_ask, result, result_json, say, write_result
from entrypoints.exit_code import ExitCode
from entrypoints.words.conversations import given_title, messages_words, title_words

if TYPE_CHECKING:
    from application.ports.conversation_store import ConversationStore
    from domain.conversations.kept import Summary

_FORMATS: Final = ("md", "json", "html")
_ID: Final = "The beginning of ID is enough where only one conversation begins so."


@click.group(
    "chats",
    cls=Family,
    invoke_without_command=True,
    examples=[
        "keyswitch chats list",
        "keyswitch chats search parser",
        "keyswitch chats export 3f9c -o parser.html",
        "keyswitch --resume 3f9c               (opens it in the app)",
    ],
    help="The conversations that are kept on this machine: list, read, find, rename, export and remove them.",
)
@click.pass_context
def command(ctx: click.Context, /) -> int | None:
    return _list(as_json=False) if ctx.invoked_subcommand is None else None


@command.command(
    "list",
    cls=Command,
    examples=["keyswitch chats list", "keyswitch chats list --json | jq -r '.conversations[].id'"],
    help="List the conversations, the last one first.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_chats(*, as_json: bool) -> int:
    return _list(as_json=as_json)


@command.command(
    "show",
    cls=Command,
    examples=["keyswitch chats show 3f9c", "keyswitch chats show 3f9c | less"],
    help=f"Print a conversation. {_ID}",
)
@click.argument("conversation", type=ConversationId(), metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as export writes it.")
def show(*, conversation: str, as_json: bool) -> int:
    for piece in _pieces(light().conversations(), conversation, "json" if as_json else "md"):
        write_result(untrusted(piece))
    return ExitCode.OK


@command.command(
    "search",
    cls=Command,
    examples=["keyswitch chats search parser", "keyswitch chats search 'base case' --json"],
    help="Find the conversations in which all words of TEXT were said, or stand in the title. The last word may be "
    "only begun.",
)
@click.argument("text", nargs=-1, required=True)
@click.option("-n", "--count", type=click.IntRange(min=1), default=50, show_default=True, metavar="N", help="At most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def search(*, text: tuple[str, ...], count: int, as_json: bool) -> int:
    wanted = " ".join(text)
    return show_hits(light().conversations().search(wanted, limit=count), wanted, as_json=as_json)


@command.command(
    "rename",
    cls=Command,
    examples=["keyswitch chats rename 3f9c The parser that never ends"],
    help=f"Give a conversation another title. {_ID}",
)
@click.argument("conversation", type=ConversationId(), metavar="ID")
@click.argument("title", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def rename(*, conversation: str, title: tuple[str, ...], as_json: bool) -> int:
    store = light().conversations()
    found, wanted = _found(store, conversation), given_title(" ".join(title))
    store.rename(found.id, wanted)
    if as_json:
        result_json({"schema": SCHEMA, "renamed": {**summary_document(found), "title": wanted}})
    else:
        result(untrusted_line(f'"{title_words(found.title)}" is called "{wanted}" now.'))
    return ExitCode.OK


@command.command(
    "export",
    cls=Command,
    examples=[
        "keyswitch chats export 3f9c > parser.md",
        "keyswitch chats export 3f9c --format html -o parser.html",
        "keyswitch chats export 3f9c -o parser.json --force",
    ],
    help="Write a conversation down: as Markdown, as JSON with all that is known of each answer, or as a page that "
    f"loads nothing and runs nothing. {_ID}",
)
@click.argument("conversation", type=ConversationId(), metavar="ID")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="Without it, what FILE ends with decides, else md."
)  # fmt: skip
@click.option(
    "-o", "--output", "path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write to this file, which only you can read. Without it, to standard output.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over FILE where it is there already.")
def export(*, conversation: str, form: str | None, path: Path | None, force: bool) -> int:
    services = light()
    ending = path.suffix.removeprefix(".").casefold() if path else ""
    pieces = _pieces(services.conversations(), conversation, form or (ending if ending in _FORMATS else "md"))
    if path is None:
        for piece in pieces:
            write_result(untrusted(piece))
        return ExitCode.OK
    if not services.new_files().write(path, pieces, over=force):
        raise UsageError(f"{path} is there already, and was left as it is. --force writes over it.")
    say(untrusted_line(f"Written to {path}, which only you can read."))
    return ExitCode.OK


@command.command(
    "rm",
    cls=Command,
    examples=["keyswitch chats rm 3f9c", "keyswitch chats rm 3f9c --yes"],
    help=f"Remove a conversation. For an hour it can be brought back. {_ID}",
)
@click.argument("conversation", type=ConversationId(), metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def remove(*, conversation: str, yes: bool, as_json: bool) -> int:
    store = light().conversations()
    found = _found(store, conversation)
    what = f'"{title_words(found.title)}" ({messages_words(found.turns)})'
    if not yes and not _agrees(what):
        raise UsageError(f"{what} was not removed. If you agree: keyswitch chats rm {found.id[:8]} --yes")
    store.remove(found.id)
    if as_json:
        result_json({"schema": SCHEMA, "removed": summary_document(found)})
    else:
        result(untrusted_line(f"{what} is removed."))
    say(f"For an hour this brings it back: keyswitch chats restore {found.id}")
    return ExitCode.OK


@command.command(
    "restore",
    cls=Command,
    examples=["keyswitch chats restore 3f9c2a417be04d5b9a61c2d8e7f00a13"],
    help="Bring back a conversation that was removed within the last hour. ID is its whole id, as rm said it.",
)
@click.argument("conversation", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def restore(*, conversation: str, as_json: bool) -> int:
    store = light().conversations()
    try:
        found = _found(store, store.restore(conversation.strip().casefold()))
    except StoreError as error:
        if error.code != "store":
            raise
        raise UsageError("No conversation of that id was removed within the last hour.") from None
    if as_json:
        result_json({"schema": SCHEMA, "restored": summary_document(found)})
    else:
        result(untrusted_line(f'"{title_words(found.title)}" is there again.'))
    return ExitCode.OK


def _list(*, as_json: bool) -> int:
    services = light()
    return show_list(services.conversations().summaries(), services.clock.now(), as_json=as_json)


def _found(store: ConversationStore, typed: str) -> Summary:
    from application.use_cases.find_conversation import find_conversation

    return find_conversation(store, typed)


def _pieces(store: ConversationStore, typed: str, form: str) -> Iterator[str]:
    from application.use_cases.read_conversation import all_turns
    from entrypoints.export.formats import ExportFormat, exported

    found = _found(store, typed)
    head = store.load(found.id, turns=0)
    if head is None:
        raise UsageError(f'"{title_words(found.title)}" was removed just now, in another window.')
    return exported(head, all_turns(store, found.id), ExportFormat(form))


def _agrees(what: str) -> bool:
    return may_ask() and click.confirm(untrusted_line(f"Remove {what}?"), err=True)
