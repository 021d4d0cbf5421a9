"""What is said of an error: its sentence, the exit code of a command that fails with it, and the next step.

The next step has two spellings: a command for the command line, and a line to type in the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from shlex import quote
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.errors import AuthRejected, KeyswitchError, LimitReached, Overloaded, Refused, UsageError
from domain.text.durations import duration_words
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import MASK, masked, masked_arguments
from entrypoints.exit_code import ExitCode
from entrypoints.words.local_time import moment_words, time_words, until_when_words

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from domain.store_trouble import StoreTrouble

AGAIN: Final = "Enter tries again"
AGAIN_BY_ITSELF: Final = "It is tried again by itself"
AGAIN_FROM_HISTORY: Final = "Up brings your text back, Enter sends it again"


Remedy = str | Callable[[Any], str]
"""A next step, or what makes it of an error of the class that the code belongs to."""


class Row(NamedTuple):
    """What belongs to a code."""

    exit_code: ExitCode
    command: Remedy = ""
    """The command that helps; "" where none does."""
    in_app: Remedy | None = ""
    """The line to type in the app that helps, or a sentence; "" where it is worth another try, None where the sentence
    of the error says it all."""


_LIST: Final = "keyswitch models"
_ANOTHER: Final = "A model of another provider may answer: /model"


def _login(error: Any) -> str:
    return f"keyswitch login {error.provider}"


def _slash_login(error: Any) -> str:
    return f"/login --provider={error.provider}"


def _login_with_key(error: Any) -> str:
    return f"{_login(error)} --api-key"


def _slash_login_with_key(error: Any) -> str:
    return f"{_slash_login(error)} --api-key"


def _allow(error: Any) -> str:
    shorter = f", or /allow {error.longest} for a shorter answer" if error.longest else ""
    return f"/allow to send it all the same, once{shorter}."


def _naming(error: Any, name: Callable[[str], str]) -> str:
    return f" --account {name(error.account)}" if error.account else ""


def _use_key(error: Any, name: Callable[[str], str]) -> str:
    return f" use {error.provider} {name(error.keys[0])}" if error.keys else ""


def typed_name(name: str) -> str:
    """The name of an account as it is typed in a shell. The ellipsis before the end of a key needs no quotes there."""
    rest = name.removeprefix("…")
    return name if quote(rest) == rest else quote(name)


ROWS: Final[Mapping[str, Row]] = {
    # What was asked for makes no sense.
    "usage": Row(ExitCode.USAGE),
    "no_terminal": Row(ExitCode.USAGE),
    "adoption_unconfirmed": Row(ExitCode.USAGE),
    "restore_unconfirmed": Row(ExitCode.USAGE),
    "wrong_setting": Row(ExitCode.USAGE),
    "weak_passphrase": Row(ExitCode.USAGE),
    "set_by_command": Row(ExitCode.USAGE, lambda error: error.command),
    "payer_change": Row(ExitCode.USAGE, lambda error: error.command),
    "on_laptop": Row(ExitCode.USAGE, "", None),
    "key_of_another": Row(ExitCode.USAGE, _login_with_key, _slash_login_with_key),
    "unknown_auth_mode": Row(ExitCode.USAGE),
    "unknown_model": Row(
        ExitCode.USAGE,
        lambda error: f"keyswitch use {error.suggestion}" if error.suggestion else _LIST,
        lambda error: f"/model {error.suggestion}" if error.suggestion else "/model",
    ),
    "unknown_provider": Row(
        ExitCode.USAGE,
        lambda error: f"keyswitch login {error.suggestion}" if error.suggestion else "",
        lambda error: f"/login --provider={error.suggestion}" if error.suggestion else "/login",
    ),
    "unknown_setting": Row(
        ExitCode.USAGE,
        lambda error: f"keyswitch config get {error.suggestion}" if error.suggestion else "keyswitch config --help",
    ),
    "unknown_chat": Row(
        ExitCode.USAGE,
        lambda error: f"keyswitch chats show {error.suggestion}" if error.suggestion else "keyswitch chats list",
        "/chats",
    ),
    "unknown_account": Row(
        ExitCode.USAGE,
        lambda error: f"keyswitch accounts{_use_key(error, typed_name)}",
        lambda error: f"/accounts{_use_key(error, str)}",
    ),
    "ambiguous_account": Row(ExitCode.USAGE, "keyswitch accounts", "/accounts"),
    "not_forwarded": Row(ExitCode.ERROR, lambda error: error.command),
    # There is nothing to authenticate with.
    "auth_required": Row(
        ExitCode.SIGN_IN_NEEDED, lambda error: f"{_login(error)}{' --api-key' if error.is_key else ''}", _slash_login
    ),
    "plan_use_off": Row(
        ExitCode.SIGN_IN_NEEDED,
        lambda error: f"{_login(error)}{_naming(error, quote)}",
        lambda error: f"{_slash_login(error)}{_naming(error, str)}",
    ),
    "session_ended": Row(
        ExitCode.SIGN_IN_NEEDED,
        lambda error: f"{_login(error)}{_naming(error, quote)}",
        lambda error: f"/login {error.provider}{_naming(error, str)}" if error.account else _slash_login(error),
    ),
    "refresh_interrupted": Row(ExitCode.SIGN_IN_NEEDED, _login, _slash_login),
    "auth_rejected": Row(ExitCode.SIGN_IN_NEEDED, _login, _slash_login),
    "key_not_taken": Row(ExitCode.SIGN_IN_NEEDED, _login_with_key, _slash_login_with_key),
    "plan_not_taken": Row(ExitCode.SIGN_IN_NEEDED, _login_with_key, _slash_login_with_key),
    "nothing_to_adopt": Row(ExitCode.SIGN_IN_NEEDED, _login),
    "key_command": Row(
        ExitCode.SIGN_IN_NEEDED,
        lambda error: "keyswitch doctor" if MASK in error.what or error.what.endswith("…") else error.what,
        f"Run it in a terminal to see what it does. {AGAIN}.",
    ),
    "profile_unusable": Row(ExitCode.SIGN_IN_NEEDED, "ant auth login"),
    "laptop_refused": Row(ExitCode.SIGN_IN_NEEDED),
    # A sign-in came to nothing.
    "no_client": Row(ExitCode.CONFIG, _login_with_key, _slash_login),
    "sign_in_failed": Row(ExitCode.ERROR, _login, _slash_login),
    "sign_in_declined": Row(ExitCode.CANCELLED, _login, _slash_login),
    "sign_in_timed_out": Row(ExitCode.CANCELLED, _login, _slash_login),
    "sign_in_under_way": Row(ExitCode.CANCELLED),
    "link_opened_twice": Row(ExitCode.ERROR, _login, _slash_login),
    "callback_unusable": Row(ExitCode.ERROR, _login, _slash_login),
    "listener_unavailable": Row(ExitCode.ERROR, "keyswitch doctor", _slash_login),
    "device_not_offered": Row(ExitCode.CONFIG, lambda error: f"{_login(error)} --no-browser", _slash_login),
    "other_account": Row(
        ExitCode.ERROR, lambda error: f"{_login(error)} --add", lambda error: f"/login {error.provider} --add"
    ),
    # A provider does not answer.
    "provider": Row(ExitCode.ERROR),
    "refused": Row(ExitCode.ERROR, f"{_LIST} --available", "/model"),
    "limit_reached": Row(ExitCode.LIMIT, f"{_LIST} --available", "/model"),
    "credit_used_up": Row(ExitCode.LIMIT, f"{_LIST} --available", _ANOTHER),
    "spend_limit": Row(ExitCode.LIMIT, f"{_LIST} --available", _ANOTHER),
    "member_limit": Row(ExitCode.LIMIT, f"{_LIST} --available", _ANOTHER),
    "held_back": Row(ExitCode.LIMIT, "keyswitch usage", _allow),
    "offline": Row(ExitCode.UNAVAILABLE, f"{_LIST} --available", "/model"),
    "overloaded": Row(ExitCode.UNAVAILABLE, f"{_LIST} --available", "/model"),
    "renewal_paused": Row(ExitCode.UNAVAILABLE, f"{_LIST} --available", "/model"),
    "broken_stream": Row(ExitCode.UNAVAILABLE),
    "answer_unreadable": Row(ExitCode.UNAVAILABLE),
    "client_refused": Row(ExitCode.CONFIG, "keyswitch config check", "/doctor"),
    # The config or the session store cannot be used.
    "config": Row(ExitCode.CONFIG, lambda error: f"edit {error.path}", "Edit it; the app follows by itself."),
    "environment": Row(ExitCode.CONFIG, "keyswitch doctor", "Edit it; the app follows by itself."),
    "store": Row(ExitCode.CONFIG, "keyswitch status"),
    "store_older": Row(ExitCode.CONFIG, "keyswitch status"),
    "store_newer": Row(ExitCode.CONFIG, "keyswitch status"),
    "store_busy": Row(ExitCode.CONFIG, "keyswitch status"),
    "store_damaged": Row(ExitCode.CONFIG, "keyswitch doctor"),
    "store_not_writable": Row(ExitCode.CONFIG, "keyswitch doctor"),
    "home_copied": Row(ExitCode.CONFIG, "keyswitch refresh --here", None),
    "store_wrong_key": Row(ExitCode.CONFIG, "keyswitch config check"),
    "wrong_passphrase": Row(ExitCode.CONFIG),
    "passphrase_needed": Row(ExitCode.CONFIG),
    "store_locked": Row(ExitCode.CONFIG, "keyswitch status"),
    "key_missing": Row(ExitCode.CONFIG, "keyswitch config check"),
    "sign_out_locked": Row(ExitCode.CONFIG, lambda error: f"keyswitch logout {error.provider} --local", "/doctor"),
    "keyring_locked": Row(ExitCode.CONFIG, "keyswitch doctor", "/doctor"),
    "keyring_timeout": Row(ExitCode.CONFIG, "keyswitch doctor", "/doctor"),
    "keyring_unusable": Row(ExitCode.CONFIG, "keyswitch doctor", "/doctor"),
    # The rest.
    "not_possible": Row(ExitCode.ERROR),
    "nothing_to_restore": Row(ExitCode.ERROR),
    "output": Row(ExitCode.ERROR),
    "too_few_files": Row(ExitCode.ERROR),
    "error": Row(ExitCode.ERROR),
}
"""The row of each code that an error may carry; `docs/troubleshooting.md` explains the same codes to people."""

_NO_ARGUMENT: Final = "A key is never an argument, which others can see: keyswitch login claude --api-key asks for it."

_LONG: Final = 120
"""Seconds. Nobody looks at a clock for a shorter wait."""


def exit_code(error: KeyswitchError) -> ExitCode:
    """How a command that failed with *error* ends."""
    return ROWS[error.code].exit_code


def command_for(error: KeyswitchError) -> str:
    """The command that helps, or "" where none does here. Safe to show."""
    return "" if error.on_laptop else masked(_written(ROWS[error.code].command, error))


def error_sentence(error: KeyswitchError) -> str:
    """What happened, what was kept, until when; safe for a terminal. What to do about it is not in it."""
    text = str(error)
    text = typed(text) if isinstance(error, UsageError) else untrusted_line(masked(text))
    if not text.endswith((".", "!", "?")):
        text += "."
    there = [f"On the laptop, run: {untrusted_line(error.on_laptop)}"] if error.on_laptop else []
    return " ".join([text, *_more(error), *there])


def trouble(error: KeyswitchError, *, kept: str = "", again: str = AGAIN) -> str:
    """*error* as the app says it: what happened, what was kept, what to type next.

    *kept* says what became of the text that was typed, *again* how to send it again.
    """
    return " ".join(part for part in (error_sentence(error), kept, next_step(error, again)) if part)


def trouble_words(troubles: Iterable[StoreTrouble]) -> list[str]:
    """What of the session store cannot be used, a line each, with what to run. Each file or record once."""
    return list(dict.fromkeys(f"{error_sentence(one.error)} Run: {command_for(one.error)}" for one in troubles))


def typed(text: str) -> str:
    """A sentence that repeats what somebody typed, on one line. A key that was typed is not in it."""
    shown = untrusted_line(masked_arguments(text))
    if shown == untrusted_line(text):
        return shown
    stop = "" if shown.endswith((".", "!", "?")) else "."
    return f"{shown}{stop} {_NO_ARGUMENT}"


def _written(remedy: Remedy, error: KeyswitchError) -> str:
    return remedy if isinstance(remedy, str) else remedy(error)


def next_step(error: KeyswitchError, again: str = AGAIN) -> str:
    """What to type next, as the app says it; "" where the sentence of *error* says it all."""
    remedy = ROWS[error.code].in_app
    if remedy is None or error.on_laptop:
        return ""
    line = _written(remedy, error)
    if line == "/model":
        return f"{again}, /model picks another model."
    return f"Run {line}" if line.startswith("/") else line or f"{again}."


def _more(error: KeyswitchError) -> list[str]:
    match error:
        case LimitReached(advice=advice) if advice:
            return [f"Waiting does not help. {advice}"]
        case AuthRejected(advice=advice) | Refused(advice=advice) if advice:
            return [advice]
        case LimitReached():
            resets = _resets(error.resets_at, error.resets_in)
            # OpenAI asks a program for this link wherever a plan's limit is told of.
            manage = f"Manage usage: {error.manage_url}" if error.manage_url else ""
            return [part for part in (resets, manage) if part]
        case Overloaded() if error.retry_after:
            until = f", until {time_words(error.retry_at)}" if error.retry_at and error.retry_after > _LONG else ""
            return [f"It asks to wait {duration_words(error.retry_after)}{until}."]
        case _:
            return []


def _resets(at: datetime | None, left: timedelta | None) -> str:
    if at is None:
        return ""
    return f"It resets {moment_words(at) if left is None else until_when_words(left, at)}."
