"""How the plain mode copies."""

from __future__ import annotations

import sys

from application.ports.clipboard import Clipboard
from domain.text.untrusted import Shown
from entrypoints.chat.terminal_clipboard import fits_terminal
from entrypoints.plain.line_terminal import let_terminal_copy, say_lines
from entrypoints.words.copied import copied_words


def copy(clipboard: Clipboard, text: Shown, what: str) -> None:
    """Copy *text* by a program of the desktop, else have the terminal do it, and print what came of it."""
    tool = clipboard.put(text)
    sent = tool is None and sys.stdout.isatty() and fits_terminal(text)
    if sent:
        let_terminal_copy(text)
    say_lines(copied_words(what, tool=tool, sent=sent))
