"""Asked for something that does not exist, or that makes no sense as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from domain.errors.base import KeyswitchError

if TYPE_CHECKING:
    from domain.provider import Provider


class UsageError(KeyswitchError):
    """What was asked for makes no sense as it was written."""

    code = "usage"


class KeyOfAnother(UsageError):
    """An API key was given for one provider and belongs to *provider*. It was neither stored nor sent."""

    code = "key_of_another"

    def __init__(self, provider: Provider, why: str) -> None:
        self.provider = provider
        super().__init__(
            f"That key belongs to {provider.label}: {why}. It was neither stored nor sent anywhere. "
            f"To store it there: keyswitch login {provider} --api-key"
        )


class _UnknownName(UsageError):
    noun: ClassVar[str]
    nouns: ClassVar[str]

    def __init__(self, name: str, *, suggestion: str | None, known: tuple[str, ...] = ()) -> None:
        self.name = name
        self.suggestion = suggestion
        self.known = known
        hint = f" Did you mean {suggestion}?" if suggestion else ""
        listing = f" {self.nouns}: {', '.join(known)}." if known else ""
        super().__init__(f'Unknown {self.noun} "{name}".{hint}{listing}')


class UnknownProvider(_UnknownName):
    """No provider of that name."""

    code = "unknown_provider"
    noun, nouns = "provider", "Providers"


class UnknownAuthMode(_UnknownName):
    """No way to authenticate of that name."""

    code = "unknown_auth_mode"
    noun, nouns = "sign-in", "Known"


class UnknownModel(_UnknownName):
    """No preset, alias or model of that name, and no provider can be told from it."""

    code = "unknown_model"
    noun, nouns = "model", "Models"


_NOBODY: Final = " Nobody is signed in there."


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
        self.provider = provider
        self.name = name
        self.suggestion = suggestion
        self.known = known
        self.keys = keys
        hint = f" Did you mean {suggestion}?" if suggestion else ""
        noun = "an API key" if len(keys) == 1 else "API keys"
        nobody = f" {provider.label} has {noun} ({', '.join(keys)}) and no sign-in." if keys else _NOBODY
        listing = f" Accounts: {', '.join(known)}." if known else nobody
        super().__init__(f'{provider.label} has no account "{name}" here.{hint}{listing}')


class AmbiguousAccount(UsageError):
    """Several accounts of the provider begin so."""

    code = "ambiguous_account"

    def __init__(self, provider: Provider, name: str, *, matches: tuple[str, ...]) -> None:
        self.provider = provider
        self.matches = matches
        super().__init__(f'"{name}" could be {" or ".join(matches)} of {provider.label}. Type more of it.')


class UnknownSetting(_UnknownName):
    """The config has no key of that name."""

    code = "unknown_setting"
    noun, nouns = "setting", "Settings"


class WrongSetting(UsageError):
    """The value is not what the key takes; the config was left alone."""

    code = "wrong_setting"


class SetByCommand(UsageError):
    """The key belongs to a choice that a command makes as a whole."""

    code = "set_by_command"

    def __init__(self, key: str, *, command: str) -> None:
        self.command = command
        super().__init__(f"{key} goes together with others, and is not set alone. Nothing was changed.")


class WeakPassphrase(UsageError):
    """A new passphrase is too easy to guess; nothing was changed."""

    code = "weak_passphrase"
