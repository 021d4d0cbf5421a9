from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Final, Protocol

from domain.provider import Provider
from domain.records import dataclass, field
from domain.session import Session
from domain.sign_in.registration import RegisteredClient
from domain.text.secret import Secret

RENEWAL_SECONDS: Final = 15.0
"""From the beginning of a renewal to the last byte of its answer."""

OnRegistered = Callable[[RegisteredClient], Awaitable[None]]
"""Is told which client a code is about to be exchanged by."""


@dataclass(frozen=True, slots=True)
class RedirectRule:
    """Where a provider accepts its redirect on this machine (RFC 8252, 7.3)."""

    host: str
    path: str
    ports: tuple[int, ...]
    """In the order to try; 0 is any free port."""
    page: str | None = None
    """Where the provider shows the code instead of redirecting to this machine; a listener then only shortens links."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """One attempt to sign in: what the browser is sent to, and what only this process knows of it."""

    provider: Provider
    url: str = field(repr=False)
    """State, nonce and challenge are in it."""
    redirect_uri: str
    state: Secret
    """RFC 6749, 10.12: what comes back must carry it."""
    code_verifier: Secret
    """RFC 7636, 4.1."""
    client_id: str
    nonce: Secret | None = None
    shows_code: bool = False
    """The provider shows a code on a page of its own instead of redirecting to this machine."""
    offers_device: bool = False
    """Whether `begin_device` would do as well."""


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """One attempt to sign in with the browser on another machine (RFC 8628, 3.2)."""

    provider: Provider
    device_code: Secret
    """What only this process knows of it."""
    user_code: str = field(repr=False)
    """What the person types into the page: printable ASCII."""
    verification_uri: str
    """The page, as the server names it: https, or on this machine. Shown, never opened unasked."""
    verification_uri_complete: str | None = field(repr=False)
    """The page with the code in it, on the same host; for a picture that another machine's camera reads."""
    seconds: float
    """How long the codes last from now."""
    interval: float
    """Seconds to leave between two polls."""
    client_id: str


class DevicePoll(StrEnum):
    """What a poll says while nobody has decided (RFC 8628, 3.5)."""

    PENDING = "pending"
    SLOW_DOWN = "slow_down"
    """Leave five seconds more between this and all further polls."""


class Revocation(StrEnum):
    """What came of a revocation (RFC 7009)."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    NOT_OFFERED = "not_offered"
    UNREADABLE = "unreadable"
    """The provider was not asked: the tokens of the session could not be read here."""
    WITHHELD = "withheld"
    """The provider was not asked: it would have ended a newer sign-in of the same account as well."""
    ELSEWHERE = "elsewhere"
    """The provider was not asked: this was a copy, and the session goes on in the place where it is at home."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewal whose answer brought tokens."""

    session: Session
    """The renewed session, its generation one higher."""
    in_doubt: bool = False
    """No usable new refresh token came, from a server that has to be expected to have spent the old one."""
    oddities: tuple[str, ...] = ()
    """What had to be forgiven in the answer, in words of ours."""


@dataclass(frozen=True, slots=True)
class OfSomebodyElse:
    """A renewal whose answer brought the tokens of another person."""

    session: Session
    """Theirs, under a key of its own, and not active: to be kept apart, and never used."""
    oddities: tuple[str, ...] = ()


class OAuthClient(Protocol):
    """Authorization code with PKCE, device authorization, renewal and revocation, for every provider."""

    def redirect_rule(self, provider: Provider) -> RedirectRule:
        """Where the listener has to listen.

        Raises:
            NoClient: No client is configured for the provider.
            ConfigError: The provider's settings make no sense.
        """
        ...

    async def authorize(
        self,
        provider: Provider,
        *,
        redirect_uri: str,
        previous: Session | None = None,
        registered: RegisteredClient | None = None,
    ) -> Authorization:
        """Begin an attempt. *previous* is the account's last session, for the hints of a repeated sign-in.

        Where clients register themselves, it is the client of *previous* that asks, else *registered*, else a new one;
        a client that another server issued is left out.

        Raises:
            NoClient: No client is configured for the provider.
            Offline: Discovery was needed and could not be done.
        """
        ...

    async def exchange(
        self, authorization: Authorization, callback: Mapping[str, str], *, registered: OnRegistered | None = None
    ) -> Session:
        """Turn the parameters of the redirect into a session that is not stored yet.

        *registered* is told of the client before the code is spent, where clients register themselves.

        Raises:
            CallbackUnusable: The parameters do not belong to this attempt (state, issuer); it may go on waiting.
            SignInRefused: The provider refused the code or the request, or does not know the client.
            SignInDeclined: The person or the provider declined.
            SignInError: The provider answered with no usable session.
            Offline, Overloaded, AnswerUnreadable: As named.
        """
        ...

    async def begin_device(self, provider: Provider) -> DeviceAuthorization:
        """Begin an attempt with the browser on another machine.

        Raises:
            NoClient: No client is configured for the provider.
            SignInError: Its server has no device authorization, as far as is known (`device_not_offered`).
            SignInError: The provider refused the request.
            Offline, Overloaded, AnswerUnreadable: As named.
        """
        ...

    async def poll_device(self, authorization: DeviceAuthorization) -> Session | DevicePoll:
        """Ask once whether the person has decided: a session that is not stored yet, or "ask again".

        Raises:
            SignInDeclined: The person or the provider declined.
            SignInTimedOut: The code has expired.
            SignInError: The provider will not go on, or answered with no usable session.
            Offline, Overloaded, AnswerUnreadable: Nothing was decided as far as one can tell; ask again, but
                less often.
        """
        ...

    async def renew(self, session: Session, *, within: float = RENEWAL_SECONDS) -> Renewed | OfSomebodyElse:
        """A session with the tokens that the provider gives for the refresh token, all else as in *session*.

        What came whole is read for its tokens, whatever else is wrong with it.
        The request is sent once: a refresh token may be good for one use only. *within*: the seconds that all of it
        may take.

        Raises:
            SessionEnded: The provider will never accept this refresh token again.
            Overloaded, LimitReached: Not processed; the refresh token is unspent.
            Offline: No request left this machine; the refresh token is unspent.
            AnswerUnreadable: The request left and no token came back, in a whole answer or for want of one; the refresh
                token may be spent.
            NoClient, Refused: The client or its configuration is at fault, not the session.
        """
        ...

    def not_granted(self, session: Session) -> tuple[str, ...]:
        """The scopes that a sign-in asks for and *session*, a new one, does not have."""
        ...

    def registers_clients(self, provider: Provider) -> bool:
        """Whether clients register themselves as they sign in: a new one can take the place of one that is refused.

        Raises:
            ConfigError: The provider's settings make no sense.
        """
        ...

    def revocation_ends_all(self, provider: Provider) -> bool:
        """Whether `revoke` ends all that the account allowed this client, whichever session it is given.

        Raises:
            ConfigError: The provider's settings make no sense.
        """
        ...

    async def revoke(self, session: Session) -> Revocation:
        """Ask the provider to end the session. Raises nothing that a provider can cause."""
        ...
