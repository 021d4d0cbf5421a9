"""The dialogs in which a person enters what they have from a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.provider import Provider
from entrypoints.tui.window import Window

if TYPE_CHECKING:
    from entrypoints.tui.screens.client_dialog import ClientDialog
    from entrypoints.tui.screens.key_dialog import KeyDialog


class Entries:
    """Makes them, for the window that shows them."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def key(self, provider: Provider) -> KeyDialog:
        """For an API key of *provider*."""
        from entrypoints.tui.screens.key_dialog import KeyDialog

        window = self._window
        return KeyDialog(window.services, window.glyphs, provider, about=window.controller.keys.about(provider))

    def client(self, provider: Provider) -> ClientDialog:
        """For an OAuth client of a person's own."""
        from entrypoints.tui.screens.client_dialog import ClientDialog

        return ClientDialog(self._window.services, self._window.glyphs, provider, told=self._window.say)
