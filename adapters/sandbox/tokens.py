"""Grants and tokens of all three providers: issue, rotate, expire, revoke, recognise."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from adapters.sandbox.settings import CHATGPT, CLAUDE, GEMINI, SandboxSettings

MOST_GEMINI_GRANTS: Final = 100
"""Google: beyond this many refresh tokens per account and client the oldest is dropped without a word."""

_PREFIXES: Final = {
    (CHATGPT, "access"): "fake-chatgpt-access-",
    (CHATGPT, "refresh"): "fake-chatgpt-refresh-",
    (CLAUDE, "access"): "sk-ant-oat01-fake-",
    (CLAUDE, "refresh"): "sk-ant-ort01-fake-",
    (GEMINI, "access"): "ya29.fake-",
    (GEMINI, "refresh"): "1//fake-",
}

TokenKind = Literal["access", "refresh"]


class Mint:
    """Random ids; reproducible ones when a seed is given. Safe to use from any thread."""

    def __init__(self, seed: int | None) -> None:
        self._random = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - only with a seed

    def hex(self, length: int = 32) -> str:
        """A text of *length* hexadecimal digits."""
        return f"{self._random.getrandbits(length * 4):0{length}x}"


@dataclass(eq=False, slots=True)
class Grant:
    """What one account allowed one client: a sign-in, and the family of all tokens issued for it."""

    provider: str
    number: int
    """Counts a provider's sign-ins from 1; shown to people as "session 2"."""
    account: str
    client_id: str
    scopes: tuple[str, ...]
    created_at: float
    revoked: bool = False

    @property
    def label(self) -> str:
        """How logs and answers name this grant."""
        return f"oauth:{self.account}#{self.number}"


@dataclass(eq=False, slots=True)
class Token:
    """One access or refresh token."""

    value: str = field(repr=False)
    kind: TokenKind
    grant: Grant
    expires_at: float | None
    spent_at: float | None = None
    """When a refresh token was rotated away."""

    def live(self, now: float) -> bool:
        """Whether the provider would still accept it. *now* is in unix seconds."""
        unexpired = self.expires_at is None or now < self.expires_at
        return unexpired and self.spent_at is None and not self.grant.revoked


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a token answer carries. *refresh* is None where none is issued."""

    access: Token
    refresh: Token | None
    at_ns: int = field(default_factory=time.monotonic_ns)
    """When they were issued, by CLOCK_MONOTONIC in nanoseconds."""


class RefreshRefused(Exception):
    """A refresh token was not accepted; *reason* is `unknown`, `expired`, `revoked` or `reused`."""

    def __init__(self, reason: Literal["unknown", "expired", "revoked", "reused"]) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenRegistry:
    """The memory of all three providers' token servers. Safe to use from any thread."""

    def __init__(self, *, settings: SandboxSettings, mint: Mint) -> None:
        self._settings = settings
        self._mint = mint
        self._lock = threading.RLock()
        self._grants: list[Grant] = []
        self._tokens: dict[str, Token] = {}

    def open_grant(self, *, provider: str, account: str, client_id: str, scopes: tuple[str, ...]) -> Grant:
        """Record that somebody signed in."""
        with self._lock:
            number = 1 + sum(grant.provider == provider for grant in self._grants)
            grant = Grant(provider, number, account, client_id, scopes, self._settings.clock())
            self._grants.append(grant)
            return grant

    def issue(self, grant: Grant, *, with_refresh: bool, access_seconds: float | None = None) -> TokenPair:
        """New tokens of *grant*. *access_seconds* overrides the provider's usual life of an access token."""
        with self._lock:
            life = self._settings.access_for(grant.provider) if access_seconds is None else access_seconds
            access = self._add("access", grant, self._settings.clock() + life)
            refresh = self._add("refresh", grant, self._refresh_end(grant)) if with_refresh else None
            if refresh is not None and grant.provider == GEMINI:
                self._drop_oldest(grant)
            return TokenPair(access, refresh)

    def rotate(self, value: str, *, provider: str, client_id: str) -> TokenPair:
        """Spend a refresh token for a new pair; a reuse beyond the grace ends the whole family.

        Raises:
            RefreshRefused: The token is not good, or not *client_id*'s at *provider*.
        """
        with self._lock:
            token = self._refreshable(value, provider, client_id)
            token.spent_at = token.spent_at or self._settings.clock()
            return self.issue(token.grant, with_refresh=True)

    def renew_access(self, value: str, *, provider: str, client_id: str) -> TokenPair:
        """A new access token for a refresh token that stays good.

        Raises:
            RefreshRefused: The token is not good, or not *client_id*'s at *provider*.
        """
        with self._lock:
            return self.issue(self._refreshable(value, provider, client_id).grant, with_refresh=False)

    def find(self, value: str) -> Token | None:
        """The token with this value, whoever issued it and whether or not it is live."""
        with self._lock:
            return self._tokens.get(value)

    def revoke(self, value: str, *, provider: str, whole_consent: bool = False) -> bool:
        """End the sign-in that *value* belongs to. False if *provider* does not know it, or it had ended.

        With *whole_consent* every other sign-in that the account allowed the same client ends with it.
        """
        with self._lock:
            token = self._tokens.get(value)
            if token is None or token.grant.provider != provider or token.grant.revoked:
                return False
            ended = token.grant
            for grant in self._grants if whole_consent else [ended]:
                same = (grant.provider, grant.account, grant.client_id)
                if same == (ended.provider, ended.account, ended.client_id):
                    grant.revoked = True
            return True

    def revoke_account(self, provider: str, account: str) -> int:
        """End all sign-ins of *account*; says how many there were."""
        with self._lock:
            open_grants = [
                grant
                for grant in self._grants
                if grant.provider == provider and grant.account == account and not grant.revoked
            ]
            for grant in open_grants:
                grant.revoked = True
            return len(open_grants)

    def set_scopes(self, provider: str, account: str, scopes: tuple[str, ...]) -> None:
        """Let *account*'s sign-ins have *scopes* from now on; each learns of it by its next renewal."""
        with self._lock:
            for grant in self._grants:
                if (grant.provider, grant.account) == (provider, account):
                    grant.scopes = scopes

    def expire_access_tokens(self, provider: str) -> int:
        """Let every live access token of *provider* expire now; says how many there were."""
        with self._lock:
            live = list(self._live(provider, "access"))
            for token in live:
                token.expires_at = self._settings.clock()
            return len(live)

    def live_access_tokens(self, provider: str) -> tuple[str, ...]:
        """Every access token that *provider* would accept now, oldest first."""
        with self._lock:
            return tuple(token.value for token in self._live(provider, "access"))

    def has_grant(self, provider: str, account: str, client_id: str) -> bool:
        """Whether *account* has a standing consent for *client_id*."""
        with self._lock:
            return any(
                (grant.provider, grant.account, grant.client_id, grant.revoked) == (provider, account, client_id, False)
                for grant in self._grants
            )

    def _add(self, kind: TokenKind, grant: Grant, expires_at: float | None) -> Token:
        token = Token(_PREFIXES[grant.provider, kind] + self._mint.hex(40), kind, grant, expires_at)
        self._tokens[token.value] = token
        return token

    def _refresh_end(self, grant: Grant) -> float | None:
        life = self._settings.refresh_for(grant.provider)
        if life is None:
            return None
        renewed_at_each_refresh = grant.provider == CHATGPT
        return (self._settings.clock() if renewed_at_each_refresh else grant.created_at) + life

    def _refreshable(self, value: str, provider: str, client_id: str) -> Token:
        token = self._tokens.get(value)
        now = self._settings.clock()
        if (
            token is None
            or token.kind != "refresh"
            or (token.grant.provider, token.grant.client_id)
            != (
                provider,
                client_id,
            )
        ):
            raise RefreshRefused("unknown")
        if token.grant.revoked:
            raise RefreshRefused("reused" if token.spent_at is not None else "revoked")
        if token.expires_at is not None and now >= token.expires_at:
            raise RefreshRefused("expired")
        if token.spent_at is not None and now >= token.spent_at + self._settings.reuse_grace:
            token.grant.revoked = True
            raise RefreshRefused("reused")
        return token

    def _live(self, provider: str, kind: TokenKind) -> Iterator[Token]:
        now = self._settings.clock()
        return (
            token
            for token in self._tokens.values()
            if token.kind == kind and token.grant.provider == provider and token.live(now)
        )

    def _drop_oldest(self, newest: Grant) -> None:
        now = self._settings.clock()
        same = [
            token
            for token in self._live(GEMINI, "refresh")
            if (token.grant.account, token.grant.client_id) == (newest.account, newest.client_id)
        ]
        for token in same[:-MOST_GEMINI_GRANTS]:
            token.expires_at = now
