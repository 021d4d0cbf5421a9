from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from application.ports.sign_in_listener import PortTaken
from domain.credential import CredentialRecord
from domain.errors import SignInUnderWay
from domain.provider import Provider
from domain.records import dataclass, field
from domain.text.secret import Secret


@dataclass(frozen=True, slots=True)
class SignInLink:
    """What a person needs to finish a sign-in."""

    provider: Provider
    url: str = field(repr=False)
    """The provider's full address. It holds a state and a code challenge: shown, never logged."""
    short_url: str | None
    """A local address that forwards to it, where a listener is up."""
    redirect_uri: str
    listening: bool
    seconds: float
    """How long the attempt lasts."""
    offers_device: bool = False
    """Whether the provider offers a code to type in on another device as well."""
    taken: PortTaken | None = None
    """The port that the redirect should have come to, where another one had to do."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody signed in who is not the account that the sign-in was for."""

    provider: Provider
    name: str
    """Who came, as people call them. Foreign text."""
    expected: str
    """Who was expected. Foreign text."""


class WhatToKeep(StrEnum):
    """What a person wants of a newcomer's sign-in. The expected account stays signed in whatever they choose."""

    BESIDE = "beside"
    """Keep it, and go on using the account that is active."""
    INSTEAD = "instead"
    """Keep it, and use it from now on."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person needs to finish a sign-in on another machine."""

    provider: Provider
    user_code: str = field(repr=False)
    """To be typed into the page. Printable ASCII."""
    page: str
    """Its address, as the provider names it."""
    page_with_code: str | None = field(repr=False)
    """The same with the code in it, for a picture that a telephone reads."""
    seconds: float
    """How long the code lasts."""


class WaitingDialog(Protocol):
    """The person who waits for a sign-in, by whatever screen or stream they are reached."""

    def waits_for(self, other: SignInUnderWay) -> None:
        """Another window is signing in; this sign-in begins when that one has ended."""
        ...

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep | None:
        """Ask what becomes of *newcomer*; None where nobody can be asked."""
        ...

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Say who signed in where nobody was expected, before anything uses the account: it may be somebody else's.

        *name* is what people call the account. Foreign text.
        """
        ...


class DeviceDialog(WaitingDialog, Protocol):
    """The same, for a code that is typed in elsewhere."""

    def code_ready(self, code: DeviceCode) -> None:
        """The person may type it in now."""
        ...


class SignInDialog(WaitingDialog, Protocol):
    """The same, for a browser on this machine, or an address that is pasted."""

    def link_ready(self, link: SignInLink) -> None:
        """The browser may go there now."""
        ...

    async def pasted(self) -> Secret:
        """The next thing that the person pasted: an address, its query, `code#state` or a code.

        Never returns where nothing can be pasted.
        """
        ...

    def paste_refused(self, reason: str) -> None:
        """What was pasted does not help; the sign-in goes on waiting."""
        ...

    def callback_refused(self, reason: str) -> None:
        """What a browser brought does not help, and a page says so there; the sign-in goes on waiting."""
        ...
