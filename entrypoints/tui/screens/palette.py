"""Ctrl+P: every command, with what it does and its key, filtered as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.widgets import Static

from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.slash import Completion, help_lines
from entrypoints.tui.screens.filtered_list import FilteredList
from entrypoints.tui.widgets.key_hints import KeyHints

_LEAST_DESCRIPTION: Final = 20
"""Cells below which a description says too little to be worth its place."""


class Palette(FilteredList[Completion]):
    """The best match is chosen; Enter carries it out, or writes it into the field where it wants an argument."""

    DEFAULT_CSS = """
    Palette { align: center middle; }
    Palette.-narrow #found { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+p", "leave", show=False, priority=True)]

    def __init__(self, glyphs: Glyphs) -> None:
        self._all = tuple(help_lines())
        super().__init__(glyphs, self._all)
        self._search = FuzzySearch()
        self._names = max((len(one.shown) for one in self._all), default=0) + 2

    @property
    def nothing(self) -> str:
        """That no command fits."""
        return "No command fits."

    def compose(self) -> ComposeResult:
        """The field on top, as in the list of models."""
        with Vertical(classes="dialog palette"):
            yield Static(Content("Commands"), classes="title")
            yield self.field("type a few letters: exp, login, copy")
            yield self.found()
            yield KeyHints(
                self._glyphs.dot, ["Esc back", "Enter run it", f"{self._glyphs.vertical} choose"], classes="keys"
            )

    def matching(self, typed: str) -> Sequence[Completion]:
        """Those that are found by it."""
        return found(self._all, typed, self._search)

    def row(self, one: Completion, width: int) -> str:
        """Name, what it does where there is room for that, and its key at the end."""
        key = f" {one.key}" if one.key else ""
        room = width - len(key)
        described = room >= self._names + _LEAST_DESCRIPTION
        text = f"{one.shown:<{self._names}}{one.description}" if described else one.shown
        return f"{cut(text, room, self._glyphs.ellipsis):<{room}}{key}"


def found(commands: tuple[Completion, ...], typed: str, search: FuzzySearch) -> tuple[Completion, ...]:
    """The *commands* that *typed* finds, the best first: by name, else by what they do."""
    wanted = typed.strip().removeprefix("/")
    if not wanted:
        return commands
    scored = [(search.match(wanted, one.text)[0], search.match(wanted, one.description)[0], one) for one in commands]
    hits = [(by_name, by_words, one) for by_name, by_words, one in scored if by_name or by_words]
    return tuple(one for *_, one in sorted(hits, key=lambda hit: (-hit[0], -hit[1])))
