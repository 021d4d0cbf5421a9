"""How the app looks: its theme, by choice or by the terminal's background, the mouse, and the window's title."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual.theme import BUILTIN_THEMES, Theme

from application.settings import Looks
from domain.text.untrusted import untrusted_line
from entrypoints.chat.fitting import cut
from entrypoints.chat.picking.preferring import AUTO, CONTRAST, DARK, LIGHT
from entrypoints.tui.terminal_replies import light_by_environment
from entrypoints.tui.window import Window

if TYPE_CHECKING:
    from entrypoints.tui.terminal_driver import TerminalDriver

_READABLE_LIGHT: Final = replace(
    BUILTIN_THEMES["textual-light"],
    name="keyswitch-light",
    variables={"text-warning": "#7d4a00", "text-accent": "#7d4a00", "text-success": "#1b5e31"},
)
"""Textual's own, in which warnings and code have no more than 3 times the brightness of what is around them."""

_HIGH_CONTRAST: Final = Theme(
    name=CONTRAST,
    primary="#ffff00",
    secondary="#00ffff",
    warning="#ffff00",
    error="#ff8080",
    success="#00ff00",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    text_alpha=1.0,
    variables={"text-muted": "#ffffff", "primary-muted": "#ffff00", "text-primary": "#ffff00"},
)

_NAMES: Final = {DARK: "textual-dark", LIGHT: _READABLE_LIGHT.name, CONTRAST: CONTRAST}

_LONGEST_TITLE: Final = 80
"""Cells; window managers cut sooner."""


class Appearance:
    """Follows the person's choice, and else the terminal."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._light = light_by_environment(os.environ.get("COLORFGBG", "")) or False
        self._looks = Looks()
        self._watching = False
        window.register_theme(_READABLE_LIGHT)
        window.register_theme(_HIGH_CONTRAST)

    def follow(self, looks: Looks) -> None:
        """The choice may have changed, here or elsewhere."""
        self._looks = looks
        self._apply()
        driver, mouse = self._driver(), looks.mouse and self._window.options.mouse
        if driver is not None and driver.uses_mouse is not mouse:
            driver.use_mouse(mouse)
        if not self._watching:
            self._watching = True
            self._window.watch(self._window, "title", self._name_window)

    def background(self, light: bool) -> None:
        """The terminal has answered."""
        self._light = light
        self._apply()

    def _name_window(self, title: str) -> None:
        """Have the terminal's window called as the app is; its own name comes back at the end."""
        driver = self._driver()
        if driver is not None:
            driver.name_window(untrusted_line(cut(untrusted_line(title), _LONGEST_TITLE)))

    def _apply(self) -> None:
        chosen = self._looks.theme or AUTO
        theme = _NAMES.get(chosen, _NAMES[LIGHT if self._light else DARK])
        if theme != self._window.theme:
            self._window.theme = theme

    def _driver(self) -> TerminalDriver | None:
        if sys.platform == "win32":
            return None
        from entrypoints.tui.terminal_driver import driver_of

        return driver_of(self._window)
