"""Select a model for a command: every refusal is an error with its exit code."""

from __future__ import annotations

from application.auth_manager import AuthManager
from domain.errors import PayerChange
from domain.selection import Held, Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, Switch, SwitchTo
from domain.text.untrusted import untrusted_line
from entrypoints.cli.failure import CommandError
from entrypoints.cli.output import may_ask


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
            raise CommandError(f"{preset.label} cannot be used: {reason}. Nothing was changed.", code="not_possible")


def _change(selection: Selection) -> PayerChange:
    return PayerChange(selection.preset.provider, selection.preset.label)


def agrees(change: PayerChange) -> bool:
    """Ask whoever sits there; False where nobody does. Enter means no."""
    if not may_ask():
        return False
    import click

    return click.confirm(untrusted_line(f"{change} Go on?"), err=True)
