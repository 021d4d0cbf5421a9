"""The app as its parts know it: what they share, and what they ask of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from textual.app import App
from textual.dom import DOMNode
from textual.geometry import Size
from textual.reactive import var
from textual.worker import WorkType

from domain.attached.attachment import Attachment
from domain.conversation import Conversation
from domain.selection import Selection
from entrypoints.chat.chat_face import Work
from entrypoints.chat.controller import ChatController
from entrypoints.chat.fitting import NARROW
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.options import TuiOptions
from entrypoints.chat.window_state import WindowState
from entrypoints.services import LightServices, ServicesReady

if TYPE_CHECKING:
    from entrypoints.early_terminal import EarlyTerminal

LEAST_WIDTH, LEAST_HEIGHT = 40, 12
"""Columns and rows below which nothing useful fits."""

LOW: Final = 16
"""Rows below which a dialog has none to spare."""


def begin_in(node: DOMNode, work: Work, *, group: str, exclusive: bool = False) -> None:
    """Do *work* in a worker of *node*, and no longer than *node* is there; an *exclusive* one replaces its *group*."""
    called: WorkType[object] = work
    node.run_worker(called, group=group, exclusive=exclusive)


def size_classes(size: Size) -> str:
    """The classes that Textual gives a screen of *size* once it is drawn: one that begins with them is styled once."""
    sides = ((size.width, Window.HORIZONTAL_BREAKPOINTS), (size.height, Window.VERTICAL_BREAKPOINTS))
    return " ".join(max(point for point in points if point[0] <= side)[1] for side, points in sides)


class Window(App[int]):
    """`KeyswitchApp` carries all of it out; nothing that it is made of imports it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (LEAST_WIDTH, "-narrow"), (NARROW, "-normal")]  # noqa: RUF012 - no ClassVar in Textual either
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (LEAST_HEIGHT, "-low"), (LOW, "-high")]  # noqa: RUF012 - as above

    light: LightServices
    options: TuiOptions
    glyphs: Glyphs
    services: ServicesReady
    built: ServicesReady
    """The services for what takes no library of theirs: a window that nobody uses never loads those."""
    controller: ChatController
    keys_wait = True
    """Whether keys are kept until the field has the focus; the driver looks at it."""
    early_terminal: EarlyTerminal | None = None
    """What has the terminal until the driver takes it over."""
    trouble: str = ""
    """What keeps renewals from being made, for the status line; "" where nothing does."""

    window_state: var[WindowState | None] = var(None)
    """How things stand; None until they are read for the first time."""

    def take_keys(self) -> None:
        """The field has the focus: what was typed until now goes there."""
        if sys.platform != "win32":
            from entrypoints.tui.terminal_driver import driver_of

            driver = driver_of(self)
            if driver is not None:
                driver.take_keys()

    def say(self, *lines: str, kind: str = "info") -> None:
        """Say something in the conversation."""
        raise NotImplementedError

    def read_again(self, *, anew: bool = False) -> None:
        """Read config and store, in a thread; with *anew*, for another conversation than the one before."""
        raise NotImplementedError

    def with_key(self, then: Callable[[], object]) -> None:
        """Do *then* once the master key can be had; not at all where its passphrase is not given."""
        raise NotImplementedError

    def with_key_and_earlier(self, then: Callable[[], object]) -> None:
        """As `with_key`, once an earlier program's sign-ins are taken over, where that still waits for the key."""
        raise NotImplementedError

    def open_picker(self, *, usable_only: bool = False) -> None:
        """Show the list of models."""
        raise NotImplementedError

    def open_accounts(self) -> None:
        """Show who is signed in."""
        raise NotImplementedError

    def open_conversations(self, search: str = "") -> None:
        """Show the conversations that are kept; with *search*, those in which it is found."""
        raise NotImplementedError

    async def end_answer(self) -> None:
        """Stop the answer that is on its way, and wait until what came of it is kept."""
        raise NotImplementedError

    def show_selection(self, selection: Selection, *, save: bool) -> None:
        """Show a selection that was made in this window at once, then read again."""
        raise NotImplementedError

    def show_new_conversation(self) -> None:
        """Show an empty conversation, which begins with the saved choice."""
        raise NotImplementedError

    async def show_earlier_conversation(self, conversation: Conversation) -> None:
        """Show what was said in *conversation*."""
        raise NotImplementedError

    def answer(self, text: str, selection: Selection) -> None:
        """Send *text* to what is selected, and show the answer as it comes."""
        raise NotImplementedError

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way."""
        raise NotImplementedError

    def show_attached(self, files: tuple[Attachment, ...]) -> None:
        """Show what goes along with the next message."""
        raise NotImplementedError

    def edit_message(self, text: str) -> None:
        """Have *text* in the field, to be sent in the place of the last message."""
        raise NotImplementedError

    def hint(self, words: str) -> None:
        """Say something for a moment where it covers no text."""
        raise NotImplementedError

    def copy(self, text: str, what: str, told: Callable[[str], object] | None = None) -> None:
        """Copy *text*, which may be foreign; *told* gets a sentence about *what* was copied, else it is a hint."""
        raise NotImplementedError

    def refresh_lines(self) -> None:
        """Draw header and status line anew."""
        raise NotImplementedError

    @property
    def draft_lines(self) -> int:
        """How many lines are typed and not sent."""
        raise NotImplementedError
