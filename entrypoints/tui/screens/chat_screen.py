"""The conversation: what is written, sent, answered, stopped."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import WorkerCancelled

from application.ports.chat_client import ReasoningDelta, TextDelta
from application.use_cases.past import Joined, LeftOut
from domain.attached.attachment import Attachment
from domain.conversation import Conversation, Role
from domain.errors import KeyswitchError
from domain.selection import Selection
from domain.text.untrusted import untrusted_line
from entrypoints.chat import slash
from entrypoints.chat.parking.outbox_needs import Exchange
from entrypoints.chat.welcome import welcome
from entrypoints.chat.window_state import WindowState
from entrypoints.tui.open_turns import OpenTurns
from entrypoints.tui.repaint import erase_leftovers
from entrypoints.tui.transcript.live import LiveAnswer
from entrypoints.tui.transcript.transcript import Transcript
from entrypoints.tui.widgets.fitted_row import FittedRow
from entrypoints.tui.widgets.lines_around import first_line, last_line
from entrypoints.tui.widgets.waiting_rows import WaitingRows
from entrypoints.tui.window import LEAST_HEIGHT, LEAST_WIDTH, Window, begin_in
from entrypoints.tui.writing.composer import Composer
from entrypoints.tui.writing.desk import Desk
from entrypoints.words.attachments import with_files
from entrypoints.words.errors import trouble

if TYPE_CHECKING:
    from application.use_cases.send_message import SendEvent

TICK_SECONDS: Final = 1.0


class ChatScreen(Screen[None]):
    """Header, transcript, field, status line."""

    app: Window
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", show=False),
        Binding("f1", "app.help", show=False),
        Binding("ctrl+p", "palette", show=False, priority=True),
        Binding("f2", "app.models", show=False),
        Binding("f3", "app.accounts", show=False),
        Binding("f4", "app.conversations", show=False),
        Binding("f5", "send_elsewhere", show=False, priority=True),
        Binding("f6", "back", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("ctrl+home", "end('first')", show=False, priority=True),
        Binding("ctrl+end", "end('last')", show=False, priority=True),
        Binding("ctrl+up", "message(-1)", show=False, priority=True),
        Binding("ctrl+down", "message(1)", show=False, priority=True),
        Binding("ctrl+t", "thoughts", show=False, priority=True),
        Binding("alt+up", "choose", show=False),
        Binding("ctrl+g", "write('outside')", show=False, priority=True),
        Binding("ctrl+r", "write('again')", show=False, priority=True),
    ]

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._answering: LiveAnswer | None = None
        self._seconds = 0
        self._ticking: Timer | None = None
        self._welcomed = False
        self._early: str | None = None
        """What was sent before the sign-ins were read; it goes out then."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        glyphs = self.app.glyphs
        yield FittedRow(partial(first_line, self.app), id="header")
        turns = OpenTurns(lambda: self.app.controller.conversation, self.app.light.conversations, self._unreadable)
        transcript = Transcript(glyphs, turns)
        yield transcript
        yield transcript.row
        yield WaitingRows(self.app.controller.outbox, self.app.light.clock, glyphs)
        yield Desk(glyphs)
        yield FittedRow(partial(last_line, self.app), id="status")
        yield FittedRow(lambda _: untrusted_line(f"keyswitch needs {LEAST_WIDTH}x{LEAST_HEIGHT}"), id="too-small")

    def on_mount(self) -> None:
        """The field takes keys from the first frame on."""
        self.composer.focus()
        self.watch(self.app, "window_state", self._follow)

    def on_descendant_focus(self) -> None:
        """Keys have somewhere to go."""
        self.app.take_keys()

    @property
    def composer(self) -> Composer:
        """The field for the next message."""
        return self.query_one(Composer)

    @property
    def desk(self) -> Desk:
        """The field, and what waits in front of it."""
        return self.query_one(Desk)

    @property
    def transcript(self) -> Transcript:
        """The conversation as it is read."""
        return self.query_one(Transcript)

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way, or a message that asks for one."""
        return any(one.group == "answer" and one.node is self and not one.is_finished for one in self.workers)

    def on_screen_resume(self) -> None:
        """Nothing is in front any more."""
        erase_leftovers(self.app)

    def on_resize(self) -> None:
        """Below the least size, one line says so instead of a broken screen; the field goes on taking keys."""
        self.set_class(self.size.width < LEAST_WIDTH or self.size.height < LEAST_HEIGHT, "too-small")

    # Commands and messages.

    @on(Composer.Sent)
    async def _sent(self, event: Composer.Sent) -> None:
        try:
            await self._take(event)
        finally:
            event.handled.set()

    async def _take(self, event: Composer.Sent) -> None:
        text = event.written.text
        if event.typed and slash.is_command(text):
            await self._command(text)
        elif self.answering or not (text.strip() or self.app.controller.attaching.files):
            self.desk.queue(event.written, answering=self.answering)
        elif self.desk.is_meant(event):
            self.desk.sending(event.written)
            send = self.app.controller.send_instead if self.desk.editing else self._try_to_send
            self.app.with_key_and_earlier(partial(send, text))

    async def _command(self, text: str, *, typed: bool = True) -> None:
        try:
            slash.run(text, self.app.controller)
        except KeyswitchError as error:
            await self.transcript.note(trouble(error) if error.code != "usage" else str(error), kind="mistake")
            if typed:
                self.composer.select_all()  # the next letter takes its place
        else:
            if typed:
                self.composer.clear()

    async def start_over(self) -> None:
        """Show an empty conversation."""
        self.action_stop()
        self._welcomed = False
        await self.transcript.clear()
        self.refresh_lines()

    def _try_to_send(self, text: str) -> None:
        if self.app.window_state is None or self.app.controller.starting:
            self._early = text
            self.app.read_again()
        else:
            self.app.controller.send(text)

    def answer(self, text: str, selection: Selection) -> None:
        """Send *text* to what is selected, and show the answer as it comes."""
        parked = self.app.controller.outbox.sending
        self.desk.leaving(text)
        typed = self.desk.taken(text)
        files = parked.files if parked else self.app.controller.attaching.take() if typed else ()
        self._answer(text, selection, files)

    @work(exclusive=True, group="answer")
    async def _answer(self, text: str, selection: Selection, files: tuple[Attachment, ...]) -> None:
        thread = self.app.controller.thread
        await self.app.controller.past.look()
        before = thread.answers
        asked = await self.transcript.ask(with_files(text, files), self.app.light.clock.now())
        block = self._answering = await self.transcript.answer(selection)
        self._tick_from_zero()
        failure: KeyswitchError | None = None
        stopped = False
        try:
            services = await self.app.services()
            async with aclosing(services.send(thread, text, selection, files)) as events:
                async for event in events:
                    await self._show(event, block, selection)
        except KeyswitchError as error:
            failure = error
        except asyncio.CancelledError:
            stopped = True
        if not self.is_running:
            return
        self._answering = None
        if stopped:
            self.desk.queue_back()
        kept = thread.answers > before
        parked = self.app.controller.outbox.ended(Exchange(text, selection, failure, kept, files))
        await block.finish(thread.conversation.turns[-1] if kept else None)
        if not kept:
            await asked.remove()
            await block.remove()
        self.refresh_lines()
        if not parked:
            self.app.controller.attaching.give_back(files)
            self.desk.give_back(text)
        if stopped:
            await self._stopped(kept=kept, parked=parked)
        else:
            self.call_later(self.desk.answered, failed=failure is not None)

    async def _show(self, event: SendEvent, block: LiveAnswer, selection: Selection) -> None:
        match event:
            case TextDelta(text):
                await block.write(text)
            case ReasoningDelta(text):
                await block.think(text)
            case Joined() | LeftOut():
                self.app.controller.past.say(event, selection)
            case _:
                pass

    async def _stopped(self, *, kept: bool, parked: bool) -> None:
        if not kept:
            where = "It stays parked." if parked else "Your text is back in the field."
            await self.transcript.note(f"Stopped before anything came. {where}")
        self.desk.queue_back()  # what was written since

    def _tick_from_zero(self) -> None:
        self._seconds = 0
        self._tick()
        if self._ticking is None:
            self._ticking = self.set_interval(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        if self._answering is None:
            if self._ticking is not None:
                self._ticking.stop()
                self._ticking = None
            return
        doing = "writing" if self._answering.begun else "waiting"
        self._answering.working(f"{doing} {self._seconds} s{self.app.glyphs.dot}Esc stops")
        self._seconds += 1

    # What is shown.

    async def say(self, *lines: str, kind: str = "info") -> None:
        """Something that the app itself says."""
        await self.transcript.note(*lines, kind=kind)

    async def end_answer(self) -> None:
        """Stop the answer that is on its way, and wait until what came of it is kept; what is queued stays here."""
        self.desk.leave_all()
        for worker in self.workers.cancel_group(self, "answer"):
            with suppress(WorkerCancelled):
                await worker.wait()

    async def show_earlier(self, conversation: Conversation) -> None:
        """Show what was said in *conversation*, which goes on."""
        self._welcomed = True
        await self.transcript.restore()
        self.composer.recall.add_earlier([turn.text for turn in conversation.turns if turn.role is Role.USER])
        self.refresh_lines()

    def _unreadable(self, error: KeyswitchError) -> None:
        """Say why earlier turns are not shown; a thread calls this."""
        self.app.call_from_thread(self.app.say, trouble(error), kind="trouble")

    def refresh_lines(self) -> None:
        """Draw header and status line anew, and have the window called by the conversation."""
        conversation = self.app.controller.conversation
        title = untrusted_line(conversation.title) if conversation else ""
        self.app.title = untrusted_line(f"keyswitch: {title}" if title else "keyswitch")
        self.query_one("#header", FittedRow).refresh()
        self.query_one("#status", FittedRow).refresh()

    def follow_outbox(self) -> None:
        """What is parked changed, or why: draw it where it stands."""
        self.query_one(WaitingRows).follow()
        self.refresh_lines()

    async def _follow(self, stand: WindowState | None) -> None:
        self.follow_outbox()
        if stand is None:
            return
        await self._welcome()
        if not self.app.controller.starting:
            self._send_early()

    def begin(self, *, early: bool) -> None:
        """What the command line asked for is done, or cannot be: with *early*, what was sent meanwhile goes out."""
        if not early:
            self._early = None  # it was meant for something else than what is selected; it stays in the field
        elif self.app.window_state is not None:
            self._send_early()

    def _send_early(self) -> None:
        early, self._early = self._early, None
        if early is not None and early == self.composer.text:
            self._try_to_send(early)

    async def _welcome(self) -> None:
        stand = self.app.window_state
        if self._welcomed or stand is None:
            return
        self._welcomed = True
        if self.app.controller.conversation is None and not self.app.options.goes_on:
            await self.transcript.note(*welcome(stand, demo=self.app.options.demo))

    # Keys.

    def action_stop(self) -> None:
        """Stop the answer; what came is kept. Where there is none, leave the banner or what is edited, or edit."""
        if self.answering:
            self.workers.cancel_group(self, "answer")
        elif self.app.controller.outbox.escape():
            return
        self.desk.escape(stopped=self.answering)

    def action_write(self, how: str) -> None:
        """Ctrl+G: write in another editor. Ctrl+R: look for a message that was sent before."""
        (self.desk.edit_outside if how == "outside" else self.desk.search_history)()

    def action_palette(self) -> None:
        """Let a command be found and run."""
        from entrypoints.tui.screens.palette import Palette

        self.app.push_screen(Palette(self.app.glyphs), self._picked_command)

    def _picked_command(self, command: slash.Completion | None) -> None:
        if command is not None and command.needs_more:
            self.composer.write(f"{command.text} ")
        elif command is not None:
            begin_in(self, partial(self._command, command.text, typed=False), group="command")

    def action_send_elsewhere(self) -> None:
        """F5: send what is parked with the model that is offered."""
        self.app.controller.outbox.send_elsewhere()

    def action_back(self) -> None:
        """F6: go back to what was left at a limit; where the network is gone, look for it now."""
        if not self.app.controller.outbox.go_back():
            self.query_one(WaitingRows).look()

    def action_page(self, by: int) -> None:
        """Read further up or down."""
        if by < 0:
            self.transcript.scroll_page_up(animate=False)
        else:
            self.transcript.scroll_page_down(animate=False)

    def action_message(self, by: int) -> None:
        """Read the message before or behind the one at the top."""
        self.transcript.go_to_message(by)

    def action_end(self, which: str) -> None:
        """Read the beginning or the end."""
        self.transcript.go_to_beginning() if which == "first" else self.transcript.go_to_end()

    def action_thoughts(self) -> None:
        """Show what the models thought, or hide it."""
        self.transcript.fold_thoughts()

    def action_choose(self) -> None:
        """Choose a block of the conversation, to copy it."""
        self.transcript.choose()

    @on(Transcript.Left)
    def _back_to_the_field(self, event: Transcript.Left) -> None:
        self.composer.focus()
        self.composer.insert(event.text)
