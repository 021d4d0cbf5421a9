"""The commands that start with a slash: what they are, what a line means, what may follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from domain.errors import UsageError
from domain.names import parse_provider
from domain.provider import Provider
from domain.text.suggestion import nearest


@dataclass(frozen=True, slots=True)
class Command:
    """One of them, as help and completion show it."""

    name: str
    arguments: str
    description: str


COMMANDS: Final = (
    Command("/model", "[name|-]", "switch model and login; - goes back"),
    Command("/login", "[--provider=NAME] [--status]", "sign in, or show who is signed in"),
    Command("/logout", "[PROVIDER]", "sign out here and at the provider"),
    Command("/accounts", "[use PROVIDER NAME]", "who is signed in; choose the account that answers"),
    Command("/status", "", "the same list: accounts, expiry, who pays"),
    Command("/new", "", "start a new conversation; the old one is kept"),
    Command("/doctor", "", "look for what is in the way; changes nothing"),
    Command("/help", "", "keys and commands"),
    Command("/quit", "", "leave; model and sign-ins come back next time"),
)


@dataclass(frozen=True, slots=True)
class PickModel:
    """`/model`: the picker, a model by name, or `-` for the one before."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class AskSignIn:
    """`/login`: the dialog, for a provider or for one to choose."""

    provider: Provider | None = None
    account: str = ""
    """Sign this one in again, and no other."""
    add: bool = False
    """Sign in one more."""


@dataclass(frozen=True, slots=True)
class AskSignOut:
    """`/logout`: of the active provider, or a named one."""

    provider: Provider | None = None
    account: str = ""
    """This one only."""


@dataclass(frozen=True, slots=True)
class UseAccount:
    """`/accounts use PROVIDER NAME`."""

    provider: Provider
    name: str


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """`/accounts`, `/status`, `/login --status`."""


@dataclass(frozen=True, slots=True)
class New:
    """`/new`."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """`/doctor`."""


@dataclass(frozen=True, slots=True)
class Help:
    """`/help`."""


@dataclass(frozen=True, slots=True)
class Quit:
    """`/quit`."""


SlashLine = PickModel | AskSignIn | AskSignOut | UseAccount | ShowStatus | New | Doctor | Help | Quit


@dataclass(frozen=True, slots=True)
class Completion:
    """One line that could be meant."""

    text: str
    shown: str
    description: str


def is_command(text: str) -> bool:
    """Whether *text* is meant for the app: one line that starts with a slash and a letter or nothing."""
    return text.startswith("/") and "\n" not in text and not text.startswith("//") and text[1:2].isalpha()


def parse(text: str) -> SlashLine:
    """The command that *text* is.

    Raises:
        UsageError: It is none, or takes no such argument.
        UnknownProvider: It names a provider that does not exist.
    """
    name, *arguments = text.split()
    match name:
        case "/model":
            return PickModel(" ".join(arguments))
        case "/login":
            return _login(arguments)
        case "/logout":
            rest, account = _account(arguments, name)
            return AskSignOut(_provider(rest, name), account)
        case "/accounts":
            return _accounts(arguments)
        case _:
            return _plain(name, arguments)


def _plain(name: str, arguments: list[str]) -> SlashLine:
    plain: dict[str, Callable[[], SlashLine]] = {
        "/status": ShowStatus,
        "/new": New,
        "/doctor": Doctor,
        "/help": Help,
        "/quit": Quit,
    }
    if name not in plain:
        near = nearest(name, (command.name for command in COMMANDS))
        raise UsageError(f'There is no command "{name}".' + (f" Did you mean {near}?" if near else " Try /help."))
    if arguments:
        raise UsageError(f"{name} takes no argument.")
    return _PLAIN[name]()


_PLAIN: Final[dict[str, Callable[[], SlashLine]]] = {
    "/status": ShowStatus,
    "/new": New,
    "/doctor": Doctor,
    "/help": Help,
    "/quit": Quit,
}


def complete(text: str) -> tuple[Completion, ...]:
    """What *text* could become; nothing where it is no beginning of a command."""
    if not text.startswith("/") or "\n" in text:
        return ()
    name, blank, _ = text.partition(" ")
    if not blank:
        return tuple(
            Completion(command.name, f"{command.name} {command.arguments}".rstrip(), command.description)
            for command in COMMANDS
            if command.name.startswith(name)
        )
    return tuple(option for option in _OPTIONS.get(name, ()) if option.text.startswith(text) and option.text != text)


def _options(command: str, argument: str, description: str) -> tuple[Completion, ...]:
    return tuple(
        Completion(f"{command} {argument}{provider.value}", f"{argument}{provider.value}", description + provider.label)
        for provider in Provider
    )


_OPTIONS: Final = {
    "/login": (
        *_options("/login", "--provider=", "sign in to "),
        Completion("/login --add", "--add", "sign in one more account"),
        Completion("/login --status", "--status", "who is signed in"),
    ),
    "/logout": _options("/logout", "", "sign out of "),
    "/accounts": _options("/accounts", "use ", "choose the account of "),
    "/model": (Completion("/model -", "-", "back to the model before"),),
}


def _login(arguments: list[str]) -> SlashLine:
    if "--status" in arguments:
        return ShowStatus()
    rest, account = _account(arguments, "/login")
    add = "--add" in rest
    if add and account:
        raise UsageError("--add is for a further account, --account for one that is there.")
    return AskSignIn(_provider([word for word in rest if word != "--add"], "/login"), account, add)


def _accounts(arguments: list[str]) -> SlashLine:
    match arguments:
        case []:
            return ShowStatus()
        case ["use", provider, name, *more]:
            return UseAccount(parse_provider(provider), " ".join([name, *more]))
        case _:
            raise UsageError("It is /accounts, or /accounts use PROVIDER NAME.")


def _account(arguments: list[str], command: str) -> tuple[list[str], str]:
    """What is left of *arguments* without `--account NAME`, and the name; "" where there is none."""
    rest: list[str] = []
    name, words = "", iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if option != "--account":
            rest.append(word)
            continue
        name = value if equals else next(words, "")
        if not name:
            raise UsageError(f"{command} --account wants the name of an account.")
    return rest, name


def _provider(arguments: list[str], command: str) -> Provider | None:
    names = [argument.removeprefix("--provider=") for argument in arguments if argument != "--provider"]
    if len(names) > 1:
        raise UsageError(f"{command} takes one provider.")
    if names and names[0].startswith("-"):
        raise UsageError(f"{command} knows no {names[0]}.")
    return parse_provider(names[0]) if names else None
