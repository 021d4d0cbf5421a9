"""How a command ends that failed: what is said, and the document for programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from domain.errors import KeyswitchError, LimitReached, Overloaded, SignInNeeded, UsageError
from domain.provider import Provider
from entrypoints.cli.output import result_json, say, timestamp
from entrypoints.exit_code import ExitCode
from entrypoints.words.errors import command_for, error_sentence, exit_code
from entrypoints.words.spending import held_back_by_ask
from entrypoints.words.ways_in import below, that_works

if TYPE_CHECKING:
    from collections.abc import Collection


class CommandError(KeyswitchError):
    """A command cannot do what was asked, for a reason that only the command line knows; nothing was changed."""

    def __init__(
        self,
        sentence: str,
        *,
        code: Literal[
            "adoption_unconfirmed",
            "no_terminal",
            "not_possible",
            "nothing_to_restore",
            "restore_unconfirmed",
            "too_few_files",
        ],
    ) -> None:
        super().__init__(sentence, code=code)


def error_document(error: KeyswitchError, helps: str | None = None) -> dict[str, Any]:
    """*error* for `--json`: a stable code, the sentence, and the command that *helps* ("" where none does)."""
    fix = command_for(error) if helps is None else helps
    document: dict[str, Any] = {"code": error.code, "message": error_sentence(error), "fix": fix}
    provider = getattr(error, "provider", None)
    if provider is not None:
        document["provider"] = provider.value
    if error.on_laptop:
        document["on_laptop"] = error.on_laptop
    if error.answer_so_far:
        document["text"] = error.answer_so_far
    if advice := getattr(error, "advice", ""):
        document["advice"] = advice
    if isinstance(error, UsageError) and error.code == "held_back":
        document["longest_answer"] = error.longest
    if isinstance(error, LimitReached):
        document |= {"resets_at": timestamp(error.resets_at), "manage_url": error.manage_url}
    if isinstance(error, Overloaded):
        document["retry_after"] = error.retry_after
    return document


def remedy(error: KeyswitchError) -> str:
    """The command that helps, and that works with the OAuth clients that are configured; "" where none does."""
    command = command_for(error)
    return that_works(command, known_clients()) if that_works(command, ()) != command else command


def known_clients() -> Collection[Provider]:
    """The providers that can be signed in to; all of them where that cannot be told."""
    from entrypoints.light import light_services, named_home

    try:
        return light_services(named_home(os.environ), os.environ).auth.snapshot().settings.clients
    except KeyswitchError:
        return tuple(Provider)


def report(error: KeyswitchError, *, as_json: bool) -> ExitCode:
    """Say *error* on standard error, with *as_json* also as a document on standard output."""
    helps = remedy(error)
    first = command_for(error)
    if isinstance(error, SignInNeeded) and error.code == SignInNeeded.code and first:
        say(f"{error_sentence(error)} Run: {first}")
        if helps != first:
            say(f"  {below(error.provider, (), helps)}")
    else:
        complain(error_sentence(error), error.code, helps)
    if isinstance(error, UsageError) and error.code == "held_back":
        say(f"  {held_back_by_ask(error)}")
    if as_json:
        result_json({"error": error_document(error, helps)})
    return exit_code(error)


def complain(text: str, code: str, helps: str) -> None:
    """The two lines of an error."""
    say(f"keyswitch: error: {text} [{code}]")
    if helps:
        say(f"  run: {helps}")


def report_usage(text: str, *, helps: str, as_json: bool) -> ExitCode:
    """Say that the command line makes no sense as written."""
    complain(text, "usage", helps)
    if as_json:
        result_json({"error": {"code": "usage", "message": text, "fix": helps}})
    return ExitCode.USAGE
