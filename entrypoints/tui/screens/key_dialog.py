"""An API key is entered: who would pay is said, the provider is asked, and the key is stored sealed."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from application.use_cases.api_key import StoredKey
from application.use_cases.check import CheckOutcome
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.text.pasted_key import LONGEST
from domain.text.secret import Secret
from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.services import ServicesReady
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.hidden_field import HiddenField
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.api_keys import key_title, may_be_stored_untested, verdict, where_keys_are_made
from entrypoints.words.errors import trouble

_PASTE_ANOTHER = "Paste it again, or another one"
_TEST = ("Esc back", "Enter test and store")
_UNTESTED = ("Esc back", "Enter test again", "Ctrl+S store it untested")


class KeyDialog(Dialog[StoredKey | None]):
    """Returns what was stored. The field goes empty with the dialog, and gives nothing to a clipboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False, priority=True),
        Binding("ctrl+s", "store_untested", show=False, priority=True),
    ]

    def __init__(self, services: ServicesReady, glyphs: Glyphs, provider: Provider, *, about: tuple[str, ...]) -> None:
        """*about* says who would pay, and what changes; a line each."""
        super().__init__()
        self._services = services
        self._glyphs = glyphs
        self._provider = provider
        self._about = about
        self._untested: Secret | None = None
        """What could not be tested, and is stored once the person says so."""
        self._storing = False

    def compose(self) -> ComposeResult:
        """From top to bottom: who would pay, the field, what the provider said, keys."""
        with Vertical(classes="dialog key-entry"):
            yield Static(Content(untrusted(key_title(self._provider))), classes="title")
            with VerticalScroll(classes="text", can_focus=False):
                yield Static(Content(untrusted(self._about[0])), classes="sentence")
                rest = (*self._about[1:], where_keys_are_made(self._provider))
                yield Static(Content(untrusted("\n".join(rest))), classes="more")
            yield HiddenField(placeholder="paste or type the key (it does not show)")
            yield Static("", id="state", markup=False)
            yield KeyHints(self._glyphs.dot, _TEST, classes="keys")

    def on_mount(self) -> None:
        """The field takes keys at once."""
        self.query_one(HiddenField).focus()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted takes the place of what was there: it may have several lines, of which one is no key."""
        event.stop()
        field = self.query_one(HiddenField)
        field.value = event.text[: LONGEST + 1]
        field.action_end()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another key has to be tested first."""
        event.stop()
        self._untested = None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Test what was given, and store it if the provider accepts it."""
        event.stop()
        if not self._storing:
            self._test(Secret(event.value))

    async def action_back(self) -> None:
        """Nothing is stored. A key that is being stored this very moment is waited for."""
        if not self._storing:
            await self.end_work("key")
            self._leave(None)

    def action_store_untested(self) -> None:
        """The person says so: the provider could not be asked."""
        if self._untested is not None and not self._storing:
            self._store(self._untested)

    @work(exclusive=True, group="key")
    async def _test(self, value: Secret) -> None:
        self._untested = None
        self._say(f"Asking {self._provider.label} about this key{self._glyphs.ellipsis}", keys=("Esc back",))
        try:
            services = await self._services()
            checked = await services.check_key(self._provider, value)
        except KeyswitchError as error:
            self._refuse(trouble(error, again=_PASTE_ANOTHER))
            return
        if checked.outcome in (CheckOutcome.ACCEPTED, CheckOutcome.NOT_OFFERED):
            self._store(value)
        elif may_be_stored_untested(checked):
            self._untested = value
            self._refuse(verdict(checked), keys=_UNTESTED)
        else:
            self._refuse(verdict(checked))

    @work(group="store")
    async def _store(self, value: Secret) -> None:
        self._storing = True
        try:
            services = await self._services()
            stored = await asyncio.to_thread(services.store_api_key, self._provider, value)
        except KeyswitchError as error:
            self._refuse(trouble(error))
            return
        finally:
            self._storing = False
        self._leave(stored)

    def _leave(self, stored: StoredKey | None) -> None:
        self._untested = None
        self.query_one(HiddenField).value = ""
        self.dismiss(stored)

    def _refuse(self, words: str, *, keys: tuple[str, ...] = _TEST) -> None:
        """Say why; what was given stays, and goes with the next letter."""
        self._say(f"{self._glyphs.warn} {words}", kind="trouble", keys=keys)
        self.query_one(HiddenField).select_all()

    def _say(self, words: str, *, kind: str = "", keys: tuple[str, ...] = _TEST) -> None:
        state = self.query_one("#state", Static)
        state.set_classes(kind)
        state.update(Content(untrusted(words)))
        self.query_one(KeyHints).show(keys)
