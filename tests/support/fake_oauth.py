"""An OAuth client, a listener, a browser and a dialog without any network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.oauth_client import (
    RENEWAL_SECONDS,
    Authorization,
    DeviceAuthorization,
    DevicePoll,
    OfSomebodyElse,
    OnRegistered,
    RedirectRule,
    Renewed,
    Revocation,
)
from application.ports.sign_in_dialog import DeviceCode, Newcomer, SignInLink, WhatToKeep
from application.ports.sign_in_listener import HeldAddress, OpenListener, PortTaken, SignInPage
from domain.credential import CredentialRecord
from domain.errors import (
    CallbackUnusable,
    LinkOpenedTwice,
    ListenerUnavailable,
    NoClient,
    SessionEnded,
    SignInDeclined,
    SignInError,
    SignInRefused,
    SignInUnderWay,
)
from domain.provider import Provider
from domain.session import Session, renewed
from domain.sign_in.registration import RegisteredClient
from domain.text.secret import Secret
from tests.support.credentials import a_session

STATE = "fake-state"
DEVICE_CODE = "fake-device-code"
TOKEN_URL = "https://fake.example.test/token"


class FakeOAuth:
    """A strict server that answers at once; each renewal is counted, and may be held or made to fail.

    The code of an attempt is `code-of-ACCOUNT`; with `~N` behind it, it is bound to the N-th attempt.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.renewals: list[Session] = []
        self.limits: list[float] = []
        """The seconds that each renewal may take."""
        self.signed_in = self.registrations = self.attempts = 0
        self.revoked: list[Session] = []
        self.hints: list[Session | None] = []
        self.without_client: set[Provider] = set()
        self.code_page: str | None = None
        self.failing: Exception | None = None
        self.failing_once: list[Exception] = []
        """Raised by as many renewals, one after the other."""
        self.before_answer: Callable[[], object] = lambda: None
        """What happens in the world while a renewal or a poll is on its way."""
        self.rotates = True
        self.life = timedelta(hours=1)
        self.held: asyncio.Event | None = None
        self.asked = asyncio.Event()
        """Set once a renewal has reached the provider."""
        self.revocation = Revocation.CONFIRMED
        self.device_answers: list[DevicePoll | Exception | str] = [DevicePoll.PENDING]
        """What the next polls hear; a string is the account that has approved, and the last answer is repeated."""
        self.polls, self.device_interval = 0, 5.0
        self.offers_device = False
        self.without_device: set[Provider] = set()
        self._redeemed, self._spent, self._ended = set[str](), set[str](), set[str]()
        self.registers = False
        """Whether a sign-in without a client of its own registers one."""
        self.asking: list[str] = []
        """The client of each attempt; `fake-client` stands in for one that is to be registered."""
        self.refused_clients: set[str] = set()
        self.granted: tuple[str, ...] | None = None
        """The scopes that answers name; None where they name none."""
        self.withheld: tuple[str, ...] = ()
        """The scopes that were asked for and not granted."""
        self.plan_scope = ""
        """What use of a plan depends on."""
        self.revocation_spreads = False
        """Whether ending one session of an account ends all of them."""

    def redirect_rule(self, provider: Provider) -> RedirectRule:
        if provider in self.without_client:
            raise NoClient(provider)
        return RedirectRule("127.0.0.1", "/callback", (0,), self.code_page)

    async def authorize(
        self,
        provider: Provider,
        *,
        redirect_uri: str,
        previous: Session | None = None,
        registered: RegisteredClient | None = None,
    ) -> Authorization:
        self.hints.append(previous)
        client_id = previous.record.client_id if previous else registered.client_id if registered else "fake-client"
        self.asking.append(client_id)
        self.attempts += 1
        page = f"https://{provider}.example.test/authorize"
        return Authorization(
            provider=provider,
            url=f"{page}?state={STATE}&code_challenge={self.attempts}&redirect_uri={redirect_uri}",
            redirect_uri=redirect_uri,
            state=Secret(STATE),
            code_verifier=Secret(f"fake-verifier-{self.attempts}"),
            client_id=client_id,
            shows_code=redirect_uri == self.code_page,
            offers_device=self.offers_device,
        )

    async def exchange(
        self, authorization: Authorization, callback: Mapping[str, str], *, registered: OnRegistered | None = None
    ) -> Session:
        provider = authorization.provider
        if callback.get("state") != STATE:
            raise CallbackUnusable(provider, "its state is not the one of this sign-in")
        if "error" in callback:
            raise SignInDeclined(provider, "you declined")
        client_id = authorization.client_id
        if self.registers and client_id == "fake-client":
            self.registrations += 1
            client_id = f"issued-{self.registrations}"
        if self.registers and registered:
            await registered(RegisteredClient(provider, client_id, TOKEN_URL))
        if client_id in self.refused_clients:
            raise SignInRefused(provider, "the provider refused the client", client_id=client_id, client_unknown=True)
        if self.failing is not None:
            raise self.failing
        account = self._redeem(authorization, callback["code"].removeprefix("code-of-"))
        return self._new_session(provider, account, client_id)

    def _new_session(self, provider: Provider, account: str, client_id: str = "fake-client") -> Session:
        """Each sign-in has tokens of its own."""
        self.signed_in += 1
        session = a_session(provider, account=account)
        record = replace(
            session.record,
            session_id=f"{session.record.session_id}-{self.signed_in}",
            scopes=session.record.scopes if self.granted is None else self.granted,
            plan_scope=self.plan_scope,
            client_id=client_id,
        )
        return replace(session, record=record, refresh_token=Secret(f"fake-refresh-of-sign-in-{self.signed_in}"))

    def _redeem(self, authorization: Authorization, code: str) -> str:
        account, _, attempt = code.partition("~")
        verifier = authorization.code_verifier.reveal()
        if verifier in self._redeemed or (attempt and verifier != f"fake-verifier-{attempt}"):
            raise SignInError(authorization.provider, "the code was not accepted (invalid_grant)")
        self._redeemed.add(verifier)
        return account

    async def begin_device(self, provider: Provider) -> DeviceAuthorization:
        if provider in self.without_client:
            raise NoClient(provider)
        if provider in self.without_device:
            raise SignInError(provider, "its server offers no device codes", code="device_not_offered")
        page = f"https://{provider}.example.test/device"
        return DeviceAuthorization(
            provider=provider,
            device_code=Secret(DEVICE_CODE),
            user_code="WDJB-MJHT",
            verification_uri=page,
            verification_uri_complete=f"{page}?user_code=WDJB-MJHT",
            seconds=600.0,
            interval=self.device_interval,
            client_id="fake-client",
        )

    async def poll_device(self, authorization: DeviceAuthorization) -> Session | DevicePoll:
        if authorization.device_code.reveal() != DEVICE_CODE:
            raise SignInError(authorization.provider, "the code was not accepted (invalid_grant)")
        self.polls += 1
        self.before_answer()
        answer = self.device_answers.pop(0) if len(self.device_answers) > 1 else self.device_answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, DevicePoll) else self._new_session(authorization.provider, answer)

    async def renew(self, session: Session, *, within: float = RENEWAL_SECONDS) -> Renewed | OfSomebodyElse:
        self.renewals.append(session)
        self.limits.append(within)
        self.asked.set()
        if self.held is not None:
            await self.held.wait()
        self.before_answer()
        if self.failing_once:
            raise self.failing_once.pop(0)
        if self.failing is not None:
            raise self.failing
        self._spend(session)
        number = session.record.generation + 1
        now = self._clock.now()
        record = replace(
            session.record,
            obtained_at=now,
            access_expires_at=now + self.life,
            obtained_at_boot=self._clock.boot(),
            earliest_refresh_at=None,
            scopes=self.granted or (),
        )
        whose = f"{record.provider}-{record.key.account}-{number}"
        refresh = Secret(f"fake-refresh-{whose}") if self.rotates else None
        answer = Session(record, Secret(f"fake-access-{whose}"), refresh)
        return Renewed(renewed(session, by=answer))

    def _spend(self, session: Session) -> None:
        """A refresh token is good once; a reuse ends the session."""
        token = session.refresh_token.reveal() if session.refresh_token else ""
        if token in self._spent:
            self._ended.add(session.record.session_id)
        if session.record.session_id in self._ended:
            raise SessionEnded(session.record.provider, "invalid_grant")
        self._spent.add(token)

    def not_granted(self, session: Session) -> tuple[str, ...]:
        return self.withheld

    def registers_clients(self, provider: Provider) -> bool:
        return self.registers

    def revocation_ends_all(self, provider: Provider) -> bool:
        return self.revocation_spreads

    async def revoke(self, session: Session) -> Revocation:
        self.revoked.append(session)
        if self.revocation is Revocation.CONFIRMED:
            self._ended.add(session.record.session_id)
        return self.revocation


class FakeListener:
    """A listener whose callbacks a test delivers."""

    def __init__(self) -> None:
        self.pages: list[SignInPage] = []
        self.callbacks: asyncio.Queue[Mapping[str, str]] = asyncio.Queue()
        self.refusals: asyncio.Queue[str] = asyncio.Queue()
        self._shared = asyncio.Event()
        self.port_taken = False
        self.open = False
        self.held = 0
        """How often an address was held without anybody listening."""
        self.taken: PortTaken | None = None

    @asynccontextmanager
    async def listen(self, provider: Provider, rule: RedirectRule) -> AsyncIterator[OpenListener]:
        if self.port_taken:
            raise ListenerUnavailable(provider, "port 1455 is in use")
        self.open = True
        try:
            yield self
        finally:
            self.open = False

    @contextmanager
    def hold(self, provider: Provider, rule: RedirectRule) -> Iterator[HeldAddress]:
        if self.port_taken:
            raise ListenerUnavailable(provider, "port 1455 is in use")
        self.held += 1
        yield self

    @property
    def redirect_uri(self) -> str:
        return "http://127.0.0.1:1455/callback"

    def forward_to(self, url: str, *, state: Secret) -> str:
        return "http://127.0.0.1:1455/go/K7Q2"

    @property
    def shared(self) -> bool:
        """Whether a second browser opened the short link."""
        return self._shared.is_set()

    @shared.setter
    def shared(self, shared: bool) -> None:
        self._shared.set() if shared else self._shared.clear()

    async def callback(self) -> Mapping[str, str]:
        arrived, opened_twice = asyncio.create_task(self.callbacks.get()), asyncio.create_task(self._shared.wait())
        try:
            await asyncio.wait({arrived, opened_twice}, return_when=asyncio.FIRST_COMPLETED)
            self.ensure_unshared()
            return arrived.result()
        finally:
            arrived.cancel()
            opened_twice.cancel()

    async def refused(self) -> str:
        return await self.refusals.get()

    def refuse(self, callback: Mapping[str, str], page: SignInPage) -> None:
        self.pages.append(page)

    def ensure_unshared(self) -> None:
        if self.shared:
            raise LinkOpenedTwice(Provider.CLAUDE)

    async def show(self, page: SignInPage) -> None:
        self.pages.append(page)


class FakeTurn:
    """The turn to sign in; other windows hold it as often as `held` counts down."""

    def __init__(self) -> None:
        self.held = 0
        self.taken = 0
        """How many windows of the test have it: one at most."""
        self.before_free: Callable[[], None] = lambda: None
        """What the other window does before it lets go."""

    @contextmanager
    def take(self) -> Iterator[None]:
        if self.held:
            self.held -= 1
            if not self.held:
                self.before_free()
            raise SignInUnderWay(4242)
        if self.taken:
            raise SignInUnderWay(4242)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class FakeBrowser:
    """Remembers what it was asked to open, and may act on it."""

    def __init__(self, act: Callable[[str], None] | None = None) -> None:
        self.opened: list[str] = []
        self.works = True
        self._act = act

    @contextmanager
    def showing(self, url: str) -> Iterator[bool]:
        self.opened.append(url)
        if self._act is not None:
            self._act(url)
        yield self.works


class FakeDialog:
    """A person who pastes what a test tells them to."""

    def __init__(self, *pastes: str, keep: WhatToKeep | None = None, undecided: bool = False) -> None:
        """*undecided*: the person never says what to keep, and all the time that was left runs out at once."""
        self.newcomers: list[Newcomer] = []
        self._keep = keep
        self._undecided = undecided
        self.links: list[SignInLink] = []
        self.linked = asyncio.Event()
        self.waited_for: list[int | None] = []
        self.codes: list[DeviceCode] = []
        self.refused: list[str] = []
        self.refused_callbacks: list[str] = []
        self.came: list[str] = []
        """Who signed in where nobody was expected."""
        self.when_somebody_came: Callable[[], object] = lambda: None
        self._pastes = list(pastes)

    def code_ready(self, code: DeviceCode) -> None:
        self.codes.append(code)

    def waits_for(self, other: SignInUnderWay) -> None:
        self.waited_for.append(other.pid)

    def link_ready(self, link: SignInLink) -> None:
        self.links.append(link)
        self.linked.set()

    async def pasted(self) -> Secret:
        if self._pastes:
            return Secret(self._pastes.pop(0))
        await asyncio.Event().wait()
        raise AssertionError("nothing more was pasted")

    def paste_refused(self, reason: str) -> None:
        self.refused.append(reason)

    def callback_refused(self, reason: str) -> None:
        self.refused_callbacks.append(reason)

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        self.came.append(name)
        self.when_somebody_came()

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep | None:
        self.newcomers.append(newcomer)
        if self._undecided:
            let_time_run_out()
            await asyncio.Event().wait()
        return self._keep


def let_time_run_out() -> None:
    """Whatever waits with a limit in this loop has waited for an hour from now on."""
    loop = asyncio.get_running_loop()
    earlier = loop.time
    setattr(loop, "time", lambda: earlier() + 3600)  # noqa: B010 - mypy takes no assignment to a method


def callback_of(account: str = "ana") -> dict[str, str]:
    """The parameters of a redirect that signs *account* in."""
    return {"code": f"code-of-{account}", "state": STATE}
