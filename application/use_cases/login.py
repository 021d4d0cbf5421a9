"""Sign in to a provider; nothing changes until it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from application.ports.browser import Browser
from application.ports.event_log import EventLog
from application.ports.oauth_client import Authorization, OAuthClient, RedirectRule
from application.ports.session_store import SessionStore
from application.ports.sign_in_dialog import SignInDialog, SignInLink
from application.ports.sign_in_listener import OpenListener, SignInListener, SignInPage
from application.situation import ReadSituation
from application.use_cases.select_model import SelectModel
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import (
    CallbackUnusable,
    KeyswitchError,
    ListenerUnavailable,
    SignInDeclined,
    SignInTimedOut,
    StoreError,
)
from domain.pasted import PasteUnusable, parse_pasted
from domain.provider import Provider
from domain.secret import Secret
from domain.session import Session
from domain.switching import SwitchTo

ATTEMPT_SECONDS: Final = 600.0
"""How long one attempt lasts: authorization codes are short-lived, and a person needs minutes (RFC 6749, 4.1.2)."""

Answer = Mapping[str, str] | Secret
"""The parameters of a redirect, or what was pasted."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A completed sign-in."""

    record: CredentialRecord
    selected: SwitchTo | None
    """What the first sign-in of an empty home selected; None otherwise."""


class Login:
    """Browser and paste field at once: whichever brings a valid answer first ends the sign-in."""

    def __init__(
        self,
        *,
        oauth: OAuthClient,
        listener: SignInListener,
        browser: Browser,
        sessions: SessionStore,
        situation: ReadSituation,
        select: SelectModel,
        events: EventLog,
    ) -> None:
        self._oauth = oauth
        self._listener = listener
        self._browser = browser
        self._sessions = sessions
        self._situation = situation
        self._select = select
        self._events = events

    async def __call__(
        self, provider: Provider, dialog: SignInDialog, *, open_browser: bool = True, seconds: float = ATTEMPT_SECONDS
    ) -> SignedIn:
        """Sign in to *provider* within *seconds*.

        Raises:
            NoClient: No OAuth client is configured.
            SignInDeclined, SignInTimedOut, SignInError: It did not come to its end; nothing was changed.
            StoreError: The session could not be stored.
            Offline, Overloaded, AnswerUnreadable: The provider could not finish it; nothing was changed.
        """
        try:
            signed_in = await self._sign_in(provider, dialog, open_browser=open_browser, seconds=seconds)
        except KeyswitchError as error:
            self._events.record("sign_in_failed", provider=provider.value, reason=error.code)
            raise
        self._events.record("signed_in", provider=provider.value, generation=signed_in.record.generation)
        return signed_in

    async def _sign_in(
        self, provider: Provider, dialog: SignInDialog, *, open_browser: bool, seconds: float
    ) -> SignedIn:
        rule = self._oauth.redirect_rule(provider)
        previous = await asyncio.to_thread(self._previous, provider)
        async with self._listening(provider, rule) as listener:
            redirect_uri = listener.redirect_uri if listener else _unheard(rule)
            authorization = await self._oauth.authorize(provider, redirect_uri=redirect_uri, previous=previous)
            short = listener.forward_to(authorization.url, state=authorization.state) if listener else None
            dialog.link_ready(
                SignInLink(
                    provider=provider,
                    url=authorization.url,
                    short_url=short,
                    redirect_uri=authorization.redirect_uri,
                    listening=listener is not None and not authorization.shows_code,
                    seconds=seconds,
                )
            )
            if open_browser:
                self._browser.open(short or authorization.url)
            try:
                async with asyncio.timeout(seconds):
                    session = await self._first_answer(authorization, listener, dialog)
            except TimeoutError:
                raise SignInTimedOut(provider, f"nobody finished it within {seconds / 60:.0f} minutes") from None
            return await self._complete(session, listener)

    async def _complete(self, session: Session, listener: OpenListener | None) -> SignedIn:
        """Store first, then tell the browser: a success page before that would promise too much."""
        label = session.record.provider.label
        try:
            empty = not await asyncio.to_thread(self._sessions.records)
            await asyncio.to_thread(self._sessions.save, session, activate=True)
        except StoreError as error:
            if listener:
                await listener.show(SignInPage(f"{label} sign-in was not saved", str(error), succeeded=False))
            raise
        selected = await asyncio.to_thread(self._first_selection, session.record) if empty else None
        if listener:
            who = f"You are signed in as {session.record.label}. Return to your terminal."
            await listener.show(SignInPage(f"Signed in to {label}", who, succeeded=True))
        return SignedIn(replace(session.record, active=True), selected)

    def _first_selection(self, record: CredentialRecord) -> SwitchTo | None:
        situation = self._situation()
        if situation.settings.model is not None:
            return None
        switch = self._select(situation.catalogue.default_for(record.provider).id)
        return switch if isinstance(switch, SwitchTo) else None

    def _previous(self, provider: Provider) -> Session | None:
        """The active account's last session, for the hints of a repeated sign-in; damage is no obstacle."""
        try:
            for record in self._sessions.records():
                if record.provider is provider and record.kind is CredentialKind.OAUTH and record.active:
                    credential = self._sessions.load(record.key)
                    return credential if isinstance(credential, Session) else None
        except StoreError:
            return None
        return None

    @asynccontextmanager
    async def _listening(self, provider: Provider, rule: RedirectRule) -> AsyncIterator[OpenListener | None]:
        """A listener, or None where no port is free: pasting still works then."""
        try:
            context = self._listener.listen(provider, rule)
            listener = await context.__aenter__()
        except ListenerUnavailable:
            yield None
            return
        try:
            yield listener
        finally:
            await context.__aexit__(None, None, None)

    async def _first_answer(
        self, authorization: Authorization, listener: OpenListener | None, dialog: SignInDialog
    ) -> Session:
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        tasks = [asyncio.create_task(_feed_pasted(dialog, answers))]
        if listener:
            tasks.append(asyncio.create_task(_feed_callbacks(listener, answers)))
        try:
            while True:
                session = await self._try(await answers.get(), authorization, listener, dialog)
                if session is not None:
                    return session
        finally:
            for task in tasks:
                task.cancel()

    async def _try(
        self,
        answer: Answer,
        authorization: Authorization,
        listener: OpenListener | None,
        dialog: SignInDialog,
    ) -> Session | None:
        """A session, or None where *answer* does not belong to this sign-in and it goes on waiting."""
        pasted = isinstance(answer, Secret)
        try:
            parameters = parse_pasted(answer) if isinstance(answer, Secret) else answer
            return await self._oauth.exchange(authorization, parameters)
        except PasteUnusable as error:
            dialog.paste_refused(str(error))
        except CallbackUnusable as error:
            if pasted:
                dialog.paste_refused(error.reason)
        except KeyswitchError as error:
            if listener and not pasted:
                heading = "Sign-in was declined" if isinstance(error, SignInDeclined) else "Sign-in failed"
                await listener.show(SignInPage(heading, str(error), succeeded=False))
            raise
        return None


async def _feed_pasted(dialog: SignInDialog, answers: asyncio.Queue[Answer]) -> None:
    while True:
        await answers.put(await dialog.pasted())


async def _feed_callbacks(listener: OpenListener, answers: asyncio.Queue[Answer]) -> None:
    while True:
        await answers.put(await listener.callback())


def _unheard(rule: RedirectRule) -> str:
    """Where the browser will be sent although nobody listens: the person pastes the address it ends on."""
    port = next((port for port in rule.ports if port), 1455)
    host = f"[{rule.host}]" if ":" in rule.host else rule.host
    return f"http://{host}:{port}{rule.path}"
