"""How the app copies: to the desktop's clipboard by its own program, and to the terminal's by OSC 52."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.widgets import Input, TextArea

from domain.text.untrusted import Shown
from entrypoints.chat.terminal_clipboard import fits_terminal
from entrypoints.tui.window import Window
from entrypoints.words.copied import copied_words


async def copy(window: Window, text: Shown, what: str, told: Callable[[str], object]) -> None:
    """Copy *text*, and let the person be *told* what came of it."""
    sent = fits_terminal(text)
    if sent:
        window.copy_to_clipboard(text)
    tool = await asyncio.to_thread(window.light.clipboard.put, text)
    told(copied_words(what, tool=tool, sent=sent))


def selected_text(window: Window) -> str:
    """What is selected in the field that has the keys, else on the screen; "" where nothing is."""
    focused = window.focused
    if isinstance(focused, TextArea | Input) and focused.selected_text:
        return focused.selected_text
    return window.screen.get_selected_text() or ""
