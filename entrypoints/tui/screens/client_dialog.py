"""An OAuth client is entered: its id goes into the config, its secret is sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import ClassVar, Final

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from application.use_cases.enter_client import EnterClient
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.text.pasted_client import is_path, is_secret
from domain.text.pasted_key import LONGEST
from domain.text.secret import Secret
from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.services import ServicesReady
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.screens.guide_screen import GuideScreen
from entrypoints.tui.widgets.field import Field
from entrypoints.tui.widgets.hidden_field import HiddenField
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.errors import trouble
from entrypoints.words.own_clients import asked_for, client_kept, client_title, needs_client

_AGAIN: Final = "Correct it, Enter tries again"


class ClientEnd(Enum):
    """How the dialog ended, where it was not left."""

    ENTERED = auto()
    USE_KEY = auto()
    """The person would rather give an API key."""


class ClientDialog(Dialog[ClientEnd | None]):
    """Two fields, of which the second does not show and gives nothing to a clipboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, priority=True),
        Binding("ctrl+k", "use_key", show=False, priority=True),
        Binding("f1", "guide", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(
        self, services: ServicesReady, glyphs: Glyphs, provider: Provider, *, told: Callable[[str], object]
    ) -> None:
        """*told* gets a sentence about what was kept."""
        super().__init__()
        self._services = services
        self._glyphs = glyphs
        self._provider = provider
        self._told = told

    def compose(self) -> ComposeResult:
        """Why a client is asked for, two fields, what is wrong with them, and the way without one."""
        with Vertical(classes="dialog client-entry"):
            yield Static(Content(untrusted(client_title(self._provider))), classes="title")
            with VerticalScroll(classes="text", can_focus=False):
                yield Static(Content(untrusted(needs_client(self._provider))), classes="sentence")
                yield Static(Content(untrusted(self._provider.facts.before_sign_in)), classes="more")
            yield Field(placeholder=untrusted(asked_for(self._provider)), id="client-id", compact=True)
            yield HiddenField(placeholder="Client secret, if any (does not show)")
            yield Static("", id="state", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("[ Use an API key: Ctrl+K ]"), compact=True)
            keys = ["Esc cancel", "Enter go on to the browser", "Ctrl+K API key", "F1 guide", "Tab other field"]
            yield KeyHints(self._glyphs.dot, keys, classes="keys")

    def on_mount(self) -> None:
        """The first field takes keys at once."""
        self.query_one(Field).focus()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted into the hidden field takes the place of what was there; the other takes it by itself."""
        event.stop()
        field = self.query_one(HiddenField)
        if field.has_focus:
            field.value = event.text.strip()[: LONGEST + 1]
            field.action_end()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """From an id on to its secret; else keep both."""
        event.stop()
        given, hidden = self.query_one(Field), self.query_one(HiddenField)
        if event.input is given and given.value.strip() and not is_path(given.value) and not hidden.value:
            hidden.focus()
        else:
            self._keep(given.value, Secret(hidden.value))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """There is one button."""
        event.stop()
        self.action_use_key()

    def action_leave(self) -> None:
        """Nothing is kept of what was entered."""
        self._leave(None)

    def action_use_key(self) -> None:
        """The way that needs no client."""
        self._leave(ClientEnd.USE_KEY)

    def action_guide(self) -> None:
        """How to get a client."""
        self.app.push_screen(GuideScreen(self._glyphs, self._provider))

    @work(exclusive=True, group="client")
    async def _keep(self, given: str, secret: Secret) -> None:
        try:
            enter: EnterClient = (await self._services()).enter_client
            client = await asyncio.to_thread(enter, self._provider, given, secret)
        except KeyswitchError as error:
            state = self.query_one("#state", Static)
            state.set_classes("trouble")
            state.update(Content(untrusted(f"{self._glyphs.warn} {trouble(error, again=_AGAIN)}")))
            field = self.query_one(Field)
            field.value = "" if is_secret(given) else field.value
            field.focus()
            field.select_all()
            return
        self._told(client_kept(client))
        self._leave(ClientEnd.ENTERED)

    def _leave(self, end: ClientEnd | None) -> None:
        self.query_one(HiddenField).value = ""
        self.dismiss(end)
