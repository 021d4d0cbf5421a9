"""`/login`: three steps, one short link, a paste field that is always there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Button, Input

from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from application.sign_in.keep import ANYBODY, Whose
from application.sign_in.sign_in import SignedIn
from application.use_cases.api_key import StoredKey
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError, NoClient, SignInUnderWay
from domain.provider import FIRST, Provider
from domain.text.secret import Secret
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.chat_face import Entered
from entrypoints.chat.glyphs import Glyphs
from entrypoints.services import ServicesReady
from entrypoints.signals import lent
from entrypoints.tui.entries import Entries
from entrypoints.tui.screens.client_dialog import ClientEnd
from entrypoints.tui.screens.device_dialog import DeviceDialog, whom_to_keep
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.screens.login_view import USE_KEY, LoginView
from entrypoints.tui.window import begin_in
from entrypoints.words.sign_in import who_came

WITHOUT_CLIENT: Final = "r enters your client, Ctrl+K takes an API key instead."

CLOSES_AFTER: Final = 2.0
"""Seconds that the success is shown before the dialog closes itself; any key closes it sooner."""


TICK_SECONDS: Final = 1.0


class LoginDialog(Dialog[SignedIn | None]):
    """A `SignInDialog`: `SignIn` runs behind it in a worker that ends with it."""

    AUTO_FOCUS = ""
    """Nothing: letters are keys here, and a paste finds the field by itself. Tab goes there to type."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, priority=True),
        Binding("ctrl+k", "use_key", show=False, priority=True),
        Binding("enter", "start", show=False),
        Binding("left,up", "choose(-1)", show=False),
        Binding("right,down", "choose(1)", show=False),
        *(Binding(str(place), f"pick({place - 1})", show=False) for place in range(1, len(Provider) + 1)),
        Binding("c", "copy", show=False),
        Binding("p", "print", show=False),
        Binding("d", "device", show=False),
        Binding("n", "renew", show=False),
        Binding("r", "renew", show=False),
        Binding("a", "approve", show=False),
    ]

    def __init__(
        self,
        services: ServicesReady,
        glyphs: Glyphs,
        *,
        provider: Provider | None = None,
        whose: Whose = ANYBODY,
        staying_on: str | None = None,
        entries: Entries,
        then: Callable[[Entered], Coroutine[None, None, None]],
    ) -> None:
        """*then* is told what came of it, while a success is still shown."""
        super().__init__()
        self._services = services
        self._glyphs = glyphs
        self._provider = provider or FIRST
        self._whose = whose
        self._begun = provider is not None
        self._staying_on = staying_on
        self._entries = entries
        self._then = then
        self._pastes: asyncio.Queue[Secret] = asyncio.Queue()
        self._link: SignInLink | None = None
        self._left = 0
        self._ticking: Timer | None = None
        self._consent: Callable[[str], str] | None = None
        self._result: SignedIn | None = None
        self._failed = False
        """Whether the last try is over, and nothing is under way."""

    def compose(self) -> ComposeResult:
        """All of it is in the view."""
        yield LoginView(self._glyphs, staying_on=self._staying_on)

    def on_mount(self) -> None:
        """Begin at once where a provider is named, else let one be chosen."""
        for part in ("link", "state"):
            self._view.put(part, "")
        self._view.link_keys()
        if self._begun:
            self._begin()
        else:
            self._view.choice(self._provider)

    @property
    def _view(self) -> LoginView:
        return self.query_one(LoginView)

    # What the use case says.

    def waits_for(self, other: SignInUnderWay) -> None:
        """Say that another window signs in first."""
        self._view.put("lead", f"{other} This one begins when that has ended.")

    def link_ready(self, link: SignInLink) -> None:
        """The browser may go there now."""
        self._link = link
        self._left = round(link.seconds)
        self._view.link(link)
        self._waits()
        if self._ticking is not None:
            self._ticking.stop()
        self._ticking = self.set_interval(TICK_SECONDS, self._tick)

    async def pasted(self) -> Secret:
        """The next thing that was pasted."""
        return await self._pastes.get()

    def paste_refused(self, reason: str) -> None:
        """Say why, and keep waiting."""
        self._view.empty_field()
        self._view.state(f"{self._glyphs.warn} {reason[:1].upper()}{reason[1:]}. Still waiting.", "trouble")

    def callback_refused(self, reason: str) -> None:
        """Say why a browser's answer did not help, and keep waiting."""
        self._view.state(f"{self._glyphs.warn} Refused: {untrusted_line(reason)}. Still waiting.", "trouble")

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Who came, before the account is used."""
        self._view.state(who_came(record, name), "")

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep:
        """Ask in a dialog over this one."""
        answer = await self.app.push_screen_wait(whom_to_keep(newcomer, self._glyphs))
        return WhatToKeep(answer)

    # What the person does.

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere in the dialog lands in the field and is tried at once."""
        event.stop()
        self._take(event.text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was typed by hand is tried as well."""
        event.stop()
        self._take(event.value)

    def on_key(self, event: events.Key) -> None:
        """After the success any key closes the dialog."""
        if self._result is not None:
            event.stop()
            self.dismiss(self._result)

    def action_cancel(self) -> None:
        """Give up; nothing was changed. After the success: close."""
        self.dismiss(self._result)

    def action_start(self) -> None:
        """Begin to sign in to the chosen provider."""
        if not self._begun and self._result is None:
            self._begin()

    def action_choose(self, by: int) -> None:
        """The provider beside this one; a sign-in under way starts over there."""
        everyone = list(Provider)
        self.action_pick((everyone.index(self._provider) + by) % len(everyone))

    def action_pick(self, place: int) -> None:
        """Begin to sign in to the provider at *place*."""
        provider = list(Provider)[place]
        if self._result is not None or provider is self._provider:
            return
        self._provider, self._whose = provider, ANYBODY
        if self._begun:
            self._begin()
        else:
            self._view.choice(self._provider)

    def action_renew(self) -> None:
        """A new link, or another try."""
        if self._begun and self._result is None:
            self._begin()

    def action_copy(self) -> None:
        """The full link to the clipboard."""
        if self._link is not None:
            self.app.copy(self._link.url, "Full link", self._view.state)

    def action_print(self) -> None:
        """The bare link on one logical line, outside this window, where every terminal can select it."""
        if self._link is None:
            return
        try:
            with lent(self.app.suspend()):
                print(untrusted(f"\n{self._link.url}\n"), flush=True)  # noqa: T201 - outside the app, on purpose
                input("Enter goes back. ")
        except SuspendNotSupported:
            self._view.state("This terminal cannot leave the window. [c] copies the link.", "trouble")
        except EOFError:
            pass

    async def action_device(self) -> None:
        """A code to type in on another device, where the provider offers that."""
        if self._link is None or not self._link.offers_device or self._result is not None:
            return
        self._link = None
        await self.end_work("login")
        device = DeviceDialog(
            self._services, self._glyphs, provider=self._provider, whose=self._whose, entries=self._entries
        )
        self.app.push_screen(device, self._after_device)

    def _after_device(self, entered: Entered | None) -> None:
        match entered:
            case None:
                self._begin()
            case StoredKey():
                self._stored(entered)
            case SignedIn():
                self._finish(entered)

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.name == USE_KEY:
            await self.action_use_key()

    async def action_use_key(self) -> None:
        """An API key in the place of a sign-in, which is given up meanwhile."""
        if self._result is None:
            self._link = None
            await self.end_work("login")
            self.app.push_screen(self._entries.key(self._provider), self._after_key)

    async def _after_client(self, end: ClientEnd | None) -> None:
        if end is ClientEnd.ENTERED:
            self._begin()
        elif end is ClientEnd.USE_KEY:
            await self.action_use_key()

    def _after_key(self, stored: StoredKey | None) -> None:
        if stored is not None:
            self._stored(stored)
        elif self._begun and not self._failed:
            self._begin()

    def _stored(self, stored: StoredKey) -> None:
        begin_in(self.app, partial(self._then, stored), group="signed_in")
        self.dismiss(None)

    def action_approve(self) -> None:
        """In the sandbox: say yes on its own page."""
        if self._consent is not None and self._link is not None and self._result is None:
            self._approve(self._consent, self._link.url)

    # How it goes.

    def _begin(self) -> None:
        self._begun, self._failed, self._link, self._pastes = True, False, None, asyncio.Queue()
        self._view.asking(self._provider)
        self._log_in(self._provider)

    @work(exclusive=True, group="login")
    async def _log_in(self, provider: Provider) -> None:
        try:
            services = await self._services()
            self._consent = services.consent
            signed_in = await services.sign_in.by_browser(provider, self, whose=self._whose)
        except KeyswitchError as error:
            self._failed, self._link = True, None
            missing = isinstance(error, NoClient)
            self._view.failure(untrusted_line(str(error)), WITHOUT_CLIENT if missing else "")
            if missing:
                self.app.push_screen(self._entries.client(provider), self._after_client)
            return
        self._finish(signed_in)

    def _finish(self, signed_in: SignedIn) -> None:
        self._result = signed_in
        self._view.success(self._provider, signed_in)
        # On the app's account: the key that closes this dialog must not end the selection that waited for it.
        begin_in(self.app, partial(self._then, signed_in), group="signed_in")
        self.set_timer(CLOSES_AFTER, self._close)

    @work(thread=True, exclusive=True, group="approve")
    def _approve(self, consent: Callable[[str], str], url: str) -> None:
        ended_on = consent(url)
        if "://" not in ended_on:
            self.app.call_from_thread(self._take, ended_on)

    def _close(self) -> None:
        if self.is_current:
            self.dismiss(self._result)
        else:
            self.set_timer(CLOSES_AFTER, self._close)

    def _take(self, text: str) -> None:
        """Try *text*, and leave nothing of it in the field: whoever sees the screen must not get the code."""
        self._view.empty_field()
        if self._result is not None:
            return
        if not self._view.takes_paste:
            self._view.put("stay", f"There is no link yet whose answer could be pasted. {self._view.stay}")
        elif text.strip():
            self._view.state(f"Checking what was pasted{self._glyphs.ellipsis}", "")
            self._pastes.put_nowait(Secret(text))

    def _waits(self) -> None:
        self._view.waiting(self._left, sandbox=self._consent is not None)

    def _tick(self) -> None:
        self._left = max(self._left - 1, 0)
        if self._link is not None and self._result is None:
            self._waits()
