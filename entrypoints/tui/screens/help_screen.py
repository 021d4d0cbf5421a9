"""The help: what the keys do, and which commands there are."""

from __future__ import annotations

from itertools import zip_longest
from math import inf
from textwrap import fill, indent, wrap
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
    ("Tab", "take what is offered below a / or an @"),
    ("Up, Down", "earlier messages; Down brings the draft back; Up in an empty field takes back what is queued"),
    ("Ctrl+R", "look for a message that was sent before"),
    ("Ctrl+G", "write in your own editor (VISUAL, EDITOR)"),
    ("Ctrl+L", "empty the field; once more brings it back"),
    ("Ctrl+O", "show a folded paste in full"),
    ("Esc", "stop the answer, what came is kept; close a dialog; never quits"),
    ("Esc Esc", "edit the last message, where nothing runs"),
    ("Ctrl+C", "copy the selection, else stop, else twice: quit"),
    ("Ctrl+Q", "the same"),
    ("Ctrl+P", "all commands: type a few letters, Enter"),
    ("F1", "this page"),
    ("F2", "models and logins"),
    ("F3", "accounts: who is signed in, who pays; u use, l log in, a add, o log out, r renew, t test, j copy as JSON"),
    ("F4", "conversations: open, find, rename, export, remove"),
    ("F5", "send what is parked with the model that is offered, which asks who pays"),
    ("F6", "go back after a limit; offline: look for the network now"),
    ("PgUp, PgDn", "read further up or down"),
    ("Ctrl+Up", "the message before"),
    ("Ctrl+Down", "the next message"),
    ("Ctrl+Home", "the beginning of the conversation"),
    ("Ctrl+End", "its end, where new text comes"),
    ("Ctrl+T", "show what the models thought, or hide it"),
    ("Alt+Up", "choose a block: Up, Down, y copies it, Esc leaves"),
)
"""All keys of the conversation; those of another screen stand at its foot."""

_COLUMN: Final = 12
_GAP: Final = 3
_TWO_COLUMNS: Final = 80
"""Cells from which on there is room for two lists beside each other."""


class HelpScreen(Dialog[None]):
    """The page that F1 opens."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", show=False)]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs

    def on_mount(self) -> None:
        """Say how much follows below."""
        self.tell_more(self.query_one(VerticalScroll))

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
        return len(page(width))

    def render(self) -> Content:
        """The lists for the width of the moment."""
        return Content("\n").join(page(self.size.width))


def page(width: int) -> list[Content]:
    """All lines of the help in *width* cells."""
    room = (width - _GAP) // 2 if width >= _TWO_COLUMNS else width
    keys = [_beside(key, does, room) for key, does in KEYS]
    commands = [
        [*wrap(f"{one.shown}  {one.key}", room), *indent(fill(one.description, room - 4), " " * 4).splitlines()]
        for one in help_lines()
    ]
    parts = [Content.styled("Keys", "bold"), *_set(keys, width, room)]
    return [*parts, Content(""), Content.styled("Commands", "bold"), *_set(commands, width, room)]


def _set(entries: list[list[str]], width: int, room: int) -> list[Content]:
    """The *entries* in one column, or in two of *room* cells, none of them broken in two."""
    left: list[str] = []
    right: list[str] = []
    half = sum(map(len, entries)) / 2 if room < width else inf
    for entry in entries:
        (left if len(left) < half and not right else right).extend(entry)
    rows = zip_longest(left, right, fillvalue="")
    return [Content(untrusted(f"{one:<{room}}{' ' * _GAP}{other}".rstrip())) for one, other in rows]


def _beside(key: str, does: str, width: int) -> list[str]:
    lines = wrap(does, max(width - _COLUMN, _COLUMN))
    return [f"{key if place == 0 else '':<{_COLUMN}}{line}" for place, line in enumerate(lines)]
