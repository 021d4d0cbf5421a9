"""Sign in to a provider; nothing changes until it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final

from application.ports.browser import Browser
from application.ports.oauth_client import Authorization, OAuthClient, RedirectRule
from application.ports.sign_in_dialog import Newcomer, SignInDialog, SignInLink, WhatToKeep
from application.ports.sign_in_listener import OpenListener, PortTaken, SignInListener, SignInPage
from application.sign_in.finish import FinishSignIn, SignedIn
from application.sign_in.keep import ANYBODY, Expected, Whose
from application.sign_in.one_at_a_time import AwaitTurn
from application.sign_in.registration import RegisterOnce
from domain.credential import CredentialRecord
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
    StoreError,
)
from domain.provider import Provider
from domain.registration import RegisteredClient
from domain.session import Session
from domain.text.durations import duration_words
from domain.text.pasted import Pastes, PasteUnusable
from domain.text.secret import Secret

ATTEMPT_SECONDS: Final = 600.0
"""How long one attempt lasts: authorization codes are short-lived, and a person needs minutes (RFC 6749, 4.1.2)."""


Answer = Mapping[str, str] | Secret | LinkOpenedTwice
"""The parameters of a redirect, what was pasted, or why nothing more may be waited for."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One sign-in under way."""

    provider: Provider
    dialog: SignInDialog
    expected: Expected
    seconds: float
    open_browser: bool
    listen: bool

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Wait for a person, but not for ever. Raises `SignInTimedOut`."""
        try:
            async with asyncio.timeout(self.seconds):
                yield
        except TimeoutError:
            within = duration_words(self.seconds)
            raise SignInTimedOut(self.provider, f"nobody finished it within {within}") from None


@dataclass(frozen=True, slots=True)
class _WayBack:
    """Where the provider sends the browser."""

    redirect_uri: str
    listener: OpenListener | None = None
    taken: PortTaken | None = None


class SignIn:
    """Browser and paste field at once: whichever brings a valid answer first ends the sign-in."""

    def __init__(
        self,
        *,
        oauth: OAuthClient,
        listener: SignInListener,
        browser: Browser,
        finish: FinishSignIn,
        await_turn: AwaitTurn,
        register_once: RegisterOnce,
    ) -> None:
        self._oauth = oauth
        self._listener = listener
        self._browser = browser
        self._finish = finish
        self._await_turn = await_turn
        self._register_once = register_once

    async def __call__(
        self,
        provider: Provider,
        dialog: SignInDialog,
        *,
        whose: Whose = ANYBODY,
        open_browser: bool = True,
        listen: bool = True,
        seconds: float = ATTEMPT_SECONDS,
    ) -> SignedIn:
        """Sign in to *provider* within *seconds*, as the account in *whose*, once no other window signs in.

        Where that other one has signed in to the same provider, and anybody will do, that is the result here as well.
        Without *listen* only what is pasted ends it.

        Raises:
            NoClient: No OAuth client is configured.
            OtherAccount: Somebody else signed in, and nobody could be asked whether to keep that; nothing was changed.
            ListenerUnavailable: No port of this machine can be held for the redirect.
            LinkOpenedTwice: Two browsers opened the short link; nothing was changed.
            SignInDeclined, SignInTimedOut, SignInError: It did not come to its end; nothing was changed.
            StoreError: The session could not be stored.
            Offline, Overloaded, AnswerUnreadable: The provider could not finish it; nothing was changed.
        """
        turn = await self._await_turn(provider, dialog, seconds=seconds, anybody=whose == ANYBODY)
        if isinstance(turn, CredentialRecord):
            return SignedIn(turn, turn.label, None)
        with turn:
            try:
                expected = await self._finish.expected(provider, whose)
                attempt = _Attempt(provider, dialog, expected, seconds, open_browser=open_browser, listen=listen)
                return await self._sign_in(attempt)
            except KeyswitchError as error:
                self._finish.failed(provider, error)
                raise

    async def _sign_in(self, attempt: _Attempt) -> SignedIn:
        """With a client that was registered before, if there is one the provider still knows."""
        previous = attempt.expected.session
        client = await self._register_once.client_for(attempt.provider, attempt.expected)
        registered = {one.client_id for one in (client, previous.record if previous else None) if one is not None}
        try:
            return await self._sign_in_by(client, previous, attempt)
        except SignInRefused as refusal:
            # Whatever it was refused for: the next sign-in must not hang on it.
            await self._register_once.settled(refusal.client_id)
            unknown = refusal.client_unknown and refusal.client_id in registered
            if not unknown or not self._oauth.registers_clients(attempt.provider):
                raise
        return await self._sign_in_by(None, None, attempt)

    async def _sign_in_by(
        self, client: RegisteredClient | None, previous: Session | None, attempt: _Attempt
    ) -> SignedIn:
        provider, dialog = attempt.provider, attempt.dialog
        rule = self._oauth.redirect_rule(provider)
        async with self._way_back(provider, rule, listen=attempt.listen) as way_back:
            listener = way_back.listener
            authorization = await self._oauth.authorize(
                provider,
                redirect_uri=way_back.redirect_uri,
                previous=previous,
                registered=client,
            )
            if client is not None and authorization.client_id == client.client_id:
                await self._register_once.begun(client)
            short = listener.forward_to(authorization.url, state=authorization.state) if listener else None
            dialog.link_ready(
                SignInLink(
                    provider=provider,
                    url=authorization.url,
                    short_url=short,
                    redirect_uri=authorization.redirect_uri,
                    listening=listener is not None and not authorization.shows_code,
                    seconds=attempt.seconds,
                    offers_device=authorization.offers_device,
                    taken=way_back.taken,
                )
            )
            with self._browser.showing(short or authorization.url) if attempt.open_browser else nullcontext():
                try:
                    async with attempt.in_time():
                        session = await self._first_answer(authorization, listener, attempt)
                except SignInDeclined:
                    if client is not None:
                        await self._register_once.declined(client)
                    raise
                return await self._complete(session, attempt, listener)

    async def _complete(self, session: Session, attempt: _Attempt, listener: OpenListener | None) -> SignedIn:
        """Store first, then tell the browser: a success page before that would promise too much."""
        label = session.record.provider.label
        try:
            if listener:
                listener.ensure_unshared()
            signed_in = await self._stored(session, attempt, listener)
        except LinkOpenedTwice as error:  # while the code was being exchanged
            await self._finish.give_back(session)
            await self._say_failed(listener, error)
            raise
        except StoreError as error:
            if listener:
                await listener.show(SignInPage(f"{label} sign-in was not saved", str(error), succeeded=False))
            raise
        except SignInError:  # it is somebody who is not wanted here, and so is the client
            await self._register_once.settled(session.record.client_id)
            raise
        await self._register_once.settled(session.record.client_id)
        if listener:
            plan = ", but use of your plan is off" if signed_in.record.plan_use_off else ""
            who = f"You are signed in as {signed_in.name}{plan}. Return to your terminal."
            await listener.show(SignInPage(f"Signed in to {label}", who, succeeded=True))
        await self._finish.note(signed_in, session)
        return signed_in

    async def _stored(self, session: Session, attempt: _Attempt, listener: OpenListener | None) -> SignedIn:
        async def ask(newcomer: Newcomer) -> WhatToKeep | None:
            if listener:
                detail = f"{newcomer.expected} was expected. Nothing is saved yet: return to your terminal."
                await listener.show(SignInPage(f"You signed in as {newcomer.name}", detail, succeeded=False))
            async with attempt.in_time():
                return await attempt.dialog.whom_to_keep(newcomer)

        return await self._finish.store(session, attempt.expected, ask, attempt.dialog.signed_in)

    @asynccontextmanager
    async def _way_back(self, provider: Provider, rule: RedirectRule, *, listen: bool) -> AsyncIterator[_WayBack]:
        """Where the browser comes back to. An address of this machine is held: whoever else listened there would get
        the code. Only where the provider shows the code on a page of its own nothing has to be.
        """
        if not listen and rule.page is None:
            with self._listener.hold(provider, rule) as held:
                yield _WayBack(held.redirect_uri, taken=held.taken)
            return
        async with AsyncExitStack() as stack:
            way_back = _WayBack(rule.page or "")
            try:
                if listen:
                    listener = await stack.enter_async_context(self._listener.listen(provider, rule))
                    taken = listener.taken if rule.page is None else None
                    way_back = _WayBack(rule.page or listener.redirect_uri, listener, taken)
            except ListenerUnavailable:
                if rule.page is None:
                    raise
            yield way_back

    async def _first_answer(
        self, authorization: Authorization, listener: OpenListener | None, attempt: _Attempt
    ) -> Session:
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        pastes = Pastes(redirect_uri=authorization.redirect_uri)
        tasks = [asyncio.create_task(_feed_pasted(attempt.dialog, answers))]
        if listener:
            tasks.append(asyncio.create_task(_feed_callbacks(listener, answers)))
            tasks.append(asyncio.create_task(_tell_refusals(listener, attempt.dialog)))
        try:
            while True:
                match await answers.get():
                    case LinkOpenedTwice() as error:
                        await self._say_failed(listener, error)
                        raise error
                    case Secret() as pasted:
                        session = await self._try_pasted(pastes, pasted, authorization, attempt)
                    case callback:
                        session = await self._try_callback(callback, authorization, listener, attempt)
                if session is not None:
                    return session
        finally:
            for task in tasks:
                task.cancel()

    async def _try_pasted(
        self, pastes: Pastes, pasted: Secret, authorization: Authorization, attempt: _Attempt
    ) -> Session | None:
        """A session, or None where what was pasted brings none. It ends no attempt: the person may paste again."""
        try:
            return await self._exchange(pastes.read(pasted), authorization, attempt)
        except PasteUnusable as error:
            reason = str(error)
        except SignInRefused as error:
            unknown = error.client_unknown and error.client_id == authorization.client_id
            if unknown and self._oauth.registers_clients(attempt.provider):
                raise  # the sign-in begins anew, with another client
            reason = error.reason
        except SignInError as error:
            reason = error.reason
        except ProviderError as error:
            reason = str(error).rstrip(".")
        attempt.dialog.paste_refused(reason)
        return None

    async def _try_callback(
        self,
        callback: Mapping[str, str],
        authorization: Authorization,
        listener: OpenListener | None,
        attempt: _Attempt,
    ) -> Session | None:
        """A session, or None where *callback* does not belong to this sign-in and it goes on waiting."""
        try:
            return await self._exchange(callback, authorization, attempt)
        except CallbackUnusable as error:
            if listener:
                detail = f"keyswitch refused it: {error.reason}. Nothing was changed, and keyswitch goes on waiting."
                listener.refuse(callback, SignInPage("That answer was refused", detail, succeeded=False))
            attempt.dialog.callback_refused(error.reason)
        except KeyswitchError as error:
            await self._say_failed(listener, error)
            raise
        return None

    async def _exchange(
        self, parameters: Mapping[str, str], authorization: Authorization, attempt: _Attempt
    ) -> Session:
        registered = partial(self._register_once.answered, attempt.expected)
        return await self._oauth.exchange(authorization, parameters, registered=registered)

    @staticmethod
    async def _say_failed(listener: OpenListener | None, error: KeyswitchError) -> None:
        if listener:
            heading = "Sign-in was declined" if isinstance(error, SignInDeclined) else "Sign-in failed"
            await listener.show(SignInPage(heading, str(error), succeeded=False))


async def _feed_pasted(dialog: SignInDialog, answers: asyncio.Queue[Answer]) -> None:
    while True:
        await answers.put(await dialog.pasted())


async def _feed_callbacks(listener: OpenListener, answers: asyncio.Queue[Answer]) -> None:
    try:
        while True:
            await answers.put(await listener.callback())
    except LinkOpenedTwice as error:
        await answers.put(error)


async def _tell_refusals(listener: OpenListener, dialog: SignInDialog) -> None:
    while True:
        dialog.callback_refused(await listener.refused())
