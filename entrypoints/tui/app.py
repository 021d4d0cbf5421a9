"""The app: what all screens share, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import PurePath
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ScreenError
from textual.binding import Binding, BindingType
from textual.css.query import QueryError
from textual.driver import Driver
from textual.screen import Screen
from textual.worker import WorkerFailed

from application.snapshot import Snapshot
from domain.attached.attachment import Attachment
from domain.conversation import Conversation
from domain.errors import KeyswitchError
from domain.selection import Selection
from domain.text.untrusted import untrusted
from entrypoints.chat.controller import ChatController
from entrypoints.chat.glyphs import ASCII, UNICODE
from entrypoints.chat.options import TuiOptions
from entrypoints.chat.services_loader import ServicesLoader
from entrypoints.chat.window_state import WindowState, left_waiting
from entrypoints.crash_report import CRASHED, in_loop
from entrypoints.services import LightServices, Services
from entrypoints.tui.account_keys import AccountKeys
from entrypoints.tui.app_face import AppFace
from entrypoints.tui.appearance import Appearance
from entrypoints.tui.background import READ_AGAIN_AFTER, Background, Pulse
from entrypoints.tui.beginning import Beginning
from entrypoints.tui.copy_out import copy, selected_text
from entrypoints.tui.crash import crash_text
from entrypoints.tui.escape_sequences import teach_alt_enter
from entrypoints.tui.hints import HINT_SECONDS, Hints
from entrypoints.tui.no_color import NoColorAtAll
from entrypoints.tui.screens.accounts_screen import Accounts, AccountsScreen
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.tui.screens.picker import KeyFirst, Picked, Picker, PickerResult, SignInFirst
from entrypoints.tui.unlocking import Unlocking
from entrypoints.tui.window import Window, begin_in, size_classes
from entrypoints.tui.writing.composer import Composer
from entrypoints.words.errors import trouble

LATER_STYLES: Final = tuple(
    PurePath(__file__).parent / "screens" / f"{name}.tcss"
    for name in ("dialogs", "picker", "login_dialog", "device_dialog", "accounts_screen", "conversations_screen")
)
"""Read behind the first frame, and all at once: one that comes with its screen makes Textual style everything again."""

EVENTS_SHOWN: Final = 100
"""How many of the latest events the accounts screen looks at: most are answers, which it leaves out."""


class KeyswitchApp(Window):
    """Draws first, reads sign-ins next, and loads the libraries that talk to providers last."""

    TITLE = "keyswitch"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["screens/chat_screen.tcss"]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("ctrl+q", "interrupt", show=False, priority=True),
    ]

    def __init__(
        self,
        services: Callable[[], Services],
        light: LightServices,
        options: TuiOptions,
        *,
        closes: bool = True,
        driver_class: type[Driver] | None = None,
    ) -> None:
        """*closes* says whether the services end with the app; if not, whoever runs it ends them."""
        super().__init__(driver_class=driver_class)
        self._closes = closes
        self.terminal_gone: Callable[[], object] = partial(self.exit, 0)
        """What to do where nobody can see the app any more; the driver calls it."""
        teach_alt_enter()
        self.light = light
        self.options = options
        self.glyphs = ASCII if options.ascii else UNICODE
        self.services = self.loader = ServicesLoader(services)
        self.built = self.loader.built
        face = AppFace(self)
        self.controller = ChatController(face, light, saved=options.save)
        self._account_keys = AccountKeys(self, face)
        self.background = Background(self)
        self.pulse = Pulse(self, self.poll)
        self._hints = Hints(self)
        self.appearance = Appearance(self)
        self._unlocking = Unlocking(self, options.sealed_earlier_files)
        self.unsent = ""
        """The draft that was left behind."""
        self._beginning = Beginning(self, self._loaded, self._begun)
        self._stamp: Hashable = None
        self._read_at = 0.0
        self._readings = self._shown = 0
        self._asked_to_leave = False
        self._picker = Picker(self.glyphs)
        self._told: str | None = None
        self._noticed = False
        if self.no_color:
            self._filters = [NoColorAtAll()]

    def get_default_screen(self) -> Screen[None]:
        """Begin with the conversation."""
        return ChatScreen(classes=size_classes(self.size))

    def on_mount(self) -> None:
        """Draw; the rest waits for the first frame."""
        asyncio.get_running_loop().set_exception_handler(in_loop)
        self.install_screen(self._picker, "picker")
        self.set_class(self.options.ascii, "ascii")
        self.set_class(self.no_color, "no-color")
        self.call_after_refresh(self._go_live)

    @property
    def chat(self) -> ChatScreen:
        """The screen at the bottom of the stack."""
        screen = self.screen_stack[0]
        assert isinstance(screen, ChatScreen)  # noqa: S101 - the default screen is never popped
        return screen

    @property
    def draft(self) -> str:
        """What is typed and not sent."""
        return next((composer.text for composer in self.chat.query(Composer)), "")

    @property
    def draft_lines(self) -> int:
        """How many lines of it there are."""
        return len(self.draft.splitlines()) if self.draft.strip() else 0

    async def on_event(self, event: events.Event) -> None:
        """As in the base class; whatever a person does is noticed."""
        if isinstance(event, events.InputEvent | events.Paste | events.AppFocus):
            self.pulse.wake()
        if isinstance(event, events.Key | events.Paste):
            self.background.somebody_types()
        await super().on_event(event)

    async def on_unmount(self) -> None:
        """Let a renewal come to its end, and close idle connections."""
        if self._closes:
            await self.loader.close()

    # How things stand.

    def read_again(self, *, anew: bool = False) -> None:
        """Read config and store, in a thread; with *anew*, nothing is known of how things stand until then."""
        if anew:
            self._shown, self.window_state = self._readings + 1, None
        self._told = None
        self._stamp = self.light.stamp()
        self._read()

    def show_selection(self, selection: Selection, *, save: bool) -> None:
        """Show a selection that was made in this window at once, then read again."""
        if self.window_state is not None:
            snapshot, held = self.window_state.snapshot, selection.held
            self.window_state = WindowState(snapshot, selection.preset, selection, only_here=not save, held=held)
        self._shown = self._readings + 1  # what was read before knows nothing of it
        self.read_again()

    def _read(self) -> None:
        self._readings += 1
        self._read_at = self.light.clock.monotonic()
        self._read_in_thread(self._readings)

    @work(thread=True, exclusive=True, group="window_state")
    def _read_in_thread(self, number: int) -> None:
        try:
            snapshot = self.light.auth.snapshot(held=self.controller.holding.credential)
        except KeyswitchError as error:
            self.call_from_thread(self._cannot_read, error)
            return
        self.call_from_thread(self._stand, snapshot, number, self.light.preferences.recents())

    def _stand(self, snapshot: Snapshot, number: int, recents: tuple[str, ...]) -> None:
        if number < self._shown:
            return  # a thread cannot be stopped: this reading began before one that is shown already
        self._told, self._shown = None, number
        for notice in () if self._noticed else (*snapshot.settings.notices, *snapshot.store_notices):
            self.say(notice)
        self._noticed = True
        self.appearance.follow(snapshot.settings.ui)
        before = self.window_state
        self.window_state = self.controller.holding.window_state(snapshot, begins=not self._beginning.continues)
        if note := left_waiting(before, self.window_state):
            self.say(note, kind="trouble")
        if lines := self.controller.holding.begun_with(self.window_state):
            self.say(*lines)
        self._picker.follow(self.window_state, recents)
        if isinstance(self.screen, AccountsScreen):
            self._report(self.screen)

    def _cannot_read(self, error: KeyswitchError) -> None:
        words = trouble(error)
        if self._told != words:
            self._told = words
            self.say(words, kind="trouble")

    def poll(self) -> bool:
        """Read again if a sign-in or the selection changed, in this or another process, and return whether it did."""
        self.controller.past.poll()
        self.controller.outbox.poll()
        stamp = self.light.stamp()
        changed, self._stamp = stamp != self._stamp, stamp
        if changed or self.light.clock.monotonic() - self._read_at >= READ_AGAIN_AFTER:
            self._read()
        return changed

    def _loaded(self, services: Services | None) -> None:
        """The services are there, or cannot be had: renewals begin, and say so where they cannot."""
        if services is None:
            self.background.begin()
        else:
            self._unlocking.begin(services, self.background.begin)

    def _begun(self, done: bool) -> None:
        """What the command line asked for is over; *done*: all of it came about."""
        self.chat.begin(early=done)
        self.read_again()

    async def _go_live(self) -> None:
        self.stylesheet.read_all(LATER_STYLES)
        self.read_again()
        self.pulse.begin()
        begin_in(self, self._beginning.run, group="begin")

    # What is shown.

    def open_picker(self, *, usable_only: bool = False) -> None:
        """Show the list of models; it was mounted before, and is only shown again."""
        self._picker.prepare(self.controller.conversation, usable_only=usable_only)
        self.push_screen("picker", self._picked)

    def open_accounts(self) -> None:
        """Show who is signed in."""
        self.push_screen(AccountsScreen(self.glyphs, self._account_keys.checks.known))

    def open_conversations(self, search: str = "") -> None:
        """Show the conversations that are kept."""
        from entrypoints.tui.screens.conversations_screen import ConversationsScreen

        self.push_screen(ConversationsScreen(self.controller.kept, self.glyphs, self.light.clock, search))

    async def end_answer(self) -> None:
        """Stop the answer that is on its way, and wait until what came of it is kept."""
        await self.chat.end_answer()

    def show_new_conversation(self) -> None:
        """Show an empty conversation; what it begins with is read now."""
        begin_in(self, self.chat.start_over, group="say")
        self.read_again(anew=True)

    async def show_earlier_conversation(self, conversation: Conversation) -> None:
        """Show what was said in *conversation*."""
        await self.chat.show_earlier(conversation)

    def answer(self, text: str, selection: Selection) -> None:
        """Send *text* from the field."""
        self.chat.answer(text, selection)

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way."""
        return self.chat.answering

    def show_attached(self, files: tuple[Attachment, ...]) -> None:
        """Name *files* above the field."""
        self.chat.desk.attached.show(files)

    def edit_message(self, text: str) -> None:
        """Have *text* in the field, to be sent in the place of the last message."""
        self.chat.desk.edit_message(text)

    def refresh_lines(self) -> None:
        """Draw header and status line anew."""
        self.chat.refresh_lines()

    def with_key(self, then: Callable[[], object]) -> None:
        """Do *then* once the master key can be had."""
        self._unlocking.first(then)

    def with_key_and_earlier(self, then: Callable[[], object]) -> None:
        """Do *then* once the key can be had and nothing waits to be taken over."""
        self._unlocking.with_earlier_files(then)

    def say(self, *lines: str, kind: str = "info") -> None:
        """Say something in the conversation."""
        begin_in(self, partial(self.chat.say, *lines, kind=kind), group="say")

    def copy(self, text: str, what: str, told: Callable[[str], object] | None = None) -> None:
        """Copy *text* in a worker."""
        begin_in(self, partial(copy, self, untrusted(text), what, told or self.hint), group="copy")

    def action_help(self) -> None:
        """F1 opens the help."""
        self.controller.show_help()

    def action_models(self) -> None:
        """F2 opens the list of models."""
        self.open_picker()

    def action_accounts(self) -> None:
        """F3 opens the accounts screen."""
        self.open_accounts()

    def action_conversations(self) -> None:
        """F4 opens the list of conversations."""
        self.controller.kept.show()

    def _picked(self, result: PickerResult) -> None:
        match result:
            case Picked(name, save):
                self.controller.pick_model(name, save=save)
            case SignInFirst(provider):
                self.controller.open_sign_in(provider)
            case KeyFirst(provider):
                self.controller.keys.open(provider)
            case None:
                pass

    @on(Picker.Marked)
    def _marked(self, event: Picker.Marked) -> None:
        self.controller.preferring.turn_favourite(event.preset)

    @on(AccountsScreen.Shown)
    def _show_accounts(self) -> None:
        if isinstance(self.screen, AccountsScreen):
            self._report(self.screen)

    @on(AccountsScreen.Wished)
    def _wished(self, event: AccountsScreen.Wished) -> None:
        self._account_keys.wished(event.wish)

    @work(thread=True, exclusive=True, group="report")
    def _report(self, screen: AccountsScreen) -> None:
        try:
            report = self.light.auth.status()
        except KeyswitchError as error:
            self.call_from_thread(self._cannot_read, error)
            return
        history, gauges = self.light.history.tail(EVENTS_SHOWN).events, self.controller.usage.gauges()
        shown = Accounts(report, history, self.trouble, self.controller.holding.credential, gauges)
        self.call_from_thread(screen.follow, shown)

    def action_interrupt(self) -> None:
        """Ctrl+C: copy a selection, else stop the answer, else leave when asked twice."""
        selected = selected_text(self)
        if selected:
            self.copy(selected, "Selection")
        elif self.chat.answering:
            self.chat.action_stop()
        elif self._asked_to_leave:
            self.unsent = self.draft
            self.exit(0)
        else:
            self._asked_to_leave = True
            self.set_timer(HINT_SECONDS, self._stay)
            self.hint("Ctrl+C again to quit. Your draft is kept.")

    def _stay(self) -> None:
        self._asked_to_leave = False

    def hint(self, words: str) -> None:
        """Say something for a moment where it covers no text."""
        self._hints.say(words)

    # The end.

    def _handle_exception(self, error: Exception) -> None:
        """The first one is told, and ends the app.

        Textual would print the local variables of every frame, where tokens are, or let the error render itself.

        Once the app is told to end its widgets go, one after the other. What still looks for one then is no bug.
        """
        cause = error.error if isinstance(error, WorkerFailed) else error
        if self._exit and isinstance(cause, QueryError | ScreenError):
            return
        self._return_code = CRASHED
        if self._exception is None:
            self._exception = error
            noticed: asyncio.Event = self._exception_event  # mypy cannot tell the type of Textual's cached property
            noticed.set()
            self.panic(crash_text(cause, self._draft_so_far()))

    def _draft_so_far(self) -> str:
        """The draft, at a moment when there may be no screen yet or any more."""
        stack = self.screen_stack
        return self.draft if stack and isinstance(stack[0], ChatScreen) else ""
