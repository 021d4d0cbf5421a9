"""The help: what the keys do, and which commands there are."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.slash import help_lines
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints

KEYS: Final = (
    ("Enter", "send; in a list: choose; in an empty field: send what is parked"),
    ("Ctrl+J", "new line (Alt+Enter, Shift+Enter where the terminal knows them)"),
    ("@", "attach a file: text, image or PDF; Backspace at the start of the field takes it out"),
    ("Up, Down", "earlier messages; Down brings the draft back; Up in an empty field takes back what is queued"),
    ("Ctrl+R", "look for a message that was sent before"),
    ("Ctrl+G", "write in your own editor (VISUAL, EDITOR)"),
    ("Ctrl+L", "empty the field; once more brings it back"),
    ("Ctrl+O", "show a folded paste in full"),
    ("Esc", "stop the answer, what came is kept; close a dialog; never quits"),
    ("Esc Esc", "edit the last message, where nothing runs"),
    ("Ctrl+C", "copy the selection, else stop, else twice: quit"),
    ("Ctrl+P", "all commands: type a few letters, Enter"),
    ("F1", "this page"),
    ("F2", "models and logins"),
    ("F3", "accounts: who is signed in, who pays"),
    ("", "there: u use, l log in, a add, o log out"),
    ("", "r renew now, t test connection, j copy as JSON"),
    ("F4", "conversations: open, find, rename, export, remove"),
    ("F5", "send what is parked with the model that is offered, which asks who pays"),
    ("F6", "go back after a limit; offline: look for the network now"),
    ("PgUp, PgDn", "read further up or down; Ctrl+Up, Ctrl+Down by messages, Ctrl+Home, Ctrl+End to the ends"),
    ("Ctrl+T", "show what the models thought, or hide it"),
    ("Alt+Up", "choose a block: Up, Down, y copies it, Esc leaves"),
)
_COLUMN: Final = 12


class HelpScreen(Dialog[None]):
    """The page that F1 opens."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", show=False)]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A title, two lists, and the keys on the last row."""
        with Vertical(classes="dialog help"):
            yield Static(Content("Help"), classes="title")
            with VerticalScroll(classes="text"):
                yield _Sheet(classes="sheet")
            yield KeyHints(self._glyphs.dot, ["Esc back", f"{self._glyphs.vertical} scroll"], classes="keys")


class _Sheet(Widget):
    """Two lists; what does not fit beside a key goes on below its own words."""

    DEFAULT_CSS = "_Sheet { height: auto; width: 1fr; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as *width* takes."""
        return len(_page(width))

    def render(self) -> Content:
        """The lists for the width of the moment."""
        return Content("\n").join(_page(self.size.width))


def _page(width: int) -> list[Content]:
    parts = [Content.styled("Keys", "bold")]
    parts += [Content(untrusted(line)) for key, does in KEYS for line in _beside(key, does, width)]
    parts += [Content(""), Content.styled("Commands", "bold")]
    for command in help_lines():
        parts.append(Content(untrusted(command.shown)))
        parts += [Content(untrusted(line)) for line in _beside("", command.description, width)]
    return parts


def _beside(key: str, does: str, width: int) -> list[str]:
    lines = wrap(does, max(width - _COLUMN, _COLUMN))
    return [f"{key if place == 0 else '':<{_COLUMN}}{line}" for place, line in enumerate(lines)]
