"""Keys and commands."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from entrypoints.tui.dialog import Dialog
from entrypoints.tui.glyphs import Glyphs
from entrypoints.tui.slash import COMMANDS

KEYS: Final = (
    ("Enter", "send; in a list: choose"),
    ("Ctrl+J", "new line (Alt+Enter, Shift+Enter where the terminal knows them)"),
    ("Up, Down", "earlier messages; Down brings the draft back"),
    ("Esc", "stop the answer, what came is kept; close a dialog; never quits"),
    ("Ctrl+C", "copy the selection, else stop, else twice: quit"),
    ("F1", "this page"),
    ("F2", "models and logins"),
    ("F3", "accounts: who is signed in, who pays"),
    ("", "there: u use, l log in, a add, o log out"),
    ("", "r renew now, t test connection, j copy as JSON"),
    ("PgUp, PgDn", "read further up or down"),
)
_COLUMN: Final = 12


class HelpScreen(Dialog[None]):
    """F1."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", show=False)]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """Two lists."""
        with Vertical(classes="dialog help"):
            yield Static(Content("Help"), classes="title")
            with VerticalScroll(classes="text"):
                yield Static(_page(), classes="sheet", markup=False)
            yield Static(
                Content(self._glyphs.dot.join(["Esc back", f"{self._glyphs.vertical} scroll"])), classes="keys"
            )


def _page() -> Content:
    parts = [Content.styled("Keys", "bold")]
    parts += [Content(f"{key:<{_COLUMN}}{does}") for key, does in KEYS]
    parts += [Content(""), Content.styled("Commands", "bold")]
    for command in COMMANDS:
        parts.append(Content(f"{command.name} {command.arguments}".rstrip()))
        parts.append(Content(f"{'':<{_COLUMN}}{command.description}"))
    return Content("\n").join(parts)
