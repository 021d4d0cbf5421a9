"""The field: several lines, a history that gives the draft back, words that complete themselves, folded pastes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Location, Selection

from domain.records import replace
from domain.text.untrusted import UntrustedStream, untrusted
from domain.text.visible import BRIEF, MOST_MARKS
from domain.text.written import Written, joined
from entrypoints.tui.writing.file_offers import FileOffers
from entrypoints.tui.writing.folds import MARK, Folds, is_big
from entrypoints.tui.writing.mention import SIGN, Mention
from entrypoints.tui.writing.menu import Menu
from entrypoints.tui.writing.recall import Recall
from entrypoints.tui.writing.typed import TypedPart

NEWLINE_KEYS: Final = frozenset({"ctrl+j", "alt+enter", "shift+enter", "shift+\r"})
"""Ctrl+J works in every terminal; the others where the terminal tells them from Enter (the last is xterm's way)."""

LONGEST_OPEN: Final = 100_000
"""Characters that are shown as they are; more would make every key slow."""

_LONGEST_HANDLING: Final = 2.0
"""Seconds that keys wait for what became of an Enter."""

_MENU_KEYS: Final = frozenset({"enter", "tab", "up", "down", "escape"})

_BOUND: Final = {
    key: bound.action for bound in TextArea.BINDINGS if isinstance(bound, Binding) for key in bound.key.split(",")
}
"""What keys do in the field. Textual does it once the key has come by way of all that is around the field, and letters
that were typed behind it come first then: Backspace in a fast line takes the wrong one."""

_TOKEN_STYLE: Final = Style(reverse=True)


class Composer(TextArea):
    """The field for the next message."""

    class Sent(Message):
        """Enter was pressed; the text is still in the field."""

        def __init__(self, written: Written, *, typed: bool) -> None:
            super().__init__()
            self.written = written
            self.typed = typed
            """Whether its first word was typed here: otherwise it is no command, whatever it looks like."""
            self.handled = asyncio.Event()
            """Set once it is known what became of it: only then are further keys taken."""

    class Attached(Message):
        """A file was chosen; the word that named it is out of the field."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class TakenOut(Message):
        """Backspace was pressed where there is nothing before the cursor: it means the last file."""

    def __init__(self, menu: Menu, take_back: Callable[[], Written | None], files: FileOffers) -> None:
        """*take_back* hands out what waits to be sent, for Up in an empty field."""
        self._files = files
        self._mention = Mention()
        self.recall = Recall()
        self._folds = Folds()
        self._typed = TypedPart()
        self._typing = False
        self._emptied = Written("")
        self._menu = menu
        self._take_back = take_back
        self._entered: Composer.Sent | None = None
        super().__init__(id="composer", soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)

    # What stands in it.

    @property
    def text(self) -> str:
        """What is written, in full."""
        return self._folds.unfolded(self.document.text)

    @text.setter
    def text(self, text: str) -> None:
        self.load_text(text)

    @property
    def written(self) -> Written:
        """What is written, and what of it is folded."""
        return self._folds.written(self.document.text)

    def get_text_range(self, start: Location, end: Location) -> str:
        """What is written between the two, in full: it may be copied."""
        return self._folds.unfolded(super().get_text_range(start, end))

    def taken(self, sent: Written) -> None:
        """*sent* goes out: remember it, and leave in the field what was typed behind it."""
        self.recall.add(sent)
        self.recall.stay()
        shown = self._folds.shown(sent)
        if self.document.text.startswith(shown):
            *above, last = shown.split("\n")
            self._replace_shown("", (0, 0), (len(above), len(last)))
            self.move_cursor(self.document.end)

    def give_back(self, written: Written) -> None:
        """*written* was not sent: it is in the field again, before what was typed since."""
        self.put(joined(written, self.written))

    def write(self, text: str) -> None:
        """Have *text* in the field as if it were typed, with the cursor at its end."""
        self._show(untrusted(text))
        self._typed.all_of(self.document[0])

    def put(self, written: Written) -> None:
        """Have *written* in the field, with the cursor at its end. It was not typed, and runs no command."""
        text = untrusted(written.text)
        if text != written.text:
            written = Written(text)
        if not written.folds and len(text) > LONGEST_OPEN:
            written = Written(text, ((0, len(text)),))
        self._show(self._folds.shown(written))
        self._typed.all_of("")

    def empty(self) -> None:
        """Clear the field; what was in it comes back when this is asked for again."""
        if self.text:
            self._emptied = self.written
            self.clear()
        elif self._emptied.text:
            self.put(self._emptied)

    def unfold(self) -> None:
        """Show in full what the token at the cursor stands for, or else the last one before it."""
        row, column = self.cursor_location
        for line in range(row, -1, -1):
            shown = self.document[line]
            spans = [span for span in self._folds.spans(shown) if line < row or span[0] <= column]
            if spans:
                start, end = spans[-1]
                text = self._folds.unfolded(shown[start:end])
                if len(text) <= LONGEST_OPEN:
                    self._replace_shown(text, (line, start), (line, end))
                else:
                    self.app.notify("It is too long to be shown here. Ctrl+G opens it in your editor.", markup=False)
                return

    def load_text(self, text: str) -> None:
        """Have *text* in the field. It may be foreign: what was piped in comes back by Up."""
        super().load_text(untrusted(text))
        self._typed.all_of("")

    # How it changes.

    def edit(self, edit: Edit) -> EditResult:
        """Take what is typed, pasted or put back, as far as it can be shown where it stands."""
        self.recall.stay()
        row, column = edit.top
        stream = UntrustedStream(brief=len(edit.text) < BRIEF)
        stream.feed(self.document[row][:column][-MOST_MARKS - 1 :])
        return self._edit_shown(replace(edit, text=stream.feed(edit.text) + stream.flush()))

    def undo(self) -> None:
        """Take back what was done last; what comes back is as good as pasted."""
        self._go_through_time(super().undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._go_through_time(super().redo)

    def _go_through_time(self, go: Callable[[], None]) -> None:
        """Textual looks for the cursor before it is moved, and fails where its line is not there any more."""
        before, selection = self.document.text, self.selection
        self.selection = Selection.cursor((0, 0))
        go()
        if self.document.text == before:
            self.selection = selection
        self._typed.became(before.partition("\n")[0], self.document[0])

    def action_cut(self) -> None:
        """Cut the selection, or the line, and copy it in full."""
        cut = self.selected_text or self._folds.unfolded(self.document[self.cursor_location[0]])
        super().action_cut()
        self.app.copy_to_clipboard(untrusted(cut))

    def clamp_visitable(self, location: Location) -> Location:
        """The nearest place for the cursor, which is never inside a token."""
        row, column = super().clamp_visitable(location)
        for start, end in self._folds.spans(self.document[row]):
            if start < column < end:
                here = self.cursor_location
                return row, end if here[0] == row and here[1] <= start else start
        return row, column

    def _show(self, shown: str) -> None:
        self._replace_shown(shown, (0, 0), self.document.end)

    def _replace_shown(self, shown: str, start: Location, end: Location) -> None:
        """Put *shown*, which has passed the filter and may have tokens in it, in the place of what is there."""
        self._edit_shown(Edit(shown, start, end, maintain_selection_offset=False))

    def _edit_shown(self, edit: Edit) -> EditResult:
        edit = self._whole(edit)
        (top, column), (bottom, last) = edit.top, edit.bottom
        removed = (last if bottom == 0 else len(self.document[0])) - column
        result = super().edit(edit)
        if top == 0:
            self._typed.edited(column, removed, len(edit.text.partition("\n")[0]), typed=self._typing)
        return result

    def _whole(self, edit: Edit) -> Edit:
        """*edit* so that it takes no token apart."""
        (top, first), (bottom, last) = edit.top, edit.bottom
        for start, end in self._folds.spans(self.document[top]):
            if start < first < end:
                first = end if edit.top == edit.bottom else start
        for start, end in self._folds.spans(self.document[bottom]):
            if start < last < end:
                last = end
        return replace(edit, from_location=(top, first), to_location=(bottom, last))

    # Keys.

    async def _on_paste(self, event: events.Paste) -> None:
        """It is taken here, and nowhere else. A big one is folded."""
        event.stop()
        event.prevent_default()
        self.recall.stay()
        self._mention.forget()
        text = untrusted(event.text)
        if is_big(text):
            self._replace_shown(self._folds.fold(text), *self.selection)
        else:
            self.replace(event.text, *self.selection, maintain_selection_offset=False)

    def on_text_area_changed(self) -> None:
        """Offer completions for what stands there now."""
        self._offer()

    def _offer(self) -> None:
        text = self.document.text
        row, _ = self.cursor_location
        word = self._mention.word(self.document[row], self.cursor_location)
        if word is not None:
            self._menu.offer_files(self._files.offers(word), text)
        else:
            self._menu.offer(text, typed=self._typed.names_command(text))

    def files_found(self) -> None:
        """The files that can be offered are known now."""
        row, _ = self.cursor_location
        if self._mention.word(self.document[row], self.cursor_location) is not None:
            self._offer()

    async def _on_key(self, event: events.Key) -> None:
        if self._handled(event.key):
            event.stop()
            event.prevent_default()
            await self._until_handled()
            return
        self._typing = True
        self._mentions(event.character if event.is_printable else None)
        await super()._on_key(event)
        self._typing = False
        if (action := _BOUND.get(event.key)) is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def _mentions(self, character: str | None) -> None:
        row, column = min(*self.selection)
        self._mention.typed(character, self.document[row][:column], (row, column))
        if character == SIGN:
            self._files.look()

    def _handled(self, key: str) -> bool:
        """Whether *key* means something here that it does not in other text fields."""
        if key in _MENU_KEYS and self._menu.offered_for != self.document.text:
            self._offer()  # it was typed faster than the menu is told of
        chosen = self._menu.chosen
        if chosen is not None and self._handled_by_menu(key, chosen.text):
            return True
        if key == "enter":
            self._enter(self.written)
        elif key in NEWLINE_KEYS:
            self.insert("\n")
        elif key == "backspace" and self.cursor_location == (0, 0) and self.selection.is_empty:
            self.post_message(self.TakenOut())
        elif key == "ctrl+l":
            self.empty()
        elif key == "ctrl+o":
            self.unfold()
        elif key == "up" and self.cursor_location[0] == 0:
            self._older()
        elif key == "down" and self.cursor_location[0] == self.document.line_count - 1:
            self._recalled(self.recall.newer())
        else:
            return False
        return True

    def _handled_by_menu(self, key: str, chosen: str) -> bool:
        if key in ("up", "down"):
            self._menu.move(-1 if key == "up" else 1)
        elif key in ("tab", "enter") and chosen.startswith(SIGN):
            self._choose_file(chosen.removeprefix(SIGN))
        elif key == "tab":
            self.write(f"{chosen} ")
        elif key == "escape":
            self._mention.forget()
            self._menu.close()
        elif key == "enter":
            self._enter(Written(chosen))
        else:
            return False
        return True

    def _choose_file(self, path: str) -> None:
        if path:
            self.delete(self._mention.start, self.cursor_location)
            self._mention.forget()
            self._menu.close()
            self.post_message(self.Attached(f"./{path}"))  # `-` and `~` are names here, and mean nothing else

    def _enter(self, written: Written) -> None:
        typed = self._menu.chosen is not None or self._typed.names_command(self.document.text)
        self._menu.close()
        self._entered = self.Sent(written, typed=typed)
        self.screen.post_message(self._entered)  # not by way of the field, which waits for what comes of it

    async def _until_handled(self) -> None:
        """What is typed behind an Enter belongs to the next message, however fast it comes."""
        entered, self._entered = self._entered, None
        if entered is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(entered.handled.wait(), _LONGEST_HANDLING)

    def _older(self) -> None:
        waiting = self._take_back() if not self.text else None
        if waiting is not None:
            self.put(waiting)
        else:
            self._recalled(self.recall.older(self.written))

    def _recalled(self, written: Written | None) -> None:
        if written is not None:
            self.put(written)

    # How it looks.

    def get_line(self, line_index: int) -> Text:
        """A line in which the tokens stand out."""
        line = super().get_line(line_index)
        for start, end in self._folds.spans(line.plain):
            line.stylize(_TOKEN_STYLE, start, end)
        return line

    def render_line(self, y: int) -> Strip:
        """A row of the screen, without the marks of the tokens, which have no width."""
        strip = super().render_line(y)
        if MARK not in strip.text:
            return strip
        shown = [Segment(untrusted(one.text), one.style) if MARK in one.text else one for one in strip]
        return Strip(shown, strip.cell_length)
