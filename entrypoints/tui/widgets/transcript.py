"""The conversation as it is read: what was asked, what was answered and by whom, what changed in between."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from domain.conversation import Role, Turn, TurnState
from domain.selection import Selection
from domain.text.untrusted import UntrustedStream, untrusted
from entrypoints.chat.answer_stamp import answer_line, running_line
from entrypoints.chat.fitting import ends
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import clock, measures, stamp
from entrypoints.tui.widgets.fitted_row import FittedRow
from entrypoints.tui.widgets.foreign_markdown import ForeignMarkdown
from entrypoints.words.answer_endings import ending_sentence
from entrypoints.words.payer import payer_words

LONGEST_SHOWN: Final = 200
"""Blocks on the screen. Each is a widget, and a thousand of them make every key slow; older ones stay in the store."""

HOLD_SECONDS: Final = 1.0
"""How long an unfinished escape sequence may hold back the text behind it."""


class Asked(Vertical):
    """What the person wrote."""

    def __init__(self, text: str, at: datetime) -> None:
        super().__init__(classes="block asked")
        self.text = text
        self._at = at

    def compose(self) -> ComposeResult:
        """A line with the time, then the text as it was typed."""
        yield FittedRow(lambda width: ends("You", clock(self._at), width), classes="stamp")
        yield Static(Content(untrusted(self.text)), classes="body")


class Answer(Vertical):
    """An answer: one stamp line, one Markdown widget."""

    def __init__(self, head: str, glyphs: Glyphs, *, text: str = "") -> None:
        super().__init__(classes="block answer")
        self._glyphs = glyphs
        self._head = head
        self._tail = ""
        self._over = False
        self._filter = UntrustedStream()
        self._line = FittedRow(self._stamp, classes="stamp")
        self._body = ForeignMarkdown(untrusted(text) or None, bullet=glyphs.bullet)
        self._ending = Static("", classes="ending", markup=False)
        self._stream: MarkdownStream | None = None

    def compose(self) -> ComposeResult:
        """The stamp, the text below it, and below that why it ended, where there is something to say of it."""
        yield self._line
        yield self._body
        yield self._ending

    @property
    def begun(self) -> bool:
        """Whether anything of it has come."""
        return self._stream is not None

    async def write(self, text: str) -> None:
        """More of the answer, as it came."""
        if self._stream is None:
            self._stream = Markdown.get_stream(self._body)
        await self._stream.write(self._filter.feed(text))
        if self._filter.pending:
            self.set_timer(HOLD_SECONDS, self._release)

    def working(self, words: str) -> None:
        """Say at the right what is going on."""
        self._tail = words
        self._line.refresh()

    async def finish(self, turn: Turn | None) -> None:
        """The answer is over; *turn* is what was kept of it."""
        if self._stream is not None:
            await self._stream.write(self._filter.flush())
            await self._stream.stop()
            self._stream = None
        if turn is not None:
            self.show_turn(turn)

    def show_turn(self, turn: Turn) -> None:
        """Put the receipt of *turn* into the stamp."""
        if turn.receipt is not None:
            self._head = stamp(turn.receipt, self._glyphs)
        self.set_class(turn.state is not TurnState.COMPLETE, "partial")
        ending = ending_sentence(turn)
        self._ending.update(Content(untrusted(ending)))
        self._ending.set_class(bool(ending), "told")
        self._over = True
        self.working(measures(turn, self._glyphs))

    async def _release(self) -> None:
        if self._stream is not None and self._filter.pending:
            await self._stream.write(self._filter.flush())

    def _stamp(self, width: int) -> str:
        if self._over:
            return answer_line(self._head, self._tail, self._glyphs, width)
        return running_line(self._head, self._tail, self._glyphs, width)


class Transcript(VerticalScroll, can_focus=False):
    """The blocks in their order; stays at the end until one scrolls up. Keys always go to the field below it."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="transcript")
        self._glyphs = glyphs

    def on_mount(self) -> None:
        """New text is in view unless somebody reads further up."""
        self.anchor()

    async def ask(self, text: str, at: datetime) -> Asked:
        """Add what the person wrote."""
        block = Asked(text, at)
        await self._add(block)
        return block

    async def answer(self, selection: Selection) -> Answer:
        """Add an answer that is about to come."""
        record = selection.credential
        parts = [selection.answering.model.label, selection.means, payer_words(record.payer)]
        block = Answer(self._glyphs.dot.join(parts), self._glyphs)
        await self._add(block)
        return block

    async def note(self, *lines: str, kind: str = "info") -> None:
        """Add something that the app itself says; *kind* is `info` or `trouble`."""
        await self._add(Static(Content(untrusted("\n".join(lines))), classes=f"block note {kind}"))

    async def restore(self, turns: tuple[Turn, ...]) -> None:
        """Show turns of an earlier time."""
        for turn in turns:
            if turn.role is Role.USER:
                await self.ask(turn.text, turn.at)
            else:
                block = Answer("", self._glyphs, text=turn.text)
                await self._add(block)
                block.show_turn(turn)

    async def clear(self) -> None:
        """Remove every block from the screen."""
        await self.remove_children()

    async def _add(self, block: Asked | Answer | Static) -> None:
        surplus = len(self.children) + 1 - LONGEST_SHOWN
        if surplus > 0:
            await self.remove_children(list(self.children)[:surplus])
        await self.mount(block)
        self.anchor()
