"""How to get an OAuth client of a provider."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from domain.provider import Provider
from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.own_clients import guide_page


class GuideScreen(Dialog[None]):
    """The page that F1 opens where a client is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", show=False)]

    def __init__(self, glyphs: Glyphs, provider: Provider) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._provider = provider

    def on_mount(self) -> None:
        """Say how much follows below."""
        self.tell_more(self.query_one(VerticalScroll))

    def compose(self) -> ComposeResult:
        """The steps, and where more is written."""
        facts = self._provider.facts
        with Vertical(classes="dialog help"):
            yield Static(Content(untrusted(f"An OAuth client for {facts.label}")), classes="title")
            with VerticalScroll(classes="text"):
                lines = (*facts.client_help, "", guide_page(self._provider))
                yield Static(Content(untrusted("\n".join(lines))))
            yield KeyHints(self._glyphs.dot, ["Esc back", f"{self._glyphs.vertical} scroll"], classes="keys")
