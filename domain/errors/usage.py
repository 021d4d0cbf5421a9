"""Errors of what a person asked for: it does not exist, or makes no sense as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from domain.errors.base import KeyswitchError

if TYPE_CHECKING:  # every command starts with this module
    from domain.provider import Provider

_OfNames = Literal["unknown_provider", "unknown_auth_mode", "unknown_model", "unknown_setting", "unknown_chat"]
_OfSettings = Literal["set_by_command", "weak_passphrase", "wrong_setting"]
_OfUsage = Literal["", "ambiguous_account", "held_back", "key_of_another", "not_forwarded", "on_laptop"] | _OfSettings

_NOUNS: Final[dict[_OfNames, tuple[str, str]]] = {
    "unknown_provider": ("provider", "Providers"),
    "unknown_auth_mode": ("sign-in", "Known"),
    "unknown_model": ("model", "Models"),
    "unknown_setting": ("setting", "Settings"),
    "unknown_chat": ("conversation", "Conversations"),
}
"""What is called by such a name, and how the list of all of them begins."""


class UsageError(KeyswitchError):
    """What was asked for makes no sense as it was written; nothing was changed."""

    code = "usage"

    def __init__(
        self,
        sentence: str,
        *,
        code: _OfUsage | _OfNames = "",
        provider: Provider | None = None,
        command: str = "",
        longest: int | None = None,
    ) -> None:
        super().__init__(sentence, code=code)
        self.provider = provider
        """The provider that it concerns; None where it concerns none."""
        self.command = command
        """The command that does what was meant, where this error alone knows it."""
        self.longest = longest
        """Of a message that a limit of spending held back: the tokens of an answer with which it would not be."""


class UnknownName(UsageError):
    """Nothing is called so."""

    def __init__(self, code: _OfNames, name: str, *, suggestion: str | None, known: tuple[str, ...] = ()) -> None:
        noun, nouns = _NOUNS[code]
        hint = f" Did you mean {suggestion}?" if suggestion else ""
        listing = f" {nouns}: {', '.join(known)}." if known else ""
        super().__init__(f'Unknown {noun} "{name}".{hint}{listing}', code=code)
        self.suggestion = suggestion
        """The nearest name; None where none is near."""
        self.known = known


class UnknownAccount(UsageError):
    """The provider has no account of that name here."""

    code = "unknown_account"

    def __init__(
        self,
        provider: Provider,
        name: str,
        *,
        suggestion: str | None,
        known: tuple[str, ...],
        keys: tuple[str, ...] = (),
    ) -> None:
        """*keys* are the API keys that are stored where a sign-in was meant and none is there."""
        hint = f" Did you mean {suggestion}?" if suggestion else ""
        noun = "an API key" if len(keys) == 1 else "API keys"
        instead = f"{provider.label} has {noun} ({', '.join(keys)}) and no sign-in."
        nobody = instead if keys else "Nobody is signed in there."
        listing = f"Accounts: {', '.join(known)}." if known else nobody
        sentence = f'{provider.label} has no account "{name}" here.{hint} {listing}'
        super().__init__(sentence, provider=provider)
        self.suggestion = suggestion
        self.known = known
        self.keys = keys
