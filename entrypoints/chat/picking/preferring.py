"""What a person likes: favourites among the models, the theme, the mouse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from application.use_cases.preferences import Preferences
from domain.errors import UsageError
from domain.text.suggestion import nearest
from entrypoints.chat.chat_face import ChatFace, Work

AUTO: Final = "auto"
DARK: Final = "dark"
LIGHT: Final = "light"
CONTRAST: Final = "high-contrast"

THEMES: Final = {
    AUTO: "light or dark, as the terminal's background is",
    DARK: "light letters on a dark background",
    LIGHT: "dark letters on a light background",
    CONTRAST: "white and yellow on black",
}
"""What each of them is, by the names that the config takes."""


class Preferring:
    """Keeps it, and has it shown."""

    def __init__(self, face: ChatFace, preferences: Preferences, begin: Callable[[Work], None]) -> None:
        """*begin* does work beside the rest, and tells where it fails."""
        self._face = face
        self._preferences = preferences
        self._begin = begin

    def turn_favourite(self, preset: str) -> None:
        """Mark the model *preset* as a favourite, or take the mark away."""
        self._begin(partial(self._turn_favourite, preset))

    async def _turn_favourite(self, preset: str) -> None:
        await self._face.in_thread(partial(self._preferences.turn_favourite, preset))
        self._face.read_again()

    def choose_theme(self, name: str) -> None:
        """`/theme`: use the theme *name* from now on; without one, say which there are.

        Raises:
            UsageError: There is none of that name.
        """
        if not name:
            self._face.say(*(f"/theme {one}: {what}" for one, what in THEMES.items()), kind="passing")
            return
        if name not in THEMES:
            near = nearest(name, THEMES)
            raise UsageError(f'There is no theme "{name}". ' + (f"Did you mean {near}?" if near else "Try /theme."))
        choose = partial(self._preferences.choose_theme, name)
        self._begin(partial(self._keep, choose, f"The theme is {name} from now on."))

    def use_mouse(self, word: str) -> None:
        """`/mouse on` or `/mouse off`: whether the app takes what the mouse does.

        Raises:
            UsageError: It is neither.
        """
        if word not in ("on", "off"):
            raise UsageError("It is /mouse on, or /mouse off. Off, your terminal selects and copies by itself.")
        said = "The mouse is used here." if word == "on" else "The mouse is left to your terminal."
        self._begin(partial(self._keep, partial(self._preferences.use_mouse, word == "on"), said))

    async def _keep(self, keep: Callable[[], object], said: str) -> None:
        await self._face.in_thread(keep)
        self._face.read_again()
        self._face.say(said, kind="passing")
