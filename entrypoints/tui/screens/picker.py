"""`/model`: every model with the state of its sign-in."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input, Static

from domain.conversation import Conversation
from domain.provider import Provider
from domain.records import dataclass
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.fitting import fitting
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.picking.model_detail import detail
from entrypoints.chat.window_state import WindowState
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.field import Field
from entrypoints.tui.widgets.fitted_row import FittedRow
from entrypoints.tui.widgets.lines_around import first_line, last_line
from entrypoints.tui.widgets.model_rows import ModelList, PickerRow, listing
from entrypoints.tui.widgets.row_list import RowList
from entrypoints.words.model_lists import short_age


@dataclass(frozen=True, slots=True)
class Picked:
    """A model was chosen."""

    name: str
    save: bool
    """Whether for next time too, or for this conversation only."""


@dataclass(frozen=True, slots=True)
class SignInFirst:
    """Sign in to the provider of the highlighted row."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class KeyFirst:
    """Enter an API key of the provider of the highlighted row."""

    provider: Provider


PickerResult = Picked | SignInFirst | KeyFirst | None

_ALL: Final = 10_000
"""Rows to move by, to be at an end."""


class Picker(Dialog[PickerResult]):
    """Stays mounted between uses; follows every change of a sign-in while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2", "keep", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
        Binding("home", f"move({-_ALL})", show=False, priority=True),
        Binding("end", f"move({_ALL})", show=False, priority=True),
        Binding("ctrl+f", "favourite", show=False, priority=True),
        Binding("ctrl+t", "choose(False)", show=False, priority=True),
        Binding("ctrl+l", "log_in", show=False, priority=True),
        Binding("ctrl+k", "enter_key", show=False, priority=True),
        Binding("tab", "usable", show=False, priority=True),
    ]

    class Marked(Message):
        """A model is to be a favourite, or no longer."""

        def __init__(self, preset: str) -> None:
            super().__init__()
            self.preset = preset

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._search = FuzzySearch(cache_size=8192)
        self._stand: WindowState | None = None
        self._recents: tuple[str, ...] = ()
        self._models: ModelList | None = None
        """As they are listed now; None where that is to be worked out when the list is shown next."""
        self._usable_only = False
        self._conversation: Conversation | None = None

    def compose(self) -> ComposeResult:
        """Filter, rows, two lines about the highlighted row, keys."""
        with Vertical(classes="dialog picker"):
            yield FittedRow(self._title, classes="title")
            yield Field(placeholder="type a few letters: op41, flash, claude", id="filter", compact=True)
            yield RowList(self._glyphs)
            yield Static("", id="detail", markup=False)
            yield Static("", id="legend", classes="keys", markup=False)

    def follow(self, stand: WindowState, recents: tuple[str, ...]) -> None:
        """Show how things stand now; where the list is open, the highlight and the filter stay."""
        self._stand, self._recents, self._models = stand, recents, None
        if self in self.app.screen_stack:
            self._fill(keep=True)
            self.refresh()

    def prepare(self, conversation: Conversation | None, *, usable_only: bool = False) -> None:
        """Start over: no filter, the active row highlighted. *conversation* is what would carry over."""
        self._conversation = conversation
        self._usable_only = usable_only
        if self.is_mounted:
            with self.prevent(Input.Changed):
                self.query_one(Input).value = ""
            self._fill(keep=False)

    def on_mount(self) -> None:
        """Fill the list for the first time."""
        self.query_one(Input).focus()
        self.tell_more(self.query_one(RowList))
        self._fill(keep=False)

    def on_resize(self) -> None:
        """The words at the bottom depend on the width."""
        self._describe(self.query_one(RowList).highlighted)

    def render_line(self, y: int) -> Strip:
        """What is seen beside the dialog: the first and the last line of the conversation, where there is room."""
        if self.styles.background.a < 1:  # the window is too small for a list; what is below says so
            return super().render_line(y)
        if y not in (0, self.size.height - 1):
            return Strip.blank(self.size.width, self.rich_style)
        line = (last_line if y else first_line)(self.app, self.size.width - 2)
        words = Strip([Segment(untrusted(f" {line} "), self.rich_style)])
        return words.adjust_cell_length(self.size.width, self.rich_style)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter the rows at each key."""
        event.stop()
        self._fill(keep=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Select and save for next time."""
        event.stop()
        self.action_choose(True)

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Describe the row that is highlighted now."""
        event.stop()
        self._describe(event.row)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """A click is an Enter."""
        event.stop()
        self.dismiss(Picked(event.row.preset.id, save=True))

    def action_move(self, by: int) -> None:
        """Highlight another row, *by* places away."""
        self.query_one(RowList).move(by)

    def action_keep(self) -> None:
        """Close the picker and change nothing."""
        self.dismiss(None)

    def action_usable(self) -> None:
        """Only what can be used now, or everything again."""
        self._usable_only = not self._usable_only
        self._fill(keep=True)

    def action_choose(self, save: bool) -> None:
        """Take the highlighted row, or ask for what was typed by its name."""
        row = self.query_one(RowList).highlighted
        typed = self.query_one(Input).value.strip()
        if row is not None:
            self.dismiss(Picked(row.preset.id, save=save))
        elif typed:
            self.dismiss(Picked(typed, save=save))

    def action_favourite(self) -> None:
        """Mark the highlighted model, or take the mark away; the list follows once that is kept."""
        row = self.query_one(RowList).highlighted
        if row is not None:
            self.post_message(self.Marked(row.preset.id))

    def action_log_in(self) -> None:
        """Sign in to the provider of the highlighted row."""
        row = self.query_one(RowList).highlighted
        if row is not None:
            self.dismiss(SignInFirst(row.preset.provider))

    def action_enter_key(self) -> None:
        """Enter an API key of the provider of the highlighted row."""
        row = self.query_one(RowList).highlighted
        if row is not None:
            self.dismiss(KeyFirst(row.preset.provider))

    def _fill(self, *, keep: bool) -> None:
        if self._stand is None:
            return
        if self._models is None:
            self._models = listing(self._stand, self._glyphs, self._recents)
        models = self._models.usable() if self._usable_only else self._models
        self.query_one(RowList).show(models.found(self.query_one(Input).value, self._search), keep=keep)
        self.query_one(".title", FittedRow).refresh()

    def _title(self, width: int) -> str:
        count = self._models.number if self._models else 0
        which, tab = ("usable only", "Tab: all") if self._usable_only else (f"{count} models", "Tab: usable only")
        age, what = self._age(), "Switch model and login"
        forms = ([what, which, tab, *age], [what, tab, *age], [what, *age], [which, *age])
        return fitting([self._glyphs.dot.join(parts) for parts in forms], width, self._glyphs.ellipsis)

    def _age(self) -> list[str]:
        """How old the facts in the list are; nothing is known of it before the first reading."""
        if self._stand is None:
            return []
        return [short_age(self._stand.snapshot.catalogue, self._stand.snapshot.given.now)]

    def _describe(self, row: PickerRow | None) -> None:
        if self._stand is None:
            lines: tuple[str, ...] = (f"Reading sign-ins{self._glyphs.ellipsis}", "")
        elif row is None:
            typed = untrusted_line(self.query_one(Input).value)
            lines = (f"No model looks like {typed!r}.", "Enter asks for it by that name." if typed else "")
        else:
            lines = detail(self._stand, row.preset, self._conversation, self._glyphs)
        self._write("#detail", "\n".join(lines))
        self._write("#legend", self._keys())

    def _write(self, where: str, words: str) -> None:
        """Have *words* there; the same ones again would arrange the whole screen anew."""
        place = self.query_one(where, Static)
        if str(place.content) != untrusted(words):
            place.update(Content(untrusted(words)))

    def _keys(self) -> str:
        now = self._stand.preset.label if self._stand and self._stand.preset else "things as they are"
        ways, more = ["Ctrl+L log in", "Ctrl+K API key"], ["Ctrl+T only here", "Ctrl+F favourite"]
        forms = (
            [f"Esc keep {now}", "Enter use", *more, *ways],
            ["Esc keep", "Enter use", *more, *ways],
            ["Esc keep", "Enter use", *more[:1], *ways],
            ["Esc keep", "Enter use", *ways],
            ["Esc keep", *ways],
            ["Esc keep", "Enter use", *ways[:1]],
        )
        width = self.query_one("#legend").size.width
        return fitting([self._glyphs.dot.join(keys) for keys in forms], width, self._glyphs.ellipsis)
