"""A field, and what fits what is typed in it; one of that is chosen, and Enter takes it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.field import Field

T = TypeVar("T")

_OTHER_ROWS: Final = 8
"""Of the dialog, and what is to be seen around it."""

_PADDING: Final = 4
"""Cells of a dialog, as its style sheet has them."""


class FilteredList(Dialog[T | None], Generic[T]):
    """Draws only the rows that have room. Whoever composes it has a `field` in it, and `found` beside that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
    ]
    WIDEST: ClassVar[int] = 110
    """Cells of the dialog, as its style sheet has them."""
    MOST_ROWS: ClassVar[int] = 1_000
    UPWARDS: ClassVar[bool] = False
    """Whether the best stands lowest, next to a field below the rows."""

    def __init__(self, glyphs: Glyphs, everything: Sequence[T]) -> None:
        """*everything*, the best first, is what is found where nothing is typed."""
        super().__init__()
        self._glyphs = glyphs
        self._found = everything
        self._at = 0

    @property
    @abstractmethod
    def nothing(self) -> str:
        """What is said where nothing fits."""

    @abstractmethod
    def matching(self, typed: str) -> Sequence[T]:
        """What fits *typed*, the best first."""

    @abstractmethod
    def row(self, one: T, width: int) -> str:
        """The words for *one* in *width* cells, without the mark of what is chosen."""

    def field(self, placeholder: str) -> Field:
        """Where one types; *placeholder* says what."""
        return Field(placeholder=untrusted(placeholder), id="words", compact=True)

    def found(self) -> Static:
        """The rows of what fits."""
        return Static("", id="found", markup=False)

    def on_mount(self) -> None:
        """Show all of it."""
        self.query_one(Input).focus()
        self._draw()

    def on_resize(self) -> None:
        """There may be room for more, or less."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter at each key."""
        event.stop()
        self.filter()

    def filter(self) -> None:
        """Show what fits now, the best of it chosen."""
        self._found, self._at = self.matching(self.query_one(Input).value), 0
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one that is chosen."""
        event.stop()
        if self._found:
            self.dismiss(self._found[self._at])

    def action_move(self, by: int) -> None:
        """Choose the one that stands *by* rows further down."""
        further = -by if self.UPWARDS else by
        self._at = min(max(self._at + further, 0), max(len(self._found) - 1, 0))
        self._draw()

    def action_leave(self) -> None:
        """Close it; nothing was done."""
        self.dismiss(None)

    def _draw(self) -> None:
        rows = max(min(self.MOST_ROWS, self.app.size.height - _OTHER_ROWS), 1)
        first = max(self._at - rows + 1, 0)
        shown = self._found[first : first + rows]
        lines = [self._as_row(one, chosen=place == self._at) for place, one in enumerate(shown, first)]
        if self.UPWARDS:
            lines.reverse()
        self.query_one("#found", Static).update(Content("\n").join(lines or [Content(untrusted(self.nothing))]))
        self.say_more(len(self._found) - first - len(shown), "above" if self.UPWARDS else "below")

    def _as_row(self, one: T, *, chosen: bool) -> Content:
        mark = self._glyphs.active if chosen else " " * len(self._glyphs.active)
        width = min(self.app.size.width, self.WIDEST) - _PADDING - len(mark) - 1
        line = Content(untrusted(f"{mark} {self.row(one, width)}"))
        return line.stylize("reverse") if chosen else line
