"""A code to type in on another device, with a picture of the address for a telephone."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Static

from application.ports.sign_in_dialog import DeviceCode, Newcomer, WhatToKeep
from application.sign_in.keep import Whose
from application.sign_in.sign_in import ATTEMPT_SECONDS
from application.use_cases.api_key import StoredKey
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError, SignInUnderWay
from domain.provider import Provider
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.chat_face import Entered
from entrypoints.chat.glyphs import ASCII, Glyphs
from entrypoints.services import ServicesReady
from entrypoints.tui.entries import Entries
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.screens.question import Choice, Question
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.tui.widgets.qr import picture
from entrypoints.words.sign_in import countdown, newcomer_choices, newcomer_words, who_came

TICK_SECONDS: Final = 1.0

ROOM_FOR_PICTURE: Final = (90, 24)
"""Columns and rows from which the picture stands beside the text."""


ROWS_AROUND_PICTURE: Final = 5
"""Borders, the picture's margin and the row of keys."""


class DeviceDialog(Dialog[Entered | None]):
    """A `DeviceDialog` of the application: `SignIn.by_device` runs behind it in a worker that ends with it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,b", "back", show=False, priority=True),
        Binding("ctrl+k", "use_key", show=False, priority=True),
        Binding("c", "copy", show=False),
        Binding("n,r", "renew", show=False),
    ]

    def __init__(
        self, services: ServicesReady, glyphs: Glyphs, *, provider: Provider, whose: Whose, entries: Entries
    ) -> None:
        super().__init__()
        self._entries = entries
        self._services = services
        self._glyphs = glyphs
        self._provider = provider
        self._whose = whose
        self._code: DeviceCode | None = None
        self._left = 0
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        """The steps at the left, the picture at the right, keys and clock on the last row."""
        with Vertical(classes="dialog device"):
            yield Static("", id="qr", markup=False)
            yield Static(Content(untrusted(f"{self._provider.label}{self._glyphs.dot}device code")), classes="title")
            for part in ("open", "page", "type", "code", "state"):
                yield Static("", id=part, markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("[ Use an API key: Ctrl+K ]"), compact=True)
            yield KeyHints(self._glyphs.dot, id="keys", classes="keys")

    def on_mount(self) -> None:
        """Ask for a code at once."""
        self.action_renew()

    # What the use case says.

    def waits_for(self, other: SignInUnderWay) -> None:
        """Say that another window signs in first."""
        self._put("state", f"{other} This one begins when that has ended.")

    def code_ready(self, code: DeviceCode) -> None:
        """The person may type it in now."""
        self._code, self._left = code, round(code.seconds)
        self._put("open", "1  On any telephone or computer open")
        self._put("page", code.page)
        self._put("type", "2  Type in this code, which nobody else needs to know:")
        self._put("code", code.user_code)
        self._put("state", "Waiting for approval. Nothing is saved before.")
        self._fit_picture()
        if self._ticking is None:
            self._ticking = self.set_interval(TICK_SECONDS, self._tick)
        self._show_keys()

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Who came, before the account is used."""
        self._put("state", who_came(record, name))

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep:
        """Ask in a dialog over this one."""
        return WhatToKeep(await self.app.push_screen_wait(whom_to_keep(newcomer, self._glyphs)))

    # What the person does.

    async def action_back(self) -> None:
        """Go back to the browser, or out; nothing was changed, and the turn to sign in is free again."""
        await self.end_work("device")
        self.dismiss(None)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """There is one button."""
        event.stop()
        await self.action_use_key()

    async def action_use_key(self) -> None:
        """An API key in the place of a sign-in, which is given up meanwhile."""
        await self.end_work("device")
        self.app.push_screen(self._entries.key(self._provider), self._after_key)

    def _after_key(self, stored: StoredKey | None) -> None:
        if stored is None:
            self.action_renew()
        else:
            self.dismiss(stored)

    def action_copy(self) -> None:
        """The code to the clipboard."""
        if self._code is not None:
            self.app.copy(self._code.user_code, "Code", partial(self._put, "state"))

    def action_renew(self) -> None:
        """A new code, or another try."""
        self._code = None
        for part in ("open", "page", "type", "code", "qr"):
            self._put(part, "")
        self._put("state", f"Asking {self._provider.label} for a code{self._glyphs.ellipsis}")
        self._show_keys()
        self._log_in()

    # How it goes.

    @work(exclusive=True, group="device")
    async def _log_in(self) -> None:
        try:
            services = await self._services()
            signed_in = await services.sign_in.by_device(
                self._provider, self, whose=self._whose, seconds=ATTEMPT_SECONDS
            )
        except KeyswitchError as error:
            self._code = None
            self._put("state", untrusted_line(str(error)))
            self._put("qr", "")
            self._show_keys()
            return
        self.dismiss(signed_in)

    def _tick(self) -> None:
        self._left = max(self._left - 1, 0)
        self._show_keys()

    def _show_keys(self) -> None:
        keys = ["Esc back to the browser"]
        keys += [countdown(self._left), "c copy the code", "n new code"] if self._code else ["r try again"]
        self.query_one(KeyHints).show(keys)

    def on_resize(self) -> None:
        """There may be room for the picture now, or none any more."""
        self._fit_picture()

    def _fit_picture(self) -> None:
        address, (columns, least) = self._code.page_with_code if self._code else None, ROOM_FOR_PICTURE
        room = self.app.size.width >= columns and self.app.size.height >= least and self._glyphs is not ASCII
        rows = picture(address) if address is not None and room else []
        self._put("qr", "\n".join(rows))
        # A docked part does not count for the height of what it is docked in
        self.query_one(".dialog").styles.min_height = len(rows) + ROWS_AROUND_PICTURE if rows else None

    def _put(self, part: str, text: str) -> None:
        shown = self.query_one(f"#{part}", Static)
        shown.update(Content(untrusted(text)))
        shown.display = bool(text)


def whom_to_keep(newcomer: Newcomer, glyphs: Glyphs) -> Question:
    """The question that a sign-in of somebody else asks. Esc keeps nothing of it."""
    return Question(
        "Another account",
        tuple(map(untrusted_line, newcomer_words(newcomer))),
        tuple(Choice(kept, untrusted_line(words)) for kept, words in newcomer_choices(newcomer).items()),
        on_escape=WhatToKeep.NOTHING,
        glyphs=glyphs,
    )
