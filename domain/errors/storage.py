"""The config or the session store cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors.base import KeyswitchError

if TYPE_CHECKING:
    from domain.provider import Provider


class ConfigError(KeyswitchError):
    """The config file cannot be used as it is; it was left alone."""

    code = "config"

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}. The file was left as it is.")


class VariableUnusable(ConfigError):
    """An environment variable names something that cannot be used; nothing was sent."""

    code = "environment"

    def __init__(self, variable: str, problem: str) -> None:
        self.path = self.variable = variable
        KeyswitchError.__init__(self, f"{variable}: {problem}. Nothing was sent.")


class StoreError(KeyswitchError):
    """The session store cannot be used as it is; what it holds was left alone."""

    code = "store"

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}. What it holds was left as it is.")


class StoreDamaged(StoreError):
    """The file, or one record in it, cannot be read."""

    code = "store_damaged"


class HomeCopied(StoreError):
    """The session is at home in another place, and two places that renew it would end it."""

    code = "home_copied"

    def __init__(self, path: str, provider: Provider, elsewhere: str) -> None:
        self.provider = provider
        problem = (
            f"this is a copy of the {provider.label} sign-in that is renewed in {elsewhere}, and renewing it in both "
            "places would end it. Nothing was sent. To go on here, and there no longer, run: keyswitch refresh --here; "
            f"to keep both, sign in anew here: keyswitch login {provider}"
        )
        super().__init__(path, problem)


class StoreWrongKey(StoreError):
    """The record was sealed with another key."""

    code = "store_wrong_key"


class WrongPassphrase(StoreWrongKey):
    """The passphrase does not open the master key."""

    code = "wrong_passphrase"


class StoreLocked(StoreError):
    """The key of the store is out of reach for now."""

    code = "store_locked"


class KeyMissing(StoreLocked):
    """Records are sealed, and the place that keeps their key does not have it."""

    code = "key_missing"


class KeyringLocked(StoreLocked):
    """The keyring that keeps the key must be unlocked by its owner."""

    code = "keyring_locked"


class KeyringTimedOut(StoreLocked):
    """The keyring that keeps the key did not answer in time."""

    code = "keyring_timeout"


class SignOutLocked(StoreLocked):
    """The tokens cannot be read for now, so that the provider could not be asked to end the session."""

    code = "sign_out_locked"

    def __init__(self, provider: Provider, cause: StoreLocked) -> None:
        self.provider = provider
        problem = f"{cause.problem}. Nobody was signed out: without its tokens {provider.vendor} cannot be asked to end"
        super().__init__(cause.path, f"{problem} a session")


class KeyringUnusable(StoreLocked):
    """There is no keyring, or none that keeps what it is given."""

    code = "keyring_unusable"

    def __init__(self, path: str, problem: str, *, detail: str = "") -> None:
        self.detail = detail
        """Why, as a part of a sentence."""
        super().__init__(path, f"{problem} ({detail})" if detail else problem)


class PassphraseNeeded(StoreLocked):
    """The key is sealed with a passphrase, and nobody has given that yet."""

    code = "passphrase_needed"


class StoreNewer(StoreError):
    """A newer keyswitch wrote the file; this one only reads it."""

    code = "store_newer"


class StoreOlder(StoreError):
    """An older program wrote the file, and what is in it was not taken over yet."""

    code = "store_older"


class StoreNotWritable(StoreError):
    """Nothing can be written: disk full, read-only, no permission."""

    code = "store_not_writable"


class StoreBusy(StoreError):
    """Another process held the lock for longer than anyone should wait."""

    code = "store_busy"
