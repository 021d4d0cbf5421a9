"""Errors of the config and the session store, which cannot be used as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from domain.errors.base import KeyswitchError

if TYPE_CHECKING:  # every command starts with this module
    from domain.provider import Provider

_OfKeyring = Literal["keyring_locked", "keyring_timeout", "keyring_unusable"]
_OfKey = Literal["", "key_missing", "sign_out_locked"] | _OfKeyring
_OfStore = Literal["home_copied", "store_older"] | _OfKey


class ConfigError(KeyswitchError):
    """The config file cannot be used as it is; it was left alone."""

    code = "config"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}. The file was left as it is.")
        self.path = path
        self.problem = problem


class VariableUnusable(ConfigError):
    """An environment variable names something that cannot be used; nothing was sent."""

    code = "environment"

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(variable, problem)
        self.variable = variable
        self.args = (f"{variable}: {problem}. Nothing was sent.",)


class StoreError(KeyswitchError):
    """The session store cannot be used as it is; what it holds was left alone."""

    code = "store"

    def __init__(self, path: str, problem: str, *, code: _OfStore = "", provider: Provider | None = None) -> None:
        """*code* is `store_older` where an earlier program wrote the file, and what is in it was not taken over yet."""
        super().__init__(f"{path}: {problem}. What it holds was left as it is.", code=code)
        self.path = path
        self.problem = problem
        self.provider = provider
        """The provider that it concerns; None where it concerns the store as a whole."""

    @classmethod
    def of_copied_home(cls, path: str, provider: Provider, elsewhere: str) -> StoreError:
        """The error that a session is at home *elsewhere*: two places that renew it would end it."""
        problem = (
            f"this is a copy of the {provider.label} sign-in that is renewed in {elsewhere}, and renewing it in both "
            "places would end it. Nothing was sent. To go on here, and there no longer, run: keyswitch refresh --here; "
            f"to keep both, sign in anew here: keyswitch login {provider}"
        )
        return cls(path, problem, code="home_copied", provider=provider)


class StoreDamaged(StoreError):
    """The file, or one record in it, cannot be read."""

    code = "store_damaged"


class StoreNewer(StoreError):
    """A newer keyswitch wrote the file; this one only reads it."""

    code = "store_newer"


class StoreNotWritable(StoreError):
    """Nothing can be written: the disk is full or read-only, or permission is missing."""

    code = "store_not_writable"


class StoreBusy(StoreError):
    """Another process held the lock for longer than anyone should wait."""

    code = "store_busy"


class StoreWrongKey(StoreError):
    """The record was sealed with another key."""

    code = "store_wrong_key"


class WrongPassphrase(StoreWrongKey):
    """The passphrase does not open the master key."""

    code = "wrong_passphrase"


class StoreLocked(StoreError):
    """The key of the store is out of reach for now."""

    code = "store_locked"

    def __init__(self, path: str, problem: str, *, code: _OfKey = "", provider: Provider | None = None) -> None:
        """*code* is `key_missing` where records are sealed and their key is not in its place, and `sign_out_locked`
        where the sign-out of *provider* needs it.
        """
        super().__init__(path, problem, code=code, provider=provider)


class KeyringUnavailable(StoreLocked):
    """The keyring that keeps the key, or was to keep it, does not give or take it."""

    def __init__(self, path: str, problem: str, *, code: _OfKeyring, detail: str = "") -> None:
        """*detail* says why a keyring is unusable, as a part of a sentence."""
        super().__init__(path, f"{problem} ({detail})" if detail else problem, code=code)
        self.detail = detail

    @property
    def for_now(self) -> bool:
        """Whether the key is there: its owner has to unlock the keyring, or to wait until it answers."""
        return self.code != "keyring_unusable"


class PassphraseNeeded(StoreLocked):
    """The key is sealed with a passphrase, and nobody has given that yet."""

    code = "passphrase_needed"
