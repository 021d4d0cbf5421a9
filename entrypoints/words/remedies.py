"""The next step for each kind of trouble, as a command to run or a line to type in the app."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import Any, Final

from domain import errors
from domain.errors import KeyswitchError

Remedy = Callable[[Any], str]

_COMMANDS: Final[tuple[tuple[tuple[type[KeyswitchError], ...], Remedy], ...]] = (
    ((errors.NoClient, errors.KeyOfAnother), lambda error: f"keyswitch login {error.provider} --api-key"),
    ((errors.OtherAccount,), lambda error: f"keyswitch login {error.provider} --add"),
    ((errors.DeviceNotOffered,), lambda error: f"keyswitch login {error.provider} --no-browser"),
    ((errors.ListenerUnavailable,), lambda _: "keyswitch doctor"),
    (
        (errors.AccountEnded,),
        lambda error: f"keyswitch login {error.provider} --account {quote(error.account)}",
    ),
    (
        (errors.UnknownAccount,),
        lambda error: f"keyswitch accounts{f' use {error.provider} {typed_name(error.keys[0])}' if error.keys else ''}",
    ),
    ((errors.AmbiguousAccount,), lambda _: "keyswitch accounts"),
    ((errors.PlanUseOff,), lambda error: f"keyswitch login {error.provider}{_naming(error.account, quote)}"),
    (
        (errors.CredentialGone,),
        lambda error: f"keyswitch login {error.provider}{' --api-key' if error.is_key else ''}",
    ),
    (
        (errors.SignInNeeded, errors.SessionEnded, errors.AuthRejected, errors.SignInError, errors.NothingToAdopt),
        lambda error: f"keyswitch login {error.provider}",
    ),
    ((errors.ProfileUnusable,), lambda _: "ant auth login"),
    ((errors.UnknownModel,), lambda error: f"keyswitch use {error.suggestion}" if error.suggestion else _LIST),
    ((errors.UnknownProvider,), lambda error: f"keyswitch login {error.suggestion}" if error.suggestion else ""),
    ((errors.VariableUnusable,), lambda _: "keyswitch doctor"),
    ((errors.ConfigError,), lambda error: f"edit {error.path}"),
    ((errors.SetByCommand,), lambda error: error.command),
    (
        (errors.UnknownSetting,),
        lambda error: f"keyswitch config get {error.suggestion}" if error.suggestion else "keyswitch config --help",
    ),
    ((errors.WrongPassphrase, errors.PassphraseNeeded), lambda _: ""),
    ((errors.SignOutLocked,), lambda error: f"keyswitch logout {error.provider} --local"),
    ((errors.KeyringLocked, errors.KeyringTimedOut, errors.KeyringUnusable), lambda _: "keyswitch doctor"),
    ((errors.HomeCopied,), lambda _: "keyswitch refresh --here"),
    ((errors.KeyMissing, errors.StoreWrongKey), lambda _: "keyswitch config check"),
    ((errors.StoreNotWritable, errors.StoreDamaged), lambda _: "keyswitch doctor"),
    ((errors.StoreError,), lambda _: "keyswitch status"),
    ((errors.ClientRefused,), lambda _: "keyswitch config check"),
    (
        (errors.LimitReached, errors.Overloaded, errors.Offline, errors.Refused, errors.RenewalPaused),
        lambda _: f"{_LIST} --available",
    ),
)
_LIST: Final = "keyswitch models"

_TYPED: Final[tuple[tuple[tuple[type[KeyswitchError], ...], Remedy], ...]] = (
    ((errors.OtherAccount,), lambda error: f"/login {error.provider} --add"),
    ((errors.AccountEnded,), lambda error: f"/login {error.provider} --account {error.account}"),
    (
        (errors.UnknownAccount,),
        lambda error: f"/accounts{f' use {error.provider} {error.keys[0]}' if error.keys else ''}",
    ),
    ((errors.AmbiguousAccount,), lambda _: "/accounts"),
    ((errors.PlanUseOff,), lambda error: f"/login --provider={error.provider}{_naming(error.account, str)}"),
    (
        (errors.SignInNeeded, errors.SessionEnded, errors.AuthRejected, errors.SignInError, errors.NoClient),
        lambda error: f"/login --provider={error.provider}",
    ),
    ((errors.UnknownModel,), lambda error: f"/model {error.suggestion}" if error.suggestion else "/model"),
    (
        (errors.UnknownProvider,),
        lambda error: f"/login --provider={error.suggestion}" if error.suggestion else "/login",
    ),
    (
        (
            errors.ClientRefused,
            errors.SignOutLocked,
            errors.KeyringLocked,
            errors.KeyringTimedOut,
            errors.KeyringUnusable,
        ),
        lambda _: "/doctor",
    ),
    (
        (errors.LimitReached, errors.Overloaded, errors.Offline, errors.Refused, errors.RenewalPaused),
        lambda _: "/model",
    ),
)


def _naming(account: str, written: Callable[[str], str]) -> str:
    return f" --account {written(account)}" if account else ""


def typed_name(name: str) -> str:
    """The name of an account as it is typed in a shell. The ellipsis before the end of a key needs no quotes there."""
    rest = name.removeprefix("…")
    return name if quote(rest) == rest else quote(name)


def command_for(error: KeyswitchError) -> str:
    """The command that helps, or "" where no command does."""
    return next((remedy(error) for kinds, remedy in _COMMANDS if isinstance(error, kinds)), "")


def typed_for(error: KeyswitchError) -> str:
    """The line to type in the app that helps, or "" where none does."""
    return next((remedy(error) for kinds, remedy in _TYPED if isinstance(error, kinds)), "")
