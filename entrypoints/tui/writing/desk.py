"""The lower part of the conversation: the field, what it offers, and what was written and waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from domain.errors import KeyswitchError
from domain.selection import Held
from domain.text.untrusted import untrusted, untrusted_line
from domain.text.written import Written, joined
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.slash import is_command
from entrypoints.signals import left_to_another, lent
from entrypoints.tui.window import Window
from entrypoints.tui.writing.attached_row import AttachedRow
from entrypoints.tui.writing.composer import Composer
from entrypoints.tui.writing.draft import KeptDraft
from entrypoints.tui.writing.file_offers import FileOffers
from entrypoints.tui.writing.menu import Menu
from entrypoints.tui.writing.queue import Queue

if TYPE_CHECKING:
    from entrypoints.tui.screens.history_search import HistorySearch  # loaded when it is first shown

_REMEMBERED: Final = 500
"""Messages of earlier runs that Up and Ctrl+R bring back."""

_TWICE: Final = 1.0
"""Seconds within which two Esc mean one thing, and after which an Esc does not mean the answer any more."""


class Desk(Vertical):
    """Where one writes the next message."""

    app: Window
    DEFAULT_CSS = """
    Desk { height: auto; }
    Desk #queue { height: auto; display: none; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        """*glyphs* are the signs of the menu."""
        super().__init__(id="desk")
        self._queue = Queue()
        self._menu = Menu(glyphs)
        self.attached = AttachedRow()
        self.composer = Composer(self._menu, self._take_back, FileOffers(self.app, self._files_found))
        self._draft = KeptDraft(self.app, self._unsent, self._tell)
        self._sending: Written | None = None
        """What Enter was pressed on, while it is still in the field."""
        self._sends_queued = False
        self._asked_about = ""
        self.editing = False
        """Whether what is in the field takes the place of the last message."""
        self._set_aside = Written("")
        """What was in the field before."""
        self._search: HistorySearch | None = None
        self._escaped = self._stopped = -_TWICE

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static("", id="queue", markup=False)
        yield self.attached
        yield self._menu
        yield self.composer

    def on_mount(self) -> None:
        """What was sent in earlier runs is read behind the first frame."""
        self.call_after_refresh(self._read_history)

    @work(group="history")
    async def _read_history(self) -> None:
        try:
            services = await self.app.built()
            await asyncio.to_thread(services.editor.clear_away)
            if self.app.options.save:
                self._give_back_draft(await self._draft.begin(services.drafts))
            earlier = await asyncio.to_thread(services.conversations.messages, limit=_REMEMBERED)
        except KeyswitchError:
            return  # whoever reads or stores a conversation says why
        self.composer.recall.add_earlier(earlier)
        self._follow_history()

    def _give_back_draft(self, left: Written | None) -> None:
        if left is None:
            return
        if self.composer.text:
            self.composer.give_back(left)
        else:
            self.composer.put(left)
        self.app.hint("Your draft is back.")

    @on(Composer.Changed)
    def _changed(self) -> None:
        self._draft.changed()

    async def on_unmount(self) -> None:
        """What is not sent by now is there next time."""
        await self._draft.end()

    def _unsent(self) -> Written:
        """All that is written and not sent, as it comes back in one field."""
        unsent = self._set_aside
        for waiting in (*self._queue.written, self.composer.recall.draft(self.composer.written)):
            unsent = joined(unsent, waiting)
        return unsent

    def _tell(self, words: str) -> None:
        """In the hint line, unless something is in front of it."""
        if self.app.screen is self.screen:
            self.composer.border_subtitle = untrusted_line(words)

    def search_history(self) -> None:
        """Look for a message that was sent before, and have it in the field."""
        from entrypoints.tui.screens.history_search import HistorySearch

        self._search = HistorySearch(self.composer.recall.newest_first, self.app.glyphs)
        self.app.push_screen(self._search, self._found)

    def _follow_history(self) -> None:
        """More is known of it: show that where it is looked through."""
        if self._search is not None and self._search is self.app.screen:
            self._search.follow(self.composer.recall.newest_first)

    @work(exclusive=True, group="editor")
    async def edit_outside(self) -> None:
        """Have the text edited in the person's own editor; it comes back unfolded."""
        before = self.composer.written
        try:
            services = await self.app.services()
            with lent(self.app.suspend()), left_to_another():
                text = await asyncio.to_thread(services.editor.edit, before.text)
        except KeyswitchError as error:
            self.app.say(str(error), kind="mistake")
        except SuspendNotSupported:
            self.app.say("This terminal cannot be lent to an editor. Your text stays as it was.", kind="mistake")
        else:
            if text == before.text:
                self.app.hint("The editor changed nothing.")
            else:
                self.composer.put(Written(text))

    def _found(self, message: Written | None) -> None:
        if message is not None:
            self.composer.put(message)

    def on_resize(self) -> None:
        """What waits is cut to the width."""
        self._show_queue()

    # What goes along.

    @on(Composer.Attached)
    def _file_chosen(self, event: Composer.Attached) -> None:
        self.app.controller.attach(event.path)

    @on(Composer.TakenOut)
    def _file_taken_out(self) -> None:
        self.app.controller.attaching.drop_last()

    def _files_found(self) -> None:
        self.composer.files_found()

    # What is sent.

    def is_meant(self, sent: Composer.Sent) -> bool:
        """Whether *sent* is to go out: what only looks like a command is asked about once."""
        text = sent.written.text
        if sent.typed or not is_command(text) or text == self._asked_about:
            self._asked_about = ""
            return True
        self._asked_about = text
        self.app.say(
            f"{untrusted_line(text)} was not typed here, so it does not run as a command. Enter again sends it as a "
            "message; typed, it runs.",
            kind="mistake",
        )
        return False

    def sending(self, written: Written) -> None:
        """*written* is about to be sent from the field, where it stays until it goes out."""
        self._sending = written

    def leaving(self, text: str) -> None:
        """*text* is about to go out without Enter: where it stands in the field, it leaves that."""
        if self._sending is None and not self._sends_queued and self.composer.text == text:
            self._sending = self.composer.written

    def taken(self, text: str) -> bool:
        """*text* goes out now; whether it takes along what is attached: what was queued does not."""
        queued, self._sends_queued = self._sends_queued, False
        sent, self._sending = self._sending, None
        if sent is None or sent.text != text:
            self.composer.recall.add(self.composer.recall.known(text))
            return not queued
        self.composer.taken(sent)
        if self.editing:
            self._leave_edit()
        return True

    def give_back(self, text: str) -> None:
        """*text* was not sent: it is in the field again."""
        self.composer.give_back(self.composer.recall.known(text))

    # The last message once more.

    def edit_message(self, text: str) -> None:
        """Have *text* in the field, to be sent in the place of the last message; what was in it comes back later."""
        if not self.editing:
            self._set_aside = self.composer.written
        self.editing = True
        self.composer.put(self.composer.recall.known(text))
        self._show_queue()

    def escape(self, *, stopped: bool) -> None:
        """Esc was pressed, and no menu was open; *stopped*: it stopped an answer."""
        now, before = self.app.light.clock.monotonic(), self._escaped
        self._escaped = now
        if stopped:
            self._stopped = now
        elif self.editing:
            self._leave_edit()
        elif now - before < _TWICE and now - self._stopped >= _TWICE and self.app.controller.conversation is not None:
            self.app.controller.edit()

    def leave_all(self) -> None:
        """Another conversation opens: what waits goes back into the field, and no message of this one is edited."""
        if self.editing:
            self._leave_edit()
        self.queue_back()

    def _leave_edit(self) -> None:
        self.editing = False
        self.composer.put(self._set_aside)
        self._set_aside = Written("")
        self._show_queue()

    # What waits.

    def queue(self, written: Written, *, answering: bool) -> None:
        """Have *written* wait until the answer is there; Enter in an empty field sends what waits for it: what
        is parked goes before what was queued behind it.
        """
        if written.text.strip():
            self._queue.add(written, self._held())
            self.composer.taken(written)
            self._show_queue()
        elif not answering and self.app.controller.outbox.here:
            self.app.controller.outbox.send_next()
        elif not answering:
            self.send_next()

    def answered(self, *, failed: bool) -> None:
        """An answer is over: what waits is next, unless the answer *failed*."""
        if failed:
            self._queue.paused = True
            self._show_queue()
        else:
            self.send_next()

    def send_next(self) -> None:
        """Send what waits, if the same payer pays for it as when it was written; else it is back in the field."""
        queued = self._queue.next()
        if queued is not None and queued.same_payer(self._held()):
            self._sends_queued = True
            self.app.controller.send(queued.written.text)
        elif queued is not None:
            self.composer.give_back(queued.written)
            self.queue_back()
            self.app.say("What waited is back in the field, not sent: somebody else would pay for it now.")
        self._show_queue()

    def queue_back(self) -> None:
        """What waits is in the field again, before what was typed since."""
        self.composer.give_back(self._queue.take_all_back())
        self._show_queue()

    def _take_back(self) -> Written | None:
        taken = self._queue.take_back()
        self._show_queue()
        return taken

    def _held(self) -> Held | None:
        state = self.app.window_state
        return state.selection.held if state is not None and state.selection is not None else None

    def _show_queue(self) -> None:
        self._draft.changed()
        waiting, dot = self._queue.written, self.app.glyphs.dot
        keys = "Enter sends it, Up takes it back" if self._queue.paused else "Up takes it back"
        lines = ["Editing your last message: Enter sends it in its place, Esc leaves it as it was"] * self.editing
        lines += [
            cut(f"queued{dot}{untrusted_line(one.text)}", self.app.size.width - 2, self.app.glyphs.ellipsis)
            for one in waiting
        ]
        row = self.query_one("#queue", Static)
        row.display = bool(lines)
        row.update(Content(untrusted("\n".join([*lines, *([keys] if waiting else [])]))))
