"""Ctrl+P: every command, with what it does and its key, filtered as one types."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.widgets import Input, Static

from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.slash import Completion, help_lines
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.field import Field
from entrypoints.tui.widgets.key_hints import KeyHints

_OTHER_ROWS: Final = 8
"""Of the dialog and around it."""

_WIDEST: Final = 110
_PADDING: Final = 4
"""Cells of a dialog, as its style sheet has them."""

_LEAST_DESCRIPTION: Final = 20
"""Cells below which a description says too little to be worth its place."""


class Palette(Dialog[Completion | None]):
    """The best match is chosen; Enter carries it out, or writes it into the field where it wants an argument."""

    DEFAULT_CSS = """
    Palette { align: center middle; }
    Palette #found { height: auto; }
    Palette.-narrow #found { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "leave", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
    ]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._all = self._found = tuple(help_lines())
        self._search = FuzzySearch()
        self._glyphs = glyphs
        self._at = 0

    def compose(self) -> ComposeResult:
        """The field on top, as in the list of models."""
        with Vertical(classes="dialog palette"):
            yield Static(Content("Commands"), classes="title")
            yield Field(placeholder="type a few letters: exp, login, copy", id="words", compact=True)
            yield Static("", id="found", markup=False)
            yield KeyHints(
                self._glyphs.dot, ["Esc back", "Enter run it", f"{self._glyphs.vertical} choose"], classes="keys"
            )

    def on_mount(self) -> None:
        """Show all of them."""
        self.query_one(Input).focus()
        self._draw()

    def on_resize(self) -> None:
        """There may be room for more, or less."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter at each key."""
        event.stop()
        self._found, self._at = found(self._all, event.value, self._search), 0
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one that is chosen."""
        event.stop()
        if self._found:
            self.dismiss(self._found[self._at])

    def action_move(self, by: int) -> None:
        """Choose the command *by* places further down."""
        self._at = min(max(self._at + by, 0), max(len(self._found) - 1, 0))
        self._draw()

    def action_leave(self) -> None:
        """Close it; nothing was done."""
        self.dismiss(None)

    def _draw(self) -> None:
        rows = max(self.app.size.height - _OTHER_ROWS, 1)
        first = max(self._at - rows + 1, 0)
        width = min(self.app.size.width, _WIDEST) - _PADDING
        names = max((len(one.shown) for one in self._all), default=0) + 2
        lines = [
            self._as_row(one, width, names, chosen=place == self._at)
            for place, one in enumerate(self._found[first : first + rows], first)
        ]
        nothing = Content("No command fits.")
        self.query_one("#found", Static).update(Content("\n").join(lines or [nothing]))

    def _as_row(self, one: Completion, width: int, names: int, *, chosen: bool) -> Content:
        """Name, what it does where there is room for that, and its key at the end."""
        mark = self._glyphs.active if chosen else " " * len(self._glyphs.active)
        key = f" {one.key}" if one.key else ""
        room = width - len(mark) - 1 - len(key)
        described = room >= names + _LEAST_DESCRIPTION
        text = cut(f"{one.shown:<{names}}{one.description}" if described else one.shown, room, self._glyphs.ellipsis)
        line = Content(untrusted(f"{mark} {text:<{room}}{key}"))
        return line.stylize("reverse") if chosen else line


def found(commands: tuple[Completion, ...], typed: str, search: FuzzySearch) -> tuple[Completion, ...]:
    """The *commands* that *typed* finds, the best first: by name, else by what they do."""
    wanted = typed.strip().removeprefix("/")
    if not wanted:
        return commands
    scored = [(search.match(wanted, one.text)[0], search.match(wanted, one.description)[0], one) for one in commands]
    hits = [(by_name, by_words, one) for by_name, by_words, one in scored if by_name or by_words]
    return tuple(one for *_, one in sorted(hits, key=lambda hit: (-hit[0], -hit[1])))
