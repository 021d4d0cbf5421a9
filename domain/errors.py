"""What can go wrong, named by what one can do about it.

An error carries facts and a stable `code`, never a secret. Its text is one sentence that says what
happened and what was kept; the command line and the terminal app each add the next step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from datetime import datetime

    from domain.provider import Provider


class KeyswitchError(Exception):
    """Anything that keyswitch expects can happen."""

    code: ClassVar[str] = "error"
    """Stable: scripts match on it."""


# Asked for something that does not exist.


class UsageError(KeyswitchError):
    """What was asked for makes no sense as it was written."""

    code = "usage"


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


class UnknownAccount(UsageError):
    """The provider has no account of that name here."""

    code = "unknown_account"

    def __init__(self, provider: Provider, name: str, *, suggestion: str | None, known: tuple[str, ...]) -> None:
        self.provider = provider
        self.name = name
        self.suggestion = suggestion
        self.known = known
        hint = f" Did you mean {suggestion}?" if suggestion else ""
        listing = f" Accounts: {', '.join(known)}." if known else " Nobody is signed in there."
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


# Nothing to authenticate with.


class SignInNeeded(KeyswitchError):
    """The provider must be signed in to first; nothing was changed or sent."""

    code = "auth_required"

    def __init__(self, provider: Provider, what: str) -> None:
        self.provider = provider
        self.what = what
        super().__init__(f"{what} requires {provider.label} login.")


class PlanUseOff(SignInNeeded):
    """Somebody is signed in who did not allow use of the plan; nothing was changed or sent."""

    code = "plan_use_off"

    def __init__(self, provider: Provider, *, account: str = "") -> None:
        label = provider.label
        super().__init__(provider, label)
        self.account = account
        """The account that was asked for by name; "" for the one in use."""
        who = f"{account} is" if account else "You are"
        off = f"{who} signed in to {label}, but use of the {label} plan is off: that permission was not given."
        self.args = (f"{off} Nothing was sent or changed. Sign in again and tick it, or use an API key.",)


class SessionEnded(KeyswitchError):
    """The provider ended the session: renewing it is refused for good. Its record is kept."""

    code = "session_ended"

    def __init__(self, provider: Provider, reason: str, *, spent: bool = False) -> None:
        self.provider = provider
        self.reason = reason
        self.spent = spent
        """Refused because the refresh token had been used before, and for no reason of the provider's own."""
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        return f"{self.provider.label} ended this session ({self.reason}). Its record and your text are kept."


class RefreshInterrupted(SessionEnded):
    """The session was lost because a renewal never saw its answer: a crash, or a connection that broke."""

    code = "refresh_interrupted"

    def _sentence(self) -> str:
        label = self.provider.label
        return f"A renewal of the {label} session was interrupted ({self.reason}). Its record and your text are kept."


class AccountEnded(SessionEnded):
    """The account that was chosen cannot answer before it signs in again; the choice was not made."""

    def __init__(self, provider: Provider, reason: str, *, account: str) -> None:
        super().__init__(provider, reason)
        self.account = account
        self.args = (f"The {provider.label} session of {account} has ended ({reason}). Nothing was changed.",)


class AuthRejected(KeyswitchError):
    """A request was refused as unauthenticated even with a fresh token or the stored key."""

    code = "auth_rejected"

    def __init__(self, provider: Provider, detail: str = "") -> None:
        self.provider = provider
        super().__init__(f"{provider.label} did not accept the credential{_tail(detail)}. It is kept.")


class PayerChange(KeyswitchError):
    """Going on would move the bill from a plan to a paid key; nothing was changed."""

    code = "payer_change"

    def __init__(self, provider: Provider, what: str) -> None:
        self.provider = provider
        super().__init__(f"{what} would be paid by your {provider.label} API key, per token, and no longer by a plan.")


class NothingToAdopt(KeyswitchError):
    """No other program left a sign-in of the provider in our home."""

    code = "nothing_to_adopt"

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        super().__init__(f"No other program left a {provider.label} sign-in here that could be taken over.")


class NoClient(KeyswitchError):
    """No OAuth client is configured for the provider, and none may be shipped."""

    code = "no_client"

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        super().__init__(f"Signing in to {provider.label} needs an OAuth client of your own, and none is configured.")


class ProfileUnusable(KeyswitchError):
    """A sign-in that another program keeps cannot be borrowed; it was not changed."""

    code = "profile_unusable"

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f'The profile "{name}" of Anthropic\'s tool cannot be used: {problem}. It was not changed.')


# Signing in.


class SignInError(KeyswitchError):
    """A sign-in that did not come to its end; an earlier session stays as it was."""

    code = "sign_in_failed"

    def __init__(self, provider: Provider, reason: str) -> None:
        self.provider = provider
        self.reason = reason
        super().__init__(f"Signing in to {provider.label} failed: {reason}. Nothing was changed.")


class SignInDeclined(SignInError):
    """The person, or the provider on the consent page, said no."""

    code = "sign_in_declined"


class OtherAccount(SignInError):
    """Somebody else signed in than the account that the sign-in was for; that account stays as it was."""

    code = "other_account"

    def __init__(self, provider: Provider, *, expected: str, came: str) -> None:
        self.expected = expected
        self.came = came
        super().__init__(provider, f"{came} signed in where {expected} was expected")


class SignInClientRefused(SignInError):
    """The provider does not know the client, or no longer lets it sign anybody in."""

    def __init__(self, provider: Provider, reason: str, *, client_id: str) -> None:
        super().__init__(provider, reason)
        self.client_id = client_id


class SignInTimedOut(SignInError):
    """Nobody finished the sign-in in time."""

    code = "sign_in_timed_out"


class DeviceNotOffered(SignInError):
    """The provider has no sign-in with a code on another machine."""

    code = "device_not_offered"

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider, "its server offers no sign-in with a code on another device")


class SignInUnderWay(KeyswitchError):
    """Another window is signing in; nothing was begun here."""

    code = "sign_in_under_way"

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        """The process of that window, where it is known."""
        where = f"process {pid}" if pid is not None else "another window"
        super().__init__(f"A sign-in is under way in {where}. Nothing was begun here.")


class CallbackUnusable(SignInError):
    """A callback or pasted text that does not belong to this sign-in; the sign-in goes on waiting."""

    code = "callback_unusable"


class ListenerUnavailable(SignInError):
    """No port for the redirect could be opened."""

    code = "listener_unavailable"


# Config and store.


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


# Talking to a provider.


class ProviderError(KeyswitchError):
    """A provider answered with something other than an answer, or not at all."""

    code = "provider"

    def __init__(self, provider: Provider, sentence: str) -> None:
        self.provider = provider
        super().__init__(sentence)


class Offline(ProviderError):
    """The provider could not be reached."""

    code = "offline"

    def __init__(self, provider: Provider, detail: str) -> None:
        super().__init__(provider, f"{provider.label} cannot be reached: {detail}")


class Overloaded(ProviderError):
    """The provider is up and says: later."""

    code = "overloaded"

    def __init__(self, provider: Provider, detail: str = "", *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        """Seconds that the provider asks to wait, where it says."""
        super().__init__(provider, f"{provider.label} has trouble answering right now{_tail(detail)}")


class LimitReached(ProviderError):
    """A rate, plan or spending limit is used up."""

    code = "limit_reached"

    def __init__(
        self, provider: Provider, detail: str = "", *, resets_at: datetime | None = None, manage_url: str | None = None
    ) -> None:
        self.resets_at = resets_at
        """Aware, in UTC; None where the provider does not say: no time is invented."""
        self.manage_url = manage_url
        super().__init__(provider, f"The {provider.label} limit is reached{_tail(detail)}")


class Refused(ProviderError):
    """The provider will not answer this request: policy, filter, permission, unknown model."""

    code = "refused"

    def __init__(self, provider: Provider, detail: str) -> None:
        super().__init__(provider, f"{provider.label} refused the request: {detail}")


class ClientRefused(Refused):
    """The provider refuses the program or how it asks, whoever signed in: a matter of configuration."""

    code = "client_refused"


class RenewalPaused(ProviderError):
    """A session that must be renewed before its next use has just failed to be; it is kept."""

    code = "renewal_paused"

    def __init__(self, provider: Provider, reason: str, *, seconds: float) -> None:
        self.seconds = seconds
        """Until the next try."""
        sentence = f"Renewing the {provider.label} session failed ({reason}). It is kept; next try in {seconds:.0f} s"
        super().__init__(provider, sentence)


class BrokenStream(ProviderError):
    """The answer ended before its end; what came is kept."""

    code = "broken_stream"

    def __init__(self, provider: Provider, detail: str = "") -> None:
        super().__init__(provider, f"The answer from {provider.label} broke off{_tail(detail)}")


class AnswerUnreadable(ProviderError):
    """The provider answered with something that is no answer of its protocol."""

    code = "answer_unreadable"

    def __init__(self, provider: Provider, detail: str) -> None:
        super().__init__(provider, f"{provider.label} answered with something keyswitch cannot read: {detail}")


def _tail(detail: str) -> str:
    return f": {detail}" if detail else ""
