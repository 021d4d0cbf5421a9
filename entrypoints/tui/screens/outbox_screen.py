"""`/outbox`: what is parked, and what becomes of it."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from domain.outbox.parked import Parked
from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.parking.outbox import OutboxController
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.screens.picker import Picked, Picker, PickerResult
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.tui.window import Window
from entrypoints.words.parked import details, elsewhere_words, excerpt, unreadable_words

_NOTHING: Final = "Nothing is parked. What cannot be sent waits here for one Enter, and never goes out by itself."


class OutboxScreen(Dialog[None]):
    """One row a message, this conversation's first; below each when, why and at whose expense."""

    app: Window
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", show=False),
        Binding("s", "send", show=False),
        Binding("m", "other_model", show=False),
        Binding("e", "edit", show=False),
        Binding("d,delete", "drop", show=False),
        Binding("u", "undo", show=False),
    ]

    def __init__(self, outbox: OutboxController, glyphs: Glyphs) -> None:
        super().__init__()
        self._outbox = outbox
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A title, the list, what is said of it, and the keys on the last row."""
        with Vertical(classes="dialog outbox"):
            yield Static(Content(untrusted(f"Outbox{self._glyphs.dot}/outbox")), classes="title")
            yield OptionList(id="parked", compact=True)
            yield Static("", id="said", markup=False)
            yield KeyHints(self._glyphs.dot, classes="keys")

    def on_mount(self) -> None:
        """Show what is parked."""
        self.tell_more(self.query_one("#parked"))
        self.follow()

    def on_resize(self) -> None:
        """Cut the rows anew."""
        self.follow()

    def say(self, words: str) -> None:
        """Say what became of a message."""
        self.query_one("#said", Static).update(Content(untrusted(words)))

    def follow(self) -> None:
        """Show what is parked now; the highlight stays where it is."""
        parked = self.query_one("#parked", OptionList)
        listed, at = self._outbox.listed, parked.highlighted or 0
        width = max(parked.size.width - 2, 20)
        parked.clear_options()
        parked.add_options(
            [Option(self._message_row(number, message, width)) for number, message in enumerate(listed, 1)]
        )
        parked.highlighted = min(at, len(listed) - 1) if listed else None
        parked.display = bool(listed)
        if not listed:
            self.say(_NOTHING)
        elif self._outbox.unreadable:
            self.say(unreadable_words(self._outbox.unreadable))
        parked.focus()
        keys = ["Enter send", "m other model", "e edit", "d drop", "u undo"] if listed else ["u undo"]
        self.query_one(KeyHints).show(["Esc back", *keys])

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_send()

    def action_send(self) -> None:
        """Send the highlighted message."""
        message = self._highlighted()
        if message is not None:
            self.dismiss()
            self._outbox.send_or_open(message)

    def action_other_model(self) -> None:
        """Send the highlighted message with another model, which is asked for."""
        message = self._highlighted()
        if message is None:
            return

        def picked(result: PickerResult) -> None:
            if isinstance(result, Picked):
                self._outbox.send_with_model(message, result.name)

        self.dismiss()
        picker = self.app.get_screen("picker", Picker)
        picker.prepare(self.app.controller.conversation, usable_only=True)
        self.app.push_screen(picker, picked)

    def action_edit(self) -> None:
        """Take the highlighted message into the field."""
        message = self._highlighted()
        if message is not None:
            self._outbox.edit(message)

    def action_drop(self) -> None:
        """Remove the highlighted message."""
        message = self._highlighted()
        if message is not None:
            self._outbox.drop(message)

    def action_undo(self) -> None:
        """Bring back what was dropped last."""
        self.say("")
        self._outbox.undo()

    def _highlighted(self) -> Parked | None:
        at, listed = self.query_one("#parked", OptionList).highlighted, self._outbox.listed
        return listed[at] if at is not None and at < len(listed) else None

    def _message_row(self, number: int, message: Parked, width: int) -> Content:
        """The beginning of the message; below it when, why, at whose expense, in as many lines as that takes."""
        more = details(message, self.app.light.clock.now(), self._glyphs.dot)
        if message not in self._outbox.here:
            more = f"{elsewhere_words(message)}{self._glyphs.dot}{more}"
        first = Content(untrusted(cut(f"{number}  {excerpt(message)}", width, self._glyphs.ellipsis)))
        below = "\n".join(wrap(more, max(width, 20), initial_indent="   ", subsequent_indent="   "))
        return Content("\n").join([first.stylize("bold"), Content(untrusted(below))])
