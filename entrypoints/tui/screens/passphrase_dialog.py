"""The dialog for the passphrase of the master key."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from application.ports.master_key import KeyUnlocking
from domain.errors import KeyswitchError
from domain.text.secret import Secret
from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.errors import trouble


class PassphraseDialog(Dialog[bool]):
    """Returns whether the key is open. Nothing typed elsewhere is touched, and nothing typed here is kept."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "later", show=False)]

    def __init__(self, keys: KeyUnlocking, glyphs: Glyphs) -> None:
        super().__init__()
        self._keys = keys
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """What is asked, a hidden field, and the keys on the last row."""
        with Vertical(classes="dialog"):
            yield Static(Content("Passphrase"), classes="title")
            yield Static(Content("Your sign-ins are sealed with a key that a passphrase opens."), classes="sentence")
            yield Input(password=True, compact=True, placeholder="passphrase (does not show)")
            yield Static("", id="state", markup=False)
            yield KeyHints(self._glyphs.dot, ["Esc later", "Enter unlock"], classes="keys")

    def on_mount(self) -> None:
        """The field takes keys at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try it, in a thread: it takes a part of a second on purpose."""
        event.stop()
        passphrase = Secret(event.value)
        event.input.value = ""
        if passphrase:
            self._say(f"Opening{self._glyphs.ellipsis}")
            self._unlock(passphrase)

    def action_later(self) -> None:
        """The key stays sealed; it is asked for again when something needs it."""
        self.dismiss(False)

    @work(exclusive=True, group="unlock")
    async def _unlock(self, passphrase: Secret) -> None:
        try:
            await asyncio.to_thread(self._keys.unlock, passphrase)
        except KeyswitchError as error:
            self._say(trouble(error), kind="trouble")
            return
        self.dismiss(True)

    def _say(self, words: str, *, kind: str = "") -> None:
        state = self.query_one("#state", Static)
        state.set_classes(kind)
        state.update(Content(untrusted(words)))
