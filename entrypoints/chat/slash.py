"""The commands that start with a slash: one entry each, in one table.

An entry is all that help, completion, the app and the plain mode need; see `docs/extending/add-a-slash-command.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from domain.errors import UsageError
from domain.names import parse_provider
from domain.provider import Provider
from domain.records import dataclass, field
from domain.text.number import whole_number
from domain.text.suggestion import nearest
from domain.usage.sums import By
from entrypoints.chat import kept_commands
from entrypoints.chat.controller import ChatController
from entrypoints.chat.picking.preferring import THEMES


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is typed, shown and carried out."""

    name: str
    arguments: str
    """What may follow the name, as help shows it; with "" nothing may."""
    description: str
    run: Callable[[ChatController, list[str]], None]
    """Carries it out, given the words after the name. Raises UsageError where they make no sense."""
    options: tuple[tuple[str, str], ...] = ()
    """What may follow the name, for completion, and what that does."""
    other_names: Mapping[str, str] = field(default_factory=dict)
    """Names that mean the same, each with its own line of help."""
    key: str = ""
    """The key of the app that does the same."""

    @property
    def shown(self) -> str:
        """The command as help shows it: `/model [name|-]`."""
        return f"{self.name} {self.arguments}".rstrip()


@dataclass(frozen=True, slots=True)
class Completion:
    """One line that could be meant."""

    text: str
    shown: str
    description: str
    key: str = ""
    """The key of the app that does the same."""

    @property
    def needs_more(self) -> bool:
        """Whether it is nothing without an argument."""
        return self.shown != self.text and "[" not in self.shown


def is_command(text: str) -> bool:
    """Whether *text* is meant for the app: one line that starts with a slash and a letter."""
    return text.startswith("/") and "\n" not in text and text[1:2].isalpha()


def run(text: str, chat: ChatController) -> None:
    """Have *chat* carry out the command that *text* is.

    Raises:
        UsageError: It is none, or takes no such argument.
        UnknownName: It names a provider that does not exist.
    """
    name, *words = text.split()
    command = _BY_NAME.get(name)
    if command is None:
        near = nearest(name, _BY_NAME)
        raise UsageError(f'There is no command "{name}".' + (f" Did you mean {near}?" if near else " Try /help."))
    if words and not command.arguments:
        raise UsageError(f"{name} takes no argument.")
    command.run(chat, words)


def complete(text: str) -> tuple[Completion, ...]:
    """What *text* could become; nothing where it is no beginning of a command."""
    if not text.startswith("/") or "\n" in text:
        return ()
    name, blank, _ = text.partition(" ")
    if not blank:
        return tuple(line for line in help_lines() if line.text.startswith(name))
    options = _BY_NAME[name].options if name in _BY_NAME else ()
    lines = (Completion(f"{name} {option}", option, description) for option, description in options)
    return tuple(line for line in lines if line.text.startswith(text) and line.text != text)


def help_lines() -> Iterator[Completion]:
    """Every name of every command, with what it does."""
    for command in COMMANDS:
        yield Completion(command.name, command.shown, command.description, command.key)
        for name, description in command.other_names.items():
            yield Completion(name, name, description)


def _sign_in(chat: ChatController, words: list[str]) -> None:
    if "--status" in words:
        chat.show_accounts()
        return
    rest, account = _account(words, "/login")
    if "--api-key" in rest:
        chat.enter_key(_provider([word for word in rest if word != "--api-key"], "/login"))
        return
    add = "--add" in rest
    if add and account:
        raise UsageError("--add is for a further account, --account for one that is there.")
    chat.sign_in(_provider([word for word in rest if word != "--add"], "/login"), account, add=add)


def _sign_out(chat: ChatController, words: list[str]) -> None:
    rest, account = _account(words, "/logout")
    chat.sign_out(_provider(rest, "/logout"), account)


def _accounts(chat: ChatController, words: list[str]) -> None:
    match words:
        case []:
            chat.show_accounts()
        case ["use", provider, name, *more]:
            chat.use_account(parse_provider(provider), " ".join([name, *more]))
        case _:
            raise UsageError("It is /accounts, or /accounts use PROVIDER NAME.")


def _outbox(chat: ChatController, words: list[str]) -> None:
    outbox = chat.outbox
    match words:
        case []:
            outbox.show()
        case ["send", number]:
            outbox.send_numbered(number)
        case ["send", number, *model]:
            outbox.send_numbered(number, " ".join(model))
        case ["edit", number]:
            outbox.edit_numbered(number)
        case ["drop", number]:
            outbox.drop_numbered(number)
        case ["undo"]:
            outbox.undo()
        case _:
            raise UsageError("It is /outbox, or /outbox send 1, send 1 MODEL, edit 1, drop 1, undo.")


def _account(words: list[str], command: str) -> tuple[list[str], str]:
    """What is left of *words* without `--account NAME`, and the name; "" where there is none."""
    rest: list[str] = []
    name, left = "", iter(words)
    for word in left:
        option, equals, value = word.partition("=")
        if option != "--account":
            rest.append(word)
            continue
        name = value if equals else next(left, "")
        if not name:
            raise UsageError(f"{command} --account wants the name of an account.")
    return rest, name


def _provider(words: list[str], command: str) -> Provider | None:
    names = [word.removeprefix("--provider=") for word in words if word != "--provider"]
    if len(names) > 1:
        raise UsageError(f"{command} takes one provider.")
    if names and names[0].startswith("-"):
        raise UsageError(f"{command} knows no {names[0]}.")
    return parse_provider(names[0]) if names else None


def _number(words: list[str], command: str) -> int | None:
    match words:
        case []:
            return None
        case [word] if (number := whole_number(word)) is not None:
            return number
        case _:
            raise UsageError(f"{command} takes one number, or nothing.")


def _each_provider(before: str, does: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{before}{provider}", f"{does} {provider.label}") for provider in Provider)


COMMANDS: Final = (
    Command(
        "/model",
        "[name|-]",
        "switch model and login; - goes back",
        lambda chat, words: chat.pick_model(" ".join(words)),
        options=(("-", "back to the model before"),),
        key="F2",
    ),
    Command(
        "/login",
        "[--provider=NAME] [--status]",
        "sign in, or show who is signed in",
        _sign_in,
        options=(
            *_each_provider("--provider=", "sign in to"),
            *_each_provider("--api-key --provider=", "enter an API key of"),
            ("--add", "sign in one more account"),
            ("--status", "who is signed in"),
        ),
    ),
    Command(
        "/logout",
        "[PROVIDER]",
        "sign out here and at the provider",
        _sign_out,
        options=_each_provider("", "sign out of"),
    ),
    Command(
        "/accounts",
        "[use PROVIDER NAME]",
        "who is signed in; choose the account that answers",
        _accounts,
        options=_each_provider("use ", "choose the account of"),
        other_names={"/status": "the same list: accounts, expiry, who pays"},
        key="F3",
    ),
    Command(
        "/attach",
        "[FILE|-]",
        "send a file with the next message; - takes the last one out",
        lambda chat, words: chat.attach(" ".join(words)),
        options=(("-", "take out the file that was attached last"),),
    ),
    Command(
        "/outbox",
        "[send|edit|drop NUMBER]",
        "messages that could not be sent yet",
        _outbox,
        options=(
            ("send 1", "send the first one"),
            ("edit 1", "take it back into the field"),
            ("drop 1", "remove it"),
            ("undo", "bring back what was dropped last"),
        ),
    ),
    Command(
        "/allow",
        "[TOKENS]",
        "send once what your limit held back; with a number, have a shorter answer",
        lambda chat, words: chat.spending.allow(_number(words, "/allow")),
    ),
    Command("/new", "", "start a new conversation; the old one is kept", lambda chat, _: chat.begin_anew()),
    Command(
        "/edit",
        "[TEXT|-]",
        "edit the last message and send it again; - brings the old one back",
        lambda chat, words: chat.edit(" ".join(words)),
        options=(("-", "bring back what was edited, with its answer"),),
        key="Esc Esc",
    ),
    Command("/retry", "", "have the last message answered anew", lambda chat, _: chat.retry()),
    Command(
        "/copy",
        "[NUMBER]",
        "copy the last answer, or one block of its code",
        lambda chat, words: chat.copying.copy(_number(words, "/copy")),
    ),
    Command(
        "/chats",
        "[NUMBER]",
        "conversations that are kept: open, find, rename, export, remove",
        kept_commands.chats,
        options=(("remove ", "remove the one with that number"), ("restore", "bring back what was removed last")),
        key="F4",
    ),
    Command("/search", "TEXT", "find conversations by what was said", kept_commands.search),
    Command("/rename", "TITLE", "give this conversation another title", kept_commands.rename),
    Command(
        "/export",
        "[md|json|html]",
        "write this conversation to a file in the current folder",
        kept_commands.export,
        options=kept_commands.FORMS,
    ),
    Command(
        "/usage",
        "[BY] [YYYY-MM]",
        "what was used, what it cost, how much of a plan that is",
        lambda chat, words: chat.usage.show(words),
        options=tuple((by.value, f"a sum for each {by}") for by in By),
    ),
    Command(
        "/theme",
        "[NAME]",
        "light, dark or high contrast, or as the terminal is",
        lambda chat, words: chat.preferring.choose_theme(" ".join(words)),
        options=tuple(THEMES.items()),
    ),
    Command(
        "/mouse",
        "on|off",
        "off: the terminal selects and copies by itself",
        lambda chat, words: chat.preferring.use_mouse(" ".join(words)),
        options=(("on", "the app takes what the mouse does"), ("off", "the terminal selects and copies by itself")),
    ),
    Command("/doctor", "", "look for what is in the way; changes nothing", lambda chat, _: chat.diagnose()),
    Command("/help", "", "keys and commands", lambda chat, _: chat.show_help(), key="F1"),
    Command("/quit", "", "leave; model and sign-ins come back next time", lambda chat, _: chat.leave(), key="Ctrl+C"),
)
"""In the order in which help and completion show them."""

_BY_NAME: Final = {name: command for command in COMMANDS for name in (command.name, *command.other_names)}
