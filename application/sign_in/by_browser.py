"""Obtain a session by a browser on this machine: by its redirect, or by what a person pastes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial

from application.ports.browser import Browser
from application.ports.oauth_client import Authorization, OAuthClient, OnRegistered
from application.ports.registrations import Registrations
from application.ports.sign_in_dialog import SignInDialog, SignInLink
from application.ports.sign_in_listener import OpenListener, PortTaken, SignInListener, SignInPage
from application.sign_in.end_session import EndSession
from application.sign_in.keep import Arrival, Expected
from domain.errors import (
    CallbackUnusable,
    KeyswitchError,
    LinkOpenedTwice,
    ListenerUnavailable,
    ProviderError,
    SignInDeclined,
    SignInError,
    SignInRefused,
    SignInTimedOut,
)
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.session import Session
from domain.sign_in.registration import RegisteredClient, usable_again
from domain.text.durations import duration_words
from domain.text.pasted import Pastes, PasteUnusable
from domain.text.secret import Secret

Answer = Mapping[str, str] | Secret | LinkOpenedTwice
"""The parameters of a redirect, a text that was pasted, or the reason to wait no longer."""


@dataclass(frozen=True, slots=True)
class _WayBack:
    """The address that the provider sends the browser back to, and the listener that waits there."""

    redirect_uri: str
    listener: OpenListener | None = None
    taken: PortTaken | None = None

    async def show(self, page: SignInPage) -> None:
        """Answer the browsers that wait with *page*."""
        if self.listener is not None:
            await self.listener.show(page)

    async def show_failure(self, error: KeyswitchError) -> None:
        """Tell the browsers that wait that *error* ended the sign-in."""
        heading = "Sign-in was declined" if isinstance(error, SignInDeclined) else "Sign-in failed"
        await self.show(SignInPage(heading, str(error), succeeded=False))


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one sign-in was asked to do, and by whom."""

    expected: Expected
    dialog: SignInDialog
    seconds: float
    open_browser: bool
    listen: bool

    @property
    def provider(self) -> Provider:
        """The provider that is signed in to."""
        return self.expected.provider


class ByBrowser:
    """Waits for browser and paste field at once; whichever brings a valid answer first ends the wait.

    A client that registers itself on the way is remembered until a session keeps it (`KeepSession`), so that a sign-in
    that fails in between costs no second registration.
    """

    def __init__(
        self,
        *,
        oauth: OAuthClient,
        listener: SignInListener,
        browser: Browser,
        registrations: Registrations,
        end: EndSession,
    ) -> None:
        self._oauth = oauth
        self._listener = listener
        self._browser = browser
        self._registrations = registrations
        self._end = end

    @asynccontextmanager
    async def __call__(
        self, expected: Expected, dialog: SignInDialog, *, seconds: float, open_browser: bool, listen: bool
    ) -> AsyncIterator[Arrival]:
        """Obtain a session within *seconds*. Until the context ends, its browser waits for what becomes of it.

        It asks with the client of *expected*, or one that an earlier sign-in registered in vain. If the provider does
        not know that any more, it asks once more with a new one. Raises as `SignIn.by_browser`.
        """
        attempt = _Attempt(expected, dialog, seconds, open_browser, listen)
        previous = expected.session
        remembered = await asyncio.to_thread(self._registrations.kept)
        client = usable_again(remembered, expected.provider, account=expected.account, further=expected.whose.further)
        known = {one.client_id for one in (client, previous.record if previous else None) if one is not None}
        async with AsyncExitStack() as way_back:
            arrival: Arrival | None = None
            try:
                arrival = await way_back.enter_async_context(self._asked(attempt, client, previous))
            except SignInRefused as refusal:
                unknown = refusal.client_unknown and refusal.client_id in known
                if not unknown or not self._oauth.registers_clients(expected.provider):
                    raise
            if arrival is None:
                arrival = await way_back.enter_async_context(self._asked(attempt, None, None))
            yield arrival

    @asynccontextmanager
    async def _asked(
        self, attempt: _Attempt, client: RegisteredClient | None, previous: Session | None
    ) -> AsyncIterator[Arrival]:
        """Send the browser out with *client* or that of *previous*, and take in the session that it brings."""
        async with self._way_back(attempt) as way_back:
            authorization = await self._oauth.authorize(
                attempt.provider, redirect_uri=way_back.redirect_uri, previous=previous, registered=client
            )
            if client is not None and authorization.client_id == client.client_id:
                # If the browser never comes back, the next sign-in does without this client
                await asyncio.to_thread(self._registrations.keep, replace(client, unanswered=True))
            link = _link(attempt, way_back, authorization)
            attempt.dialog.link_ready(link)
            with self._browser.showing(link.short_url or link.url) if attempt.open_browser else nullcontext():
                try:
                    session = await self._answered(attempt, authorization, way_back)
                except SignInDeclined:
                    if client is not None:  # it is as good as before
                        await asyncio.to_thread(self._registrations.keep, client)
                    raise
                except SignInRefused as refusal:  # whatever for: the next sign-in must not hang on this client
                    await asyncio.to_thread(self._registrations.forget, refusal.client_id)
                    raise
                yield Arrival(session, way_back.show)

    @asynccontextmanager
    async def _way_back(self, attempt: _Attempt) -> AsyncIterator[_WayBack]:
        """Hold the address that the browser comes back to: whoever else listened there would get the code.

        Only where the provider shows the code on a page of its own no address has to be held.
        """
        provider = attempt.provider
        rule = self._oauth.redirect_rule(provider)
        if not attempt.listen and rule.page is None:
            with self._listener.hold(provider, rule) as held:
                yield _WayBack(held.redirect_uri, taken=held.taken)
            return
        async with AsyncExitStack() as stack:
            way_back = _WayBack(rule.page or "")
            try:
                if attempt.listen:
                    listener = await stack.enter_async_context(self._listener.listen(provider, rule))
                    taken = listener.taken if rule.page is None else None
                    way_back = _WayBack(rule.page or listener.redirect_uri, listener, taken)
            except ListenerUnavailable:
                if rule.page is None:
                    raise
            yield way_back

    async def _answered(self, attempt: _Attempt, authorization: Authorization, way_back: _WayBack) -> Session:
        """The session that the first good answer brings, unless a second browser opened the link until then."""
        answers = _Answers(
            self._oauth, authorization, way_back, attempt.dialog, partial(self._remember, attempt.expected)
        )
        try:
            async with asyncio.timeout(attempt.seconds):
                session = await answers.first_good()
        except TimeoutError:
            within = duration_words(attempt.seconds)
            raise SignInTimedOut(attempt.provider, f"nobody finished it within {within}") from None
        try:
            if way_back.listener is not None:
                way_back.listener.ensure_unshared()
        except LinkOpenedTwice as error:  # while the code was being exchanged
            await self._end.give_back(session)
            await way_back.show_failure(error)
            raise
        return session

    async def _remember(self, expected: Expected, client: RegisteredClient) -> None:
        """Remember *client*: the browser came back for it, and its code is about to be spent and could be lost.

        Neither one that the account's stored session keeps is remembered, nor that of a further account, which the next
        sign-in of somebody else could not use.
        """
        session = expected.session
        known = session is not None and session.record.client_id == client.client_id
        if not known and not expected.whose.further:
            await asyncio.to_thread(self._registrations.keep, replace(client, account=expected.account))


def _link(attempt: _Attempt, way_back: _WayBack, authorization: Authorization) -> SignInLink:
    """The link that the person is shown. From here on the listener takes what comes back."""
    listener = way_back.listener
    short = listener.forward_to(authorization.url, state=authorization.state) if listener else None
    return SignInLink(
        provider=attempt.provider,
        url=authorization.url,
        short_url=short,
        redirect_uri=authorization.redirect_uri,
        listening=listener is not None and not authorization.shows_code,
        seconds=attempt.seconds,
        offers_device=authorization.offers_device,
        taken=way_back.taken,
    )


class _Answers:
    """Tries what comes back for one authorization, by redirects and by pastes."""

    def __init__(
        self,
        oauth: OAuthClient,
        authorization: Authorization,
        way_back: _WayBack,
        dialog: SignInDialog,
        registered: OnRegistered,
    ) -> None:
        self._oauth = oauth
        self._authorization = authorization
        self._way_back = way_back
        self._dialog = dialog
        self._registered = registered
        self._pastes = Pastes(redirect_uri=authorization.redirect_uri)
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()

    async def first_good(self) -> Session:
        """The session of the first answer that brings one. Raises what ends the sign-in."""
        listener = self._way_back.listener
        feeding = [
            self._feed_pasted(),
            *((self._feed_redirects(listener), self._tell_refused(listener)) if listener else ()),
        ]
        tasks = [asyncio.create_task(one) for one in feeding]
        try:
            session = None
            while session is None:
                match await self._answers.get():
                    case LinkOpenedTwice() as error:
                        await self._way_back.show_failure(error)
                        raise error
                    case Secret() as pasted:
                        session = await self._try_pasted(pasted)
                    case redirect:
                        session = await self._try_redirect(redirect)
            return session
        finally:
            for task in tasks:
                task.cancel()

    async def _try_pasted(self, pasted: Secret) -> Session | None:
        """A session, or None where what was pasted brings none. It ends no attempt: the person may paste again."""
        try:
            return await self._exchange(self._pastes.read(pasted))
        except PasteUnusable as error:
            reason = str(error)
        except SignInRefused as error:
            asked = self._authorization
            unknown = error.client_unknown and error.client_id == asked.client_id
            if unknown and self._oauth.registers_clients(asked.provider):
                raise  # the sign-in begins anew, with another client
            reason = error.reason
        except SignInError as error:
            reason = error.reason
        except ProviderError as error:
            reason = str(error).rstrip(".")
        self._dialog.paste_refused(reason)
        return None

    async def _try_redirect(self, redirect: Mapping[str, str]) -> Session | None:
        """A session, or None where *redirect* does not belong to this sign-in and it goes on waiting."""
        try:
            return await self._exchange(redirect)
        except CallbackUnusable as error:
            if self._way_back.listener is not None:
                detail = f"keyswitch refused it: {error.reason}. Nothing was changed, and keyswitch goes on waiting."
                self._way_back.listener.refuse(redirect, SignInPage("That answer was refused", detail, succeeded=False))
            self._dialog.callback_refused(error.reason)
        except KeyswitchError as error:
            await self._way_back.show_failure(error)
            raise
        return None

    async def _exchange(self, parameters: Mapping[str, str]) -> Session:
        return await self._oauth.exchange(self._authorization, parameters, registered=self._registered)

    async def _feed_pasted(self) -> None:
        while True:
            await self._answers.put(await self._dialog.pasted())

    async def _feed_redirects(self, listener: OpenListener) -> None:
        try:
            while True:
                await self._answers.put(await listener.callback())
        except LinkOpenedTwice as error:
            await self._answers.put(error)

    async def _tell_refused(self, listener: OpenListener) -> None:
        while True:
            self._dialog.callback_refused(await listener.refused())
