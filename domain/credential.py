"""What a provider accepts, who pays for it, and what it may be used for."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.records import dataclass, field

if TYPE_CHECKING:
    from domain.provider import Provider
    from domain.provider_facts.payer import Payer


class CredentialKind(StrEnum):
    """The four kinds of credential."""

    OAUTH = "oauth"
    API_KEY = "api_key"
    BORROWED = "borrowed"
    """A login that another program owns and renews: read, never refreshed."""
    FORWARDED = "forwarded"
    """One that stays on another machine of its owner, which sends with it what is asked here."""

    @property
    def label(self) -> str:
        """The words that people see after a provider's name."""
        return _KIND_LABELS[self]


_KIND_LABELS: Final = {
    CredentialKind.OAUTH: "OAuth",
    CredentialKind.API_KEY: "API key",
    CredentialKind.BORROWED: "borrowed profile",
    CredentialKind.FORWARDED: "from laptop",
}


STEADY_RENEWALS: Final = 3
"""After so many renewals in a row that kept the refresh token, the provider counts as one that never rotates it."""


ENVIRONMENT: Final = "env:"
"""How the account of a key in the environment begins; the variable's name follows."""

BY_COMMAND: Final = "command:"
"""How the account of a key begins that a command of the config prints; a check sum of the command follows."""

UNNAMED: Final = "unnamed"
IMPORTED: Final = "imported"
"""How the accounts of sessions begin that no answer of their provider named: because it names nobody, or because the
session was taken over from another program's file."""

APART: Final = "apart"
"""How the accounts of tokens begin that came in answer to another person's renewal: kept, and used by nobody."""


@dataclass(frozen=True, slots=True)
class CredentialKey:
    """Which credential: one account of one provider, by one kind."""

    provider: Provider
    account: str
    """Stable at the provider (subject, uuid), or the hint of an API key; never shown as a name."""
    kind: CredentialKind = CredentialKind.OAUTH

    @property
    def named(self) -> bool:
        """Whether it was the provider that said which account this is."""
        return not self.account.startswith((UNNAMED, IMPORTED, APART))

    @property
    def is_apart(self) -> bool:
        """Whether it is kept only because it came in answer to another person's renewal."""
        return self.account.startswith(APART)

    @property
    def in_environment(self) -> bool:
        """Whether it is a variable's, and stored nowhere."""
        return self.account.startswith(ENVIRONMENT)

    @property
    def by_command(self) -> bool:
        """Whether a command of the config prints it, and it is stored nowhere."""
        return self.account.startswith(BY_COMMAND)

    @property
    def is_stored(self) -> bool:
        """Whether it lies in the session store, as far as a key is concerned: neither a variable's nor a command's, and
        on no laptop.
        """
        return not self.in_environment and not self.by_command and self.kind is not CredentialKind.FORWARDED

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}/{self.account}"


@dataclass(frozen=True, slots=True)
class Intent:
    """Written before a refresh token is sent, and gone with the answer: found later, it tells of a lost one."""

    fingerprint: str
    """Of the refresh token that is about to be sent."""
    attempt: int
    """1, or 2 where the same token is sent once more because the first answer was lost."""
    pid: int
    """The process that sends it."""
    boot_id: str
    """The boot that the process belongs to; "" where the system does not say."""
    at: datetime
    """Aware, in UTC."""
    answered: bool = False
    """An answer came whole, without a token to send the next time: this one is not sent while anything else is left."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Why and when the provider ended a session. The refused token is kept, and never sent again."""

    reason: str
    at: datetime
    """Aware, in UTC."""
    fingerprint: str = ""
    """Of the refused refresh token."""
    interrupted: bool = False
    """An earlier renewal never saw its answer (a crash, a lost connection), and that is what spent the token."""


@dataclass(frozen=True, slots=True)
class Setback:
    """A renewal that failed for now; the session is kept."""

    reason: str
    attempts: int
    next_try: datetime
    """Aware, in UTC."""
    at: datetime | None = None
    """Aware, in UTC: the last try. A person who acts is not made to wait for `next_try`."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The API refused an access token before its time, and the session was renewed for it."""

    generation: int
    """The latest that was refused."""
    times: tuple[datetime, ...]
    """Aware, in UTC: the latest renewals that this caused, oldest first. They are what stops a loop."""


@dataclass(frozen=True, slots=True)
class BootStamp:
    """A moment on the clock that starts at boot and goes on during sleep: it cannot be set."""

    boot_id: str
    seconds: float


class Version(NamedTuple):
    """Which tokens of which sign-in a copy of a credential holds."""

    session_id: str
    generation: int

    def follows(self, earlier: Version) -> bool:
        """Whether renewals lead from *earlier* to this one."""
        return self.session_id == earlier.session_id and self.generation > earlier.generation

    def is_next_after(self, earlier: Version) -> bool:
        """Whether one renewal leads from *earlier* to this one."""
        return self == Version(earlier.session_id, earlier.generation + 1)


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """Everything about a credential that may be read without the master key: no secret in it."""

    key: CredentialKey
    label: str
    """The account as people know it: an e-mail address, or the hint of an API key. Foreign text."""
    payer: Payer
    active: bool
    """Whether this is the credential that its provider uses; at most one per provider and kind is."""
    generation: int
    """Raised by one at every write of its tokens; tells an old copy from a new one."""
    session_id: str
    """Random, new at each sign-in: a late answer for an earlier sign-in is told by it."""
    obtained_at: datetime
    """Aware, in UTC: when the token request was sent."""
    access_expires_at: datetime | None = None
    """Aware, in UTC. None for API keys, and where the provider does not say."""
    sign_in_expires_at: datetime | None = None
    """Aware, in UTC: when the refresh token ends, where that is known."""
    renewable: bool = False
    scopes: tuple[str, ...] = ()
    client_id: str = ""
    """The OAuth client that the session belongs to; not a secret (RFC 6749, 2.2)."""
    token_url: str = ""
    api_base: str = ""
    """With `token_url`: where this credential may be sent, fixed when it was obtained."""
    earliest_refresh_at: datetime | None = None
    """Aware, in UTC: the provider asks not to renew before (OpenAI's token answer)."""
    obtained_at_boot: BootStamp | None = None
    """`obtained_at` on the clock that cannot be set, which is worth something until the next boot."""
    clock_ahead: timedelta = timedelta(0)
    """How far this machine's clock was ahead of the token server's then, as far as that is known. What the server
    states as moments is stored by this machine's clock, as everything here."""
    unrotated: int = 0
    """How many of the last renewals in a row brought no new refresh token."""
    tombstone: Tombstone | None = None
    setback: Setback | None = None
    intent: Intent | None = None
    rejection: Rejection | None = None
    imported: bool = False
    """Made by another program under a client of that program's. It goes on working by that client and its API; no new
    sign-in uses either."""
    api_account: str = ""
    """How the API wants the account named with each request, where it does (`chatgpt-account-id`); not a secret."""
    plan_scope: str = ""
    """The scope without which its owner's plan may not be used; "" where no plan depends on one. Fixed, as the
    addresses are, by the server that issued the session: what the config says later changes nothing."""
    older_copy: bool = False
    """Whether a later version of it is known to have been stored here and is at hand nowhere: its tokens may be spent.
    The store tells; it is not stored."""
    elsewhere: str = ""
    """Where it is at home, for people, if this is a copy of it in another place: there it is renewed, and not here.
    "" otherwise. The store tells; it is not stored. Foreign text."""

    @property
    def provider(self) -> Provider:
        """The provider that issued it."""
        return self.key.provider

    @property
    def kind(self) -> CredentialKind:
        """Whether it is a session, a key or a borrowed profile."""
        return self.key.kind

    @property
    def version(self) -> Version:
        """What tells one copy of it from another."""
        return Version(self.session_id, self.generation)

    def is_newer_than(self, other: CredentialRecord) -> bool:
        """Whether its tokens were obtained after those of *other*, of the same credential."""
        if self.session_id == other.session_id:
            return self.generation > other.generation
        return self.obtained_at > other.obtained_at

    @property
    def rotates(self) -> bool:
        """Whether a renewal must be expected to spend the refresh token."""
        return self.unrotated < STEADY_RENEWALS

    @property
    def plan_use_off(self) -> bool:
        """Whether its owner is signed in and did not allow use of the plan: the API must not be called with it."""
        return bool(self.plan_scope) and self.plan_scope not in self.scopes


@dataclass(frozen=True, slots=True)
class AccountIdentity:
    """Who signed in, as the provider's answer says."""

    account: str
    label: str = field(default="")
