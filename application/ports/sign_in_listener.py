from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from application.ports.oauth_client import RedirectRule
from domain.provider import Provider
from domain.records import dataclass
from domain.text.secret import Secret


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What the browser shows at the end."""

    heading: str
    detail: str
    succeeded: bool


@dataclass(frozen=True, slots=True)
class PortTaken:
    """The port that a redirect should come to is not to be had, and another one takes its place."""

    port: int
    holder: str
    """Which program holds it, as the rest of "is taken by"; "" where that is not known. Foreign text."""
    used: int
    """The port that takes its place."""
    foreseen: bool
    """Whether the config says that any other one will do; else the provider may refuse it."""


class HeldAddress(Protocol):
    """An address on loopback that nobody else can listen on meanwhile."""

    @property
    def redirect_uri(self) -> str:
        """Where the provider should redirect to; the port is the bound one."""
        ...

    @property
    def taken(self) -> PortTaken | None:
        """The port that the address should have had; None where it has that one."""
        ...


class OpenListener(HeldAddress, Protocol):
    """A listener that is bound, on loopback only, for one sign-in."""

    def forward_to(self, url: str, *, state: Secret) -> str:
        """Serve a short address that forwards to *url*, and take only callbacks that carry *state*. Returns it."""
        ...

    async def callback(self) -> Mapping[str, str]:
        """Wait for the parameters of the next redirect that carries the state of this sign-in.

        Raises:
            LinkOpenedTwice: A second browser opened the short address: one of the two is not the person's.
        """
        ...

    async def refused(self) -> str:
        """Wait for the next visit that a page refused, and return why, as a clause. Each reason comes once."""
        ...

    def refuse(self, callback: Mapping[str, str], page: SignInPage) -> None:
        """Answer the browser that brought *callback* with *page*; the sign-in goes on."""
        ...

    def ensure_unshared(self) -> None:
        """Raise LinkOpenedTwice if a second browser opened the short address."""
        ...

    async def show(self, page: SignInPage) -> None:
        """Answer all browsers that wait with *page*; does nothing where none is waiting."""
        ...


class SignInListener(Protocol):
    """Receives the redirect of a sign-in (RFC 8252, 7.3)."""

    def listen(self, provider: Provider, rule: RedirectRule) -> AbstractAsyncContextManager[OpenListener]:
        """Bind the first free port of *rule*, else any other, and listen until the context ends.

        Raises:
            ListenerUnavailable: No port could be bound.
        """
        ...

    def hold(self, provider: Provider, rule: RedirectRule) -> AbstractContextManager[HeldAddress]:
        """The same without listening: the browser finds nobody there, and the person pastes where it was sent.

        Raises:
            ListenerUnavailable: No port could be bound.
        """
        ...
