from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from application.ports.oauth_client import RedirectRule
from domain.provider import Provider
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What the browser shows at the end."""

    heading: str
    detail: str
    succeeded: bool


class OpenListener(Protocol):
    """A listener that is bound, on loopback only, for one sign-in."""

    @property
    def redirect_uri(self) -> str:
        """Where the provider should redirect to; the port is the bound one."""
        ...

    def forward_to(self, url: str, *, state: Secret) -> str:
        """Serve a short address that forwards to *url*, and take only callbacks that carry *state*. Returns it."""
        ...

    async def callback(self) -> Mapping[str, str]:
        """Wait for the parameters of the one redirect that belongs to this sign-in."""
        ...

    async def show(self, page: SignInPage) -> None:
        """Answer the waiting browser with *page*; does nothing where none is waiting."""
        ...


class SignInListener(Protocol):
    """Receives the redirect of a sign-in (RFC 8252, 7.3)."""

    def listen(self, provider: Provider, rule: RedirectRule) -> AbstractAsyncContextManager[OpenListener]:
        """Bind the first free port of *rule* and listen until the context ends.

        Raises:
            ListenerUnavailable: None of the ports could be bound.
        """
        ...
