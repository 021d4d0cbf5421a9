"""Words for errors, and the exit code of each."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from domain import errors
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.text.vendor_secrets import masked
from entrypoints.cli.output import result_json, say, timestamp
from entrypoints.words.errors import error_sentence
from entrypoints.words.remedies import command_for


class ExitCode(IntEnum):
    """What a script learns from how keyswitch ended."""

    OK = 0
    """Done as asked."""
    ERROR = 1
    """It failed, for none of the reasons below."""
    USAGE = 2
    """The command line makes no sense as written, or needs an option more."""
    CANCELLED = 3
    """A person or a time limit ended it."""
    SIGN_IN_NEEDED = 4
    """Nothing to authenticate with, or it is not accepted any more."""
    UNAVAILABLE = 5
    """Offline, or the provider is down or answers nonsense."""
    LIMIT = 6
    """A rate, plan or spending limit is used up."""
    CONFIG = 7
    """The config, the session store or an OAuth client is missing or unusable."""
    CRASH = 70
    """A bug in keyswitch (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl+C: 128 and the number of SIGINT, as shells count."""


class NotOffered(KeyswitchError):
    """The preset exists, and no credential of its provider can be asked for it; nothing was changed."""

    code = "not_possible"


class PayerUnconfirmed(errors.PayerChange):
    """Nobody was there to agree to a paid key; *command* is the one that agrees."""

    def __init__(self, provider: Provider, what: str, *, command: str) -> None:
        super().__init__(provider, what)
        self.command = command


_EXITS: Final[tuple[tuple[tuple[type[KeyswitchError], ...], ExitCode], ...]] = (
    ((errors.UsageError, errors.PayerChange), ExitCode.USAGE),
    ((errors.SignInDeclined, errors.SignInTimedOut, errors.SignInUnderWay), ExitCode.CANCELLED),
    (
        (errors.SignInNeeded, errors.SessionEnded, errors.AuthRejected, errors.ProfileUnusable, errors.NothingToAdopt),
        ExitCode.SIGN_IN_NEEDED,
    ),
    ((errors.LimitReached,), ExitCode.LIMIT),
    ((errors.ClientRefused, errors.DeviceNotOffered), ExitCode.CONFIG),
    (
        (errors.Offline, errors.Overloaded, errors.RenewalPaused, errors.BrokenStream, errors.AnswerUnreadable),
        ExitCode.UNAVAILABLE,
    ),
    ((errors.NoClient, errors.ConfigError, errors.StoreError), ExitCode.CONFIG),
)


def exit_code(error: KeyswitchError) -> ExitCode:
    """How a command that failed with *error* ends."""
    return next((code for kinds, code in _EXITS if isinstance(error, kinds)), ExitCode.ERROR)


def error_document(error: KeyswitchError) -> dict[str, Any]:
    """*error* for `--json`: a stable code, the sentence, and the command that helps ("" where none does)."""
    document: dict[str, Any] = {"code": error.code, "message": error_sentence(error), "fix": fix(error)}
    provider = getattr(error, "provider", None)
    if provider is not None:
        document["provider"] = provider.value
    if error.answer_so_far:
        document["text"] = error.answer_so_far
    if isinstance(error, errors.LimitReached):
        document |= {"resets_at": timestamp(error.resets_at), "manage_url": error.manage_url}
    if isinstance(error, errors.Overloaded):
        document["retry_after"] = error.retry_after
    return document


def fix(error: KeyswitchError) -> str:
    """The command that helps, or "" where none does."""
    return masked(error.command if isinstance(error, PayerUnconfirmed) else command_for(error))


def report(error: KeyswitchError, *, as_json: bool) -> ExitCode:
    """Say *error* on standard error, with *as_json* also as a document on standard output."""
    helps = fix(error)
    if error.code == errors.SignInNeeded.code:
        say(f"{error_sentence(error)} Run: {helps}")
    else:
        complain(error_sentence(error), error.code, helps)
    if as_json:
        result_json({"error": error_document(error)})
    return exit_code(error)


def complain(text: str, code: str, helps: str) -> None:
    """The two lines of an error."""
    say(f"keyswitch: error: {text} [{code}]")
    if helps:
        say(f"  run: {helps}")


def report_usage(text: str, *, helps: str, as_json: bool) -> ExitCode:
    """Say that the command line makes no sense as written."""
    complain(text, errors.UsageError.code, helps)
    if as_json:
        result_json({"error": {"code": errors.UsageError.code, "message": text, "fix": helps}})
    return ExitCode.USAGE
