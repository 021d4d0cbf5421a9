"""The front half of the code flow (RFC 6749, 4.1; RFC 7636): open consent pages and one-use codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.tokens import Grant, Mint

_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9\-_]{43}")


class OAuthRefused(Exception):
    """A request of the code flow or the device flow that fails: `error` as RFC 6749, 4.1.2.1 and 5.2, or RFC 8628, 3.5
    name it.
    """

    def __init__(self, error: str, description: str, *, on_page: bool = False) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.on_page = on_page
        """Whether this vendor shows a page for it where others send the browser back."""


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """A checked authorize request."""

    provider: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    """The whole query, for what is one vendor's own."""


@dataclass(slots=True)
class Consent:
    """A consent page that somebody has open."""

    ticket: str
    csrf: str
    request: AuthorizeRequest
    expires_at: float


@dataclass(eq=False, slots=True)
class Code:
    """An authorization code, good for one exchange."""

    value: str = field(repr=False)
    request: AuthorizeRequest
    client_id: str
    """Differs from the request's where the client was registered on the way."""
    account: str
    scopes: tuple[str, ...]
    expires_at: float
    used: bool = False
    grant: Grant | None = None
    """What its exchange opened; a second use ends it (RFC 6749, 4.1.2)."""


class Authorizations:
    """Open consent pages and codes of one provider. Safe to use from any thread."""

    def __init__(self, *, settings: SandboxSettings, mint: Mint) -> None:
        self._settings = settings
        self._mint = mint
        self._lock = threading.Lock()
        self._consents: dict[str, Consent] = {}
        self._codes: dict[str, Code] = {}

    def open_consent(self, request: AuthorizeRequest) -> Consent:
        """Remember that *request* waits for a person's answer."""
        with self._lock:
            ends = self._settings.clock() + self._settings.code_seconds
            consent = Consent(self._mint.hex(), self._mint.hex(), request, ends)
            self._consents[consent.ticket] = consent
            return consent

    def close_consent(self, *, ticket: str, csrf: str, cookie: str) -> AuthorizeRequest:
        """Take the answer of a consent page, once; form field and cookie must both hold the page's CSRF token.

        Raises:
            OAuthRefused: The page is unknown, answered, too old, or of another browser.
        """
        with self._lock:
            consent = self._consents.get(ticket)
            if consent is None or self._settings.clock() >= consent.expires_at:
                raise OAuthRefused("invalid_request", "This page is no longer open. Start the sign-in again.")
            expected = consent.csrf.encode()
            if not (hmac.compare_digest(expected, csrf.encode()) and hmac.compare_digest(expected, cookie.encode())):
                raise OAuthRefused("invalid_request", "This answer did not come from the page that was shown.")
            del self._consents[ticket]
            return consent.request

    def issue_code(self, request: AuthorizeRequest, *, client_id: str, account: str, scopes: tuple[str, ...]) -> Code:
        """A fresh code for what *account* just allowed."""
        with self._lock:
            ends = self._settings.clock() + self._settings.code_seconds
            code = Code(f"fake-code-{self._mint.hex()}", request, client_id, account, scopes, ends)
            self._codes[code.value] = code
            return code

    def redeem(self, *, code: str, client_id: str, redirect_uri: str, verifier: str) -> Code:
        """Check an exchange and use the code up, whatever the outcome.

        Raises:
            OAuthRefused: With `invalid_grant`, or `invalid_request` for a malformed verifier.
        """
        with self._lock:
            found = self._codes.get(code)
            if found is None or self._settings.clock() >= found.expires_at:
                raise OAuthRefused("invalid_grant", "The code is unknown or has expired.")
            if found.used:
                if found.grant is not None:
                    found.grant.revoked = True
                raise OAuthRefused("invalid_grant", "The code was used before.")
            found.used = True
        if client_id != found.client_id or redirect_uri != found.request.redirect_uri:
            raise OAuthRefused("invalid_grant", "client_id or redirect_uri is not the one the code was issued for.")
        if not _VERIFIER.fullmatch(verifier):
            raise OAuthRefused("invalid_request", "code_verifier is missing or malformed.")
        if not hmac.compare_digest(s256(verifier), found.request.challenge):
            raise OAuthRefused("invalid_grant", "code_verifier does not match the code_challenge.")
        return found


def s256(verifier: str) -> str:
    """The code challenge of *verifier* (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def check_pkce(params: Mapping[str, str]) -> str:
    """The S256 challenge of an authorize query.

    Raises:
        OAuthRefused: It is missing, malformed or `plain`.
    """
    challenge = params.get("code_challenge", "")
    if params.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise OAuthRefused("invalid_request", "A code_challenge with method S256 is required.")
    return challenge


def check_loopback(redirect_uri: str, *, hosts: tuple[str, ...], path: str | None) -> str:
    """*redirect_uri* if it is one of a native app (RFC 8252, 7.3): any port, but exact host and path.

    Raises:
        OAuthRefused: It is anything else. *path* None allows any.
    """
    if not _is_loopback(redirect_uri, hosts, path):
        raise OAuthRefused("invalid_request", "redirect_uri is not registered for this client.")
    return redirect_uri


def _is_loopback(redirect_uri: str, hosts: tuple[str, ...], path: str | None) -> bool:
    try:
        parts = urlsplit(redirect_uri)
        has_port = parts.port is not None
    except ValueError:
        return False
    plain = parts.scheme == "http" and not (parts.username or parts.query or parts.fragment)
    return plain and has_port and parts.hostname in hosts and path in (None, parts.path)


def check_scopes(params: Mapping[str, str], known: tuple[str, ...]) -> tuple[str, ...]:
    """The requested scopes, in order.

    Raises:
        OAuthRefused: None is requested, or an unknown one.
    """
    scopes = tuple(params.get("scope", "").split())
    unknown = [scope for scope in scopes if scope not in known]
    if unknown or not scopes:
        raise OAuthRefused("invalid_scope", f"Unknown or missing scope: {' '.join(unknown) or '(none)'}")
    return scopes
