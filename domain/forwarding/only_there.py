"""What is refused of a credential that a laptop lends: it is used from here, and looked after there."""

from __future__ import annotations

from domain.errors import UsageError
from domain.provider import Provider


def only_there(provider: Provider, command: str) -> UsageError:
    """The error that something of a lent sign-in can be done on the laptop alone, by *command*."""
    sentence = f"This {provider.label} sign-in is your laptop's: it is only used from here. Nothing was changed."
    error = UsageError(sentence, code="on_laptop", provider=provider)
    error.on_laptop = command
    return error
