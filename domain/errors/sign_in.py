"""Errors of signing in: nothing to authenticate with, or a sign-in that came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from domain.errors.base import KeyswitchError

if TYPE_CHECKING:  # every command starts with this module
    from domain.provider import Provider


class SignInNeeded(KeyswitchError):
    """The provider must be signed in to first; nothing was changed or sent."""

    code = "auth_required"

    def __init__(self, provider: Provider, what: str, *, held: str = "", is_key: bool = False) -> None:
        """*held* names the credential that a conversation goes on with and that cannot be used any more; *is_key* tells
        whether that is an API key. It may be foreign text.
        """
        sentence = f"{what} requires {provider.label} login."
        if held:
            sentence = f"{what} goes on with {held}, which cannot be used here any more; no other takes its place."
        super().__init__(sentence)
        self.provider = provider
        self.is_key = is_key


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

    def __init__(self, provider: Provider, reason: str, *, spent: bool = False, account: str = "") -> None:
        label = provider.label
        sentence = f"{label} ended this session ({reason}). Its record and your text are kept."
        if account:
            sentence = f"The {label} session of {account} has ended ({reason}). Nothing was changed."
        super().__init__(sentence)
        self.provider = provider
        self.reason = reason
        self.spent = spent
        """Refused because the refresh token had been used before, and for no reason of the provider's own."""
        self.account = account
        """The account that was chosen by name, and is not used for that; "" where a session in use ended."""


class RefreshInterrupted(SessionEnded):
    """The session was lost because a renewal never saw its answer: a crash, or a connection that broke."""

    code = "refresh_interrupted"

    def __init__(self, provider: Provider, reason: str) -> None:
        super().__init__(provider, reason)
        label = provider.label
        self.args = (
            f"A renewal of the {label} session was interrupted ({reason}). Its record and your text are kept.",
        )


class PayerChange(KeyswitchError):
    """Going on would move the bill from a plan to a paid key, or to a laptop's sign-in; nothing was changed."""

    code = "payer_change"

    def __init__(self, provider: Provider, what: str, *, command: str = "", laptop: bool = False) -> None:
        """*laptop*: what is kept on this machine does not serve, and what a laptop lends would."""
        sentence = f"{what} would be paid by your {provider.label} API key, per token, and no longer by a plan."
        if laptop:
            sentence = (
                f"{what} would be answered through your laptop, and no longer by your {provider.label} sign-in here."
            )
        super().__init__(sentence)
        self.provider = provider
        self.what = what
        self.command = command
        """The command that agrees, where nobody was there to be asked."""


class NothingToAdopt(KeyswitchError):
    """No earlier program left a sign-in of the provider in our home."""

    code = "nothing_to_adopt"

    def __init__(self, provider: Provider) -> None:
        super().__init__(f"No other program left a {provider.label} sign-in here that could be taken over.")
        self.provider = provider


class NoClient(KeyswitchError):
    """No OAuth client is configured for the provider, and none may be shipped."""

    code = "no_client"

    def __init__(self, provider: Provider) -> None:
        super().__init__(f"Signing in to {provider.label} needs an OAuth client of your own, and none is configured.")
        self.provider = provider


class SourceUnusable(KeyswitchError):
    """A credential that is kept elsewhere cannot be had: another program's, a key that a command prints, or a laptop's.
    Nothing was sent, and nothing changed there.
    """

    code = "profile_unusable"

    def __init__(
        self,
        what: str,
        problem: str,
        *,
        provider: Provider | None = None,
        code: Literal["", "key_command", "laptop_refused"] = "",
        on_laptop: str = "",
    ) -> None:
        """*what* is the name of a profile; with *provider* it is the command for its key, without secrets, and
        *problem* is whole sentences then. They may quote foreign text. Of a laptop, *on_laptop* is the command that
        helps there.
        """
        sentence = f'The profile "{what}" of Anthropic\'s tool cannot be used: {problem}. It was not changed.'
        if provider is not None:
            sentence = f"The command `{what}` gave no {provider.label} key. {problem} Nothing was sent."
            if code == "laptop_refused":
                sentence = f"Your laptop did not ask {provider.label}: {problem}"
        super().__init__(sentence, code=code)
        self.what = what
        self.provider = provider
        self.on_laptop = on_laptop


class SignInUnderWay(KeyswitchError):
    """Another window is signing in; nothing was begun here."""

    code = "sign_in_under_way"

    def __init__(self, pid: int | None) -> None:
        """*pid* is the process of that window, where it is known."""
        where = f"process {pid}" if pid is not None else "another window"
        super().__init__(f"A sign-in is under way in {where}. Nothing was begun here.")
        self.pid = pid


class SignInError(KeyswitchError):
    """A sign-in did not come to its end; an earlier session stays as it was."""

    code = "sign_in_failed"

    def __init__(
        self, provider: Provider, reason: str, *, code: Literal["", "sign_in_failed", "device_not_offered"] = ""
    ) -> None:
        super().__init__(f"Signing in to {provider.label} failed: {reason}. Nothing was changed.", code=code)
        self.provider = provider
        self.reason = reason


class SignInDeclined(SignInError):
    """The person, or the provider on the consent page, said no."""

    code = "sign_in_declined"


class SignInTimedOut(SignInError):
    """Nobody finished the sign-in in time."""

    code = "sign_in_timed_out"


class SignInRefused(SignInError):
    """The provider refused what a client asked for, on its page or at the exchange of the code."""

    def __init__(self, provider: Provider, reason: str, *, client_id: str, client_unknown: bool = False) -> None:
        super().__init__(provider, reason)
        self.client_id = client_id
        self.client_unknown = client_unknown
        """Whether the provider does not know the client, or no longer lets it sign anybody in."""


class OtherAccount(SignInError):
    """Somebody else signed in than the account that the sign-in was for; that account stays as it was."""

    code = "other_account"

    def __init__(self, provider: Provider, *, expected: str, came: str) -> None:
        super().__init__(provider, f"{came} signed in where {expected} was expected")


class LinkOpenedTwice(SignInError):
    """Two browsers opened the short link of a sign-in, and only one of them can be the person's."""

    code = "link_opened_twice"

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider, "its short link was opened by a second browser, which may be somebody else's")


class CallbackUnusable(SignInError):
    """A callback or pasted text does not belong to this sign-in, which goes on waiting."""

    code = "callback_unusable"


class ListenerUnavailable(SignInError):
    """No port for the redirect could be opened."""

    code = "listener_unavailable"
