"""`/login`: three steps, one short link, a paste field that is always there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import ClassVar, Final

from textual import events, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from application.sign_in.keep import ANYBODY, Whose
from application.sign_in.sign_in import SignedIn
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError, NoClient, SignInUnderWay
from domain.provider import FIRST, Provider
from domain.text.secret import Secret
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.services import ServicesReady
from entrypoints.tui.screens.device_dialog import DeviceDialog, whom_to_keep
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.sign_in import (
    PASTE_HINT,
    STEPS,
    after_sign_in,
    countdown,
    listening_words,
    not_used_yet,
    plan_off,
    signed_in_line,
    who_came,
)

CLOSES_AFTER: Final = 2.0
"""Seconds that the success is shown before the dialog closes itself; any key closes it sooner."""


TICK_SECONDS: Final = 1.0


class PasteField(Input):
    """Shows a dot for each sign, and leaves what is pasted to the dialog: it may have several lines."""

    def on_paste(self, event: events.Paste) -> None:
        """Do not take the first line of it alone, as other fields do."""
        event.prevent_default()


class LoginDialog(Dialog[SignedIn | None]):
    """A `SignInDialog`: `SignIn` runs behind it in a worker that ends with it."""

    AUTO_FOCUS = ""
    """Nothing: letters are keys here, and a paste finds the field by itself. Tab goes there to type."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, priority=True),
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
        signed_in: Callable[[SignedIn], Coroutine[None, None, None]] | None = None,
    ) -> None:
        super().__init__()
        self._services = services
        self._glyphs = glyphs
        self._provider = provider or FIRST
        self._whose = whose
        self._begun = provider is not None
        self._staying_on = staying_on
        self._told = signed_in
        self._pastes: asyncio.Queue[Secret] = asyncio.Queue()
        self._link: SignInLink | None = None
        self._left = 0
        self._ticking: Timer | None = None
        self._consent: Callable[[str], str] | None = None
        self._result: SignedIn | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom: step, provider, link, paste field, what is going on, keys."""
        with Vertical(classes="dialog login"):
            yield Static("", id="step", classes="title", markup=False)
            yield Static("", id="providers", markup=False)
            yield Static("", id="lead", markup=False)
            yield Static("", id="link", markup=False)
            yield KeyHints("  ", id="link-keys")
            yield Static("", id="state", markup=False)
            yield Static(Content(untrusted(PASTE_HINT)), id="paste-hint")
            yield PasteField(id="paste", compact=True, password=True, placeholder="paste here, anywhere in this dialog")
            yield Static("", id="stay", markup=False)
            yield KeyHints(self._glyphs.dot, id="keys", classes="keys")

    def on_mount(self) -> None:
        """Begin at once where a provider is named, else let one be chosen."""
        for part in ("link", "state"):
            self._put(part, "")
        self._link_keys()
        if self._begun:
            self._begin()
        else:
            self._show_choice()

    # What the use case says.

    def waits_for(self, other: SignInUnderWay) -> None:
        """Say that another window signs in first."""
        self._put("lead", f"{other} This one begins when that has ended.")

    def link_ready(self, link: SignInLink) -> None:
        """The browser may go there now."""
        self._link = link
        self._left = round(link.seconds)
        self._show_link(link)
        if self._ticking is not None:
            self._ticking.stop()
        self._ticking = self.set_interval(TICK_SECONDS, self._tick)

    async def pasted(self) -> Secret:
        """The next thing that was pasted."""
        return await self._pastes.get()

    def paste_refused(self, reason: str) -> None:
        """Say why, and keep waiting."""
        self.query_one("#paste", Input).value = ""
        self._state(f"{self._glyphs.warn} {reason[:1].upper()}{reason[1:]}. Still waiting.", "trouble")

    def callback_refused(self, reason: str) -> None:
        """Say why a browser's answer did not help, and keep waiting."""
        self._state(f"{self._glyphs.warn} Refused: {untrusted_line(reason)}. Still waiting.", "trouble")

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Who came, before the account is used."""
        self._state(who_came(record, name), "")

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
            self._show_choice()

    def action_renew(self) -> None:
        """A new link, or another try."""
        if self._begun and self._result is None:
            self._begin()

    def action_copy(self) -> None:
        """The full link to the clipboard."""
        if self._link is not None:
            self.app.copy(self._link.url, "Full link", partial(self._state, kind=""))

    def action_print(self) -> None:
        """The bare link on one logical line, outside this window, where every terminal can select it."""
        if self._link is None:
            return
        try:
            with self.app.suspend():
                print(untrusted(f"\n{self._link.url}\n"), flush=True)  # noqa: T201 - outside the app, on purpose
                input("Enter goes back. ")
        except SuspendNotSupported:
            self._state("This terminal cannot leave the window. [c] copies the link.", "trouble")
        except EOFError:
            pass

    async def action_device(self) -> None:
        """A code to type in on another device, where the provider offers that."""
        if self._link is None or not self._link.offers_device or self._result is not None:
            return
        self._link = None
        await self.end_work("login")
        dialog = DeviceDialog(self._services, self._glyphs, provider=self._provider, whose=self._whose)
        self.app.push_screen(dialog, self._after_device)

    def _after_device(self, signed_in: SignedIn | None) -> None:
        if signed_in is None:
            self._begin()
        else:
            self._finish(signed_in)

    def action_approve(self) -> None:
        """In the sandbox: say yes on its own page."""
        if self._consent is not None and self._link is not None and self._result is None:
            self._approve(self._consent, self._link.url)

    # How it goes.

    def _begin(self) -> None:
        self._begun, self._link, self._pastes = True, None, asyncio.Queue()
        self._head(2)
        self._put("lead", f"Asking {self._provider.label} for a link{self._glyphs.ellipsis}")
        self._put("link", "")
        self._link_keys()
        self._takes_pastes(True)
        self._state("", "")
        self._put("stay", self._stay())
        self._keys("Esc cancel", "1-3 other provider")
        self._log_in(self._provider)

    @work(exclusive=True, group="login")
    async def _log_in(self, provider: Provider) -> None:
        try:
            services = await self._services()
            self._consent = services.consent
            signed_in = await services.sign_in.by_browser(provider, self, whose=self._whose)
        except NoClient as error:
            self._failed(error, provider.facts.client_hint)
            return
        except KeyswitchError as error:
            self._failed(error, "")
            return
        self._finish(signed_in)

    def _finish(self, signed_in: SignedIn) -> None:
        self._result = signed_in
        self._succeeded(signed_in)
        if self._told is not None:
            # On the app's account: the key that closes this dialog must not end the selection that waited for it.
            self.app.run_worker(self._told(signed_in), group="signed_in")
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
        self.query_one("#paste", Input).value = ""
        if self._result is not None:
            return
        if not self.query_one("#paste").display:
            self._put("stay", f"There is no link yet whose answer could be pasted. {self._stay()}")
        elif text.strip():
            self._state(f"Checking what was pasted{self._glyphs.ellipsis}", "")
            self._pastes.put_nowait(Secret(text))

    def _tick(self) -> None:
        self._left = max(self._left - 1, 0)
        if self._link is not None and self._result is None:
            self._waiting_keys()

    # What is shown.

    def _show_choice(self) -> None:
        self._head(1)
        self._takes_pastes(False)
        self._put("lead", f"Enter: Continue with {self._provider.label}. Arrows or 1 2 3 choose another.")
        self._state(self._provider.facts.before_sign_in, "")
        self._put("stay", self._stay())
        self._keys("Esc cancel", "Enter continue", f"{self._glyphs.horizontal} other provider")

    def _show_link(self, link: SignInLink) -> None:
        vendor = untrusted_line(link.url.partition("://")[2].partition("/")[0])
        self._put("lead", "We opened your browser. If nothing happened, open this link on THIS machine:")
        keys = ["[c] copy full link", "[p] print it plain"]
        keys += ["[d] use a device code"] if link.offers_device else []
        if link.short_url is not None:
            self._put("link", link.short_url)
            self._link_keys(f"It forwards to {vendor}.", *keys)
        else:
            self._put("link", f"https://{vendor}{self._glyphs.ellipsis}")
            self._link_keys(*keys)
        self._state(listening_words(link), "")
        self._waiting_keys()

    def _succeeded(self, signed_in: SignedIn) -> None:
        self._head(3)
        for part in ("lead", "link", "stay"):
            self._put(part, "")
        self._link_keys()
        self._takes_pastes(False)
        more = (not_used_yet(signed_in), plan_off(signed_in), *after_sign_in(signed_in.record, signed_in.not_granted))
        self._state("\n".join(filter(None, (signed_in_line(signed_in, self._glyphs.ok), *more))), "done")
        self._keys("Any key closes this")

    def _failed(self, error: KeyswitchError, more: str) -> None:
        self._link = None
        self._put("lead", untrusted_line(str(error)))
        self._put("link", "")
        self._link_keys()
        self._takes_pastes(False)
        self._state(more, "" if more else "trouble")
        self._put("stay", "Nothing was changed.")
        self._keys("Esc close", "r try again", "1-3 other provider")

    def _head(self, step: int) -> None:
        name = f"Log in to {self._provider.label}"
        self._put("step", f"{name}{self._glyphs.dot}step {step} of {len(STEPS)}: {STEPS[step - 1]}")
        chosen = [
            f"[{place} {provider.label}]" if provider is self._provider else f" {place} {provider.label} "
            for place, provider in enumerate(Provider, 1)
        ]
        self._put("providers", " ".join(chosen))

    def _stay(self) -> str:
        kept = f"You stay on {self._staying_on}; nothing" if self._staying_on else "Nothing"
        return f"{kept} is saved until you approve."

    def _put(self, part: str, text: str) -> None:
        self.query_one(f"#{part}", Static).update(Content(untrusted(text)))
        self.query_one(f"#{part}", Static).display = bool(text)

    def _state(self, text: str, kind: str) -> None:
        self._put("state", text)
        self.query_one("#state").set_classes(kind)

    def _waiting_keys(self) -> None:
        """The way out and the clock stand on the last row, which no narrow window cuts off."""
        keys = ["Esc cancel", countdown(self._left), "n new link", "1-3 other provider"]
        if self._consent is None:
            self._keys(*keys)
        else:
            self.query_one("#keys", KeyHints).show([*keys, "a approve in the sandbox"], [*keys, "a approve"])

    def _keys(self, *keys: str) -> None:
        self.query_one("#keys", KeyHints).show(keys)

    def _link_keys(self, *keys: str) -> None:
        self.query_one("#link-keys", KeyHints).show(keys)

    def _takes_pastes(self, takes: bool) -> None:
        """Show the field while there is a link to come back from."""
        self.query_one("#paste", Input).value = ""
        for part in ("paste-hint", "paste"):
            self.query_one(f"#{part}").display = takes
