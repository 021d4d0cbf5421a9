"""Select a model for a command: every refusal is an error with its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PayerChange
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, Switch, SwitchTo
from domain.text.untrusted import untrusted_line
from entrypoints.cli.home import light_up_to_date
from entrypoints.cli.output import may_ask, result, result_json, say

if TYPE_CHECKING:
    from application.auth_manager import AuthManager
    from domain.selection import Held, Selection


def use(model: str, *, agreed: bool = False, as_json: bool = False) -> int:
    """Select *model* for now and for the next start, and say what was selected. It raises what `select` does."""
    auth = light_up_to_date().auth
    switch = select(auth, model, save=True, agreed=agreed, agree=f"keyswitch use {_quoted(model)} --yes")
    if as_json:
        result_json({"schema": 1, "selected": _document(switch.selection), "lines": list(switch.lines)})
    else:
        for line in switch.lines:
            result(line)
    return 0


def select(
    auth: AuthManager, name: str, *, save: bool, agreed: bool, agree: str, current: Held | None = None
) -> SwitchTo:
    """Select *name*. Where the bill would move from a plan to a key, ask whoever sits there.

    *agree* is the command that says yes beforehand, *current* what a conversation that goes on holds on to.

    Raises:
        SignInNeeded: Its provider is not signed in, or only without use of its plan; nothing was changed.
        PayerChange: Nobody agreed to pay by key; nothing was changed.
        CommandError: No credential of its provider can be asked for it.
        StoreError: What would answer is stored, and cannot be used.
        UnknownName, ConfigError: As `AuthManager.switch_provider` says.
    """
    switch = auth.switch_provider(name, current=current, save=save, payer_agreed=agreed)
    if isinstance(switch, PayerChanges) and agrees(_change(switch.selection)):
        switch = auth.switch_provider(name, current=current, save=save, payer_agreed=True)
    if isinstance(switch, SignInRequired):
        for notice in auth.snapshot().settings.notices:  # a laptop that lends it may be out of reach
            say(untrusted_line(notice))
    return settled(switch, agree=agree)


def settled(switch: Switch, *, agree: str) -> SwitchTo:
    """*switch* if it can be made. Raises as `select` does otherwise."""
    match switch:
        case SwitchTo():
            return switch
        case SignInRequired():
            raise switch.error
        case PayerChanges(selection):
            raise PayerChange(selection.preset.provider, selection.preset.label, command=agree)
        case StoreUnusable(error=error):
            raise error
        case NotPossible(preset, reason):
            from entrypoints.cli.failure import CommandError

            raise CommandError(f"{preset.label} cannot be used: {reason}. Nothing was changed.", code="not_possible")


def _quoted(model: str) -> str:
    from shlex import quote

    return quote(model)


def _document(selection: Selection) -> dict[str, str | None]:
    return {
        "preset": selection.preset.id,
        "provider": selection.preset.provider.value,
        "auth": selection.mode.value,
        "model": selection.answering.model.id,
        "account": selection.credential.label,
        "pays_with": selection.credential.payer.value,
        "notice": selection.answering.notice,
    }


def _change(selection: Selection) -> PayerChange:
    return PayerChange(selection.preset.provider, selection.preset.label)


def agrees(change: PayerChange) -> bool:
    """Ask whoever sits there; False where nobody does. Enter and the end of the input mean no."""
    if not may_ask():
        return False
    import click

    try:
        return click.confirm(untrusted_line(f"{change} Go on?"), err=True)
    except click.Abort as aborted:
        if isinstance(aborted.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return False
