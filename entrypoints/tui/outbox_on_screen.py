"""How the app shows what is parked: rows above the field, a list, and dialogs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from domain.errors import KeyswitchError
from domain.provider import Provider
from entrypoints.chat.parking.outbox_face import Crossroads
from entrypoints.tui.screens.chat_questions import AGREE, KEEP
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.tui.screens.question import Choice, Question
from entrypoints.tui.window import Window
from entrypoints.words.errors import trouble
from entrypoints.words.parked import AGAIN_WITH_ENTER, PARKED

if TYPE_CHECKING:
    from entrypoints.tui.screens.outbox_screen import OutboxScreen  # loaded when it is first shown


class AppOutboxFace:
    """An `OutboxFace`. Nothing typed is touched by any of it, unless it is what is parked."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._opened: OutboxScreen | None = None

    @property
    def again(self) -> str:
        """The key that sends what is parked."""
        return AGAIN_WITH_ENTER

    def parked(self, text: str) -> None:
        """Take it out of the field; what was written behind it stays."""
        self._chat.desk.taken(text)
        self.follow()

    def tell(self, error: KeyswitchError) -> None:
        """Say it in the conversation."""
        self._window.say(trouble(error, kept=PARKED, again=AGAIN_WITH_ENTER), kind="trouble")

    def dropped(self) -> None:
        """The list says so where it is in front, else the conversation does."""
        if self._list is not None:
            self._list.say("Dropped. u brings it back.")
        else:
            self._window.say("Dropped. /outbox undo brings it back.")

    def to_field(self, text: str) -> None:
        """Put it into the field, before what stands there."""
        if self._list is not None:
            self._list.dismiss()
        self._chat.desk.give_back(text)
        self._chat.composer.focus()
        self.follow()

    def follow(self) -> None:
        """Draw the rows above the field, the status line, and the list where it is in front."""
        self._chat.follow_outbox()
        if self._list is not None:
            self._list.follow()

    def show(self) -> None:
        """Open the list of what is parked."""
        from entrypoints.tui.screens.outbox_screen import OutboxScreen

        if self._list is None:
            self._opened = OutboxScreen(self._window.controller.outbox, self._window.glyphs)
            self._window.push_screen(self._opened)

    def which_way(self, crossroads: Crossroads, provider: Provider | None) -> None:
        """Ask in a dialog; below the sentence stands what works for somebody who cannot sign in to *provider*."""
        state, (sentence, *rest) = self._window.window_state, crossroads.lines
        lines = (sentence, *filter(None, (state.way_in(provider, "Ctrl+K") if state and provider else "", *rest)))
        choices = tuple(Choice(str(number), way.label, way.key) for number, way in enumerate(crossroads.ways))
        escape = str(crossroads.escape)
        question = Question(crossroads.title, lines, choices, on_escape=escape, glyphs=self._window.glyphs)

        def answered(answer: str | None) -> None:
            if answer is not None:
                crossroads.ways[int(answer)].go()

        self._window.push_screen(question, answered)

    def agree(self, title: str, lines: Sequence[str], yes: str, go: Callable[[], None]) -> None:
        """Ask in a dialog; Enter is the answer that changes nothing."""
        choices = (Choice(KEEP, "Keep it parked"), Choice(AGREE, yes))
        question = Question(title, tuple(lines), choices, on_escape=KEEP, glyphs=self._window.glyphs)
        self._window.push_screen(question, partial(_gone, go))

    @property
    def _list(self) -> OutboxScreen | None:
        """The list, where it is in front."""
        return self._opened if self._opened is not None and self._opened is self._window.screen else None

    @property
    def _chat(self) -> ChatScreen:
        screen = self._window.screen_stack[0]
        assert isinstance(screen, ChatScreen)  # noqa: S101 - the default screen is never popped
        return screen


def _gone(go: Callable[[], None], answer: str | None) -> None:
    if answer == AGREE:
        go()
