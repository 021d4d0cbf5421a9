"""An OAuth client, a listener, a browser and a dialog without any network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from application.ports.oauth_client import Authorization, RedirectRule, Revocation
from application.ports.sign_in_dialog import SignInLink
from application.ports.sign_in_listener import OpenListener, SignInPage
from domain.errors import CallbackUnusable, ListenerUnavailable, NoClient, SignInDeclined
from domain.provider import Provider
from domain.secret import Secret
from domain.session import Session, renewed
from tests.support.credentials import a_session

STATE = "fake-state"


class FakeOAuth:
    """Answers at once; each renewal is counted, and may be held or made to fail."""

    def __init__(self) -> None:
        self.renewals: list[Session] = []
        self.revoked: list[Session] = []
        self.hints: list[Session | None] = []
        self.without_client: set[Provider] = set()
        self.failing: Exception | None = None
        self.held: asyncio.Event | None = None
        self.asked = asyncio.Event()
        """Set once a renewal has reached the provider."""
        self.revocation = Revocation.CONFIRMED

    def redirect_rule(self, provider: Provider) -> RedirectRule:
        if provider in self.without_client:
            raise NoClient(provider)
        return RedirectRule("127.0.0.1", "/callback", (0,))

    async def authorize(
        self, provider: Provider, *, redirect_uri: str, previous: Session | None = None
    ) -> Authorization:
        self.hints.append(previous)
        return Authorization(
            provider=provider,
            url=f"https://{provider}.example.test/authorize?state={STATE}&code_challenge=fake&redirect_uri={redirect_uri}",
            redirect_uri=redirect_uri,
            state=Secret(STATE),
            code_verifier=Secret("fake-verifier"),
            client_id="fake-client",
        )

    async def exchange(self, authorization: Authorization, callback: Mapping[str, str]) -> Session:
        provider = authorization.provider
        if callback.get("state") != STATE:
            raise CallbackUnusable(provider, "its state is not the one of this sign-in")
        if "error" in callback:
            raise SignInDeclined(provider, "you declined")
        if self.failing is not None:
            raise self.failing
        return a_session(provider, account=callback["code"].removeprefix("code-of-"))

    async def renew(self, session: Session) -> Session:
        self.renewals.append(session)
        self.asked.set()
        if self.held is not None:
            await self.held.wait()
        if self.failing is not None:
            raise self.failing
        number = session.record.generation + 1
        later = session.record.obtained_at + timedelta(hours=1)
        record = replace(session.record, obtained_at=later, access_expires_at=later + timedelta(hours=1))
        answer = Session(record, Secret(f"fake-access-{number}"), Secret(f"fake-refresh-{number}"))
        return renewed(session, by=answer)

    async def revoke(self, session: Session) -> Revocation:
        self.revoked.append(session)
        return self.revocation


class FakeListener:
    """A listener whose callbacks a test delivers."""

    def __init__(self) -> None:
        self.pages: list[SignInPage] = []
        self.callbacks: asyncio.Queue[Mapping[str, str]] = asyncio.Queue()
        self.port_taken = False
        self.open = False

    @asynccontextmanager
    async def listen(self, provider: Provider, rule: RedirectRule) -> AsyncIterator[OpenListener]:
        if self.port_taken:
            raise ListenerUnavailable(provider, "port 1455 is in use")
        self.open = True
        try:
            yield self
        finally:
            self.open = False

    @property
    def redirect_uri(self) -> str:
        return "http://127.0.0.1:1455/callback"

    def forward_to(self, url: str, *, state: str) -> str:
        return "http://127.0.0.1:1455/go/K7Q2"

    async def callback(self) -> Mapping[str, str]:
        return await self.callbacks.get()

    async def show(self, page: SignInPage) -> None:
        self.pages.append(page)


class FakeBrowser:
    """Remembers what it was asked to open, and may act on it."""

    def __init__(self, act: Callable[[str], None] | None = None) -> None:
        self.opened: list[str] = []
        self._act = act

    def open(self, url: str) -> bool:
        self.opened.append(url)
        if self._act is not None:
            self._act(url)
        return True


class FakeDialog:
    """A person who pastes what a test tells them to."""

    def __init__(self, *pastes: str) -> None:
        self.links: list[SignInLink] = []
        self.linked = asyncio.Event()
        self.refused: list[str] = []
        self._pastes = list(pastes)

    def link_ready(self, link: SignInLink) -> None:
        self.links.append(link)
        self.linked.set()

    async def pasted(self) -> str:
        if self._pastes:
            return self._pastes.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("nothing more was pasted")

    def paste_refused(self, reason: str) -> None:
        self.refused.append(reason)


def callback_of(account: str = "ana") -> dict[str, str]:
    """The parameters of a redirect that signs *account* in."""
    return {"code": f"code-of-{account}", "state": STATE}
