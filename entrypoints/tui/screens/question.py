"""A dialog that says something and offers two or three ways on."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from domain.records import dataclass
from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import NARROW
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints

_GAP: Final = 4
"""Cells of a button beside its label, and up to the next one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A way on: what the dialog returns, and what its button says."""

    value: str
    label: str
    key: str = ""
    """A key that chooses it at once, as Textual calls it; "" for none."""


class Question(Dialog[str]):
    """The first choice is what Enter does, *on_escape* is what Esc returns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(
        self, title: str, lines: tuple[str, ...], choices: tuple[Choice, ...], *, on_escape: str, glyphs: Glyphs
    ) -> None:
        super().__init__()
        self._title = title
        self._glyphs = glyphs
        self._lines = lines
        self._choices = choices
        self._on_escape = on_escape
        self._keys: list[str] = []

    def compose(self) -> ComposeResult:
        """Sentences, buttons, and the keys on the last row."""
        kept = next((choice.label for choice in self._choices if choice.value == self._on_escape), "close")
        self._keys = [f"Esc {kept[:1].lower()}{kept[1:]}", "Enter choose"]
        with Vertical(classes="dialog question"):
            yield Static(Content(untrusted(self._title)), classes="title")
            with VerticalScroll(classes="text", can_focus=False):
                yield Static(Content(untrusted(self._lines[0])), classes="sentence")
                yield Static(Content(untrusted("\n".join(self._lines[1:]))), classes="more")
            with Horizontal(classes="buttons"):
                for choice in self._choices:
                    yield Button(Content(untrusted(f"[ {choice.label} ]")), name=choice.value, compact=True)
            yield KeyHints(self._glyphs.dot, self._keys, classes="keys")

    def on_mount(self) -> None:
        """The first choice is ready to be taken."""
        self.query(Button).first().focus()

    def on_resize(self) -> None:
        """Buttons that do not fit beside each other stand below each other."""
        room = self.query_one(".buttons").content_size.width
        needed = sum(cell_len(str(button.label)) + _GAP for button in self.query(Button))
        self.query_one(".buttons").set_class(needed > room, "stacked")
        below = needed > room or self.app.size.width < NARROW
        arrows = self._glyphs.vertical if below else self._glyphs.horizontal
        self.query_one(KeyHints).show([*self._keys, f"{arrows} others"])

    def on_key(self, event: events.Key) -> None:
        """Choose what has this key."""
        for choice in self._choices:
            if choice.key and event.key == choice.key:
                event.stop()
                self.dismiss(choice.value)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return what was chosen."""
        event.stop()
        self.dismiss(event.button.name)

    def action_keep(self) -> None:
        """Leave everything as it is."""
        self.dismiss(self._on_escape)
