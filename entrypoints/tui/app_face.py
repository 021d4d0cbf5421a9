"""The app as the face of a chat: it says in the conversation, shows screens, and asks in dialogs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

from application.sign_in.keep import Whose
from application.sign_in.sign_in import SignedIn
from application.use_cases.api_key import StoredKey
from application.use_cases.past import Joined
from domain.accounts import tag
from domain.attached.attachment import Attachment
from domain.conversation import Conversation
from domain.credential import CredentialKey, CredentialKind
from domain.errors import KeyswitchError, PassphraseNeeded, PayerChange, UsageError
from domain.provider import Provider
from domain.selection import Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo
from domain.usage.period import Period
from domain.usage.sums import By
from entrypoints.chat.chat_face import Entered, Work
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.window_state import WindowState
from entrypoints.services import Services
from entrypoints.tui.entries import Entries
from entrypoints.tui.outbox_on_screen import AppOutboxFace
from entrypoints.tui.screens import chat_questions
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from entrypoints.tui.screens.question import Question
from entrypoints.tui.window import Window, begin_in
from entrypoints.words.errors import AGAIN_FROM_HISTORY, trouble
from entrypoints.words.sign_in import not_used_yet, plan_off, signed_in_line

T = TypeVar("T")


class AppFace:
    """A `ChatFace`. Nothing typed is touched by any of it."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._entries = Entries(window)
        self.outbox = AppOutboxFace(window)

    # How it waits.

    def begin(self, work: Work, *, replacing: str = "") -> None:
        """Do it in a worker of the app."""
        begin_in(self._window, work, group=replacing or "controller", exclusive=bool(replacing))

    async def wait_for(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait in the loop of the app."""
        return await work()

    async def in_thread(self, call: Callable[[], T]) -> T:
        """Call it in a thread, so that the screen is drawn meanwhile."""
        return await asyncio.to_thread(call)

    async def services(self, *, opened: bool = True) -> Services:
        """The services; whatever needs the key asks for it by itself."""
        return await self._window.services()

    # What it says and shows.

    @property
    def glyphs(self) -> Glyphs:
        """The signs that the terminal can show."""
        return self._window.glyphs

    def window_state(self) -> WindowState | None:
        """How things stood when they were read last."""
        return self._window.window_state

    def read_again(self) -> None:
        """Read them in a thread."""
        self._window.read_again()

    def say(self, *lines: str, kind: str = "info") -> None:
        """Say it in the conversation."""
        self._window.say(*lines, kind=kind)

    def tell(self, *lines: str, kind: str = "info") -> None:
        """Say it on the accounts screen where that is in front, else in the conversation."""
        if isinstance(self._window.screen, AccountsScreen):
            self._window.screen.tell(*lines, kind=kind)
        else:
            self.say(*lines, kind=kind)

    def fail(self, error: KeyswitchError) -> None:
        """Say it where the person looks."""
        if isinstance(error, UsageError):
            self.tell(str(error), kind="mistake")
        else:
            self.tell(trouble(error), kind="trouble")

    def copy(self, text: str, what: str) -> None:
        """Copy it, and say so for a moment."""
        self._window.copy(text, what)

    def show_models(self, *, usable_only: bool = False) -> None:
        """Open the picker over the conversation."""
        self._window.open_picker(usable_only=usable_only)

    def show_accounts(self) -> None:
        """Open the accounts screen."""
        self._window.open_accounts()

    def show_help(self) -> None:
        """Open the help screen."""
        from entrypoints.tui.screens.help_screen import HelpScreen

        self._window.push_screen(HelpScreen(self.glyphs))

    def show_switch(self, switch: SwitchTo, *, save: bool, way_back: bool) -> None:
        """Say it, and begin what the first message would wait for."""
        here = () if save else ("For this conversation only.",)
        back = ("/model - goes back.",) if way_back else ()
        self.say(*switch.lines, *((" ".join([*here, *back]),) if here or back else ()))
        record = switch.selection.credential
        if record.kind is CredentialKind.OAUTH:
            self.begin(partial(self._renew_beside, record.key), replacing="renew_beside")

    def show_selection(self, selection: Selection, *, save: bool) -> None:
        """Show it in the status line, the header and the picker."""
        self._window.show_selection(selection, save=save)

    def show_signed_in(self, signed_in: SignedIn) -> None:
        """Say in the conversation what the dialog said as well."""
        lines = (signed_in_line(signed_in, self.glyphs.ok), not_used_yet(signed_in), plan_off(signed_in))
        self.say(*filter(None, lines))

    def show_new_conversation(self) -> None:
        """Clear what is on the screen."""
        self._window.show_new_conversation()

    async def show_earlier_conversation(self, conversation: Conversation) -> None:
        """Fill the screen with it. What is sent now waits until it is known who answers in it, and who pays."""
        self._window.read_again(anew=True)
        await self._window.show_earlier_conversation(conversation)

    def answer(self, text: str, selection: Selection) -> None:
        """Show the answer as it comes, on the screen of the conversation."""
        self._window.answer(text, selection)

    @property
    def answering(self) -> bool:
        """Whether an answer is on its way."""
        return self._window.answering

    def edit_message(self, text: str) -> None:
        """Have it in the field."""
        self._window.edit_message(text)

    async def show_joined(self, joined: Joined) -> None:
        """Fill the screen with what is there now."""
        await self._window.show_earlier_conversation(joined.conversation)

    def show_attached(self, files: tuple[Attachment, ...]) -> None:
        """Name them above the field."""
        self._window.show_attached(files)

    async def show_shortened(self, conversation: Conversation) -> None:
        """Fill the screen with what is left."""
        await self._window.show_earlier_conversation(conversation)

    def show_obstacle(self, obstacle: NotPossible | StoreUnusable) -> None:
        """Say it; the text was never taken out of the field."""
        match obstacle:
            case NotPossible(preset, reason):
                self.say(f"{preset.label} cannot be used here: {reason}. Your text is kept.", kind="trouble")
            case StoreUnusable(error=error):
                self.say(trouble(error, kept="Your message was not sent."), kind="trouble")

    def show_failure(self, error: KeyswitchError, *, kept: bool) -> None:
        """Say it, and ask for the passphrase where it is missing."""
        if isinstance(error, PassphraseNeeded):
            self._window.with_key(lambda: None)
        if kept:
            words = trouble(error, kept="What came is kept.", again=AGAIN_FROM_HISTORY)
        else:
            words = trouble(error, kept="Nothing was sent twice; your text is back in the field.")
        self.say(words, kind="trouble")

    def show_conversations(self, search: str) -> None:
        """Open the list of them over the conversation."""
        self._window.open_conversations(search)

    def show_usage(self, period: Period, by: By) -> None:
        """Open the screen of it over the conversation."""
        from entrypoints.tui.screens.usage_screen import UsageScreen

        self._window.push_screen(UsageScreen(self._window.controller.usage, self.glyphs, period, by))

    async def end_answer(self) -> None:
        """Stop it, and wait for its end in the loop of the app."""
        await self._window.end_answer()

    def title_changed(self) -> None:
        """Draw the header anew."""
        self._window.refresh_lines()

    def leave(self) -> None:
        """End the app, with exit code 0."""
        self._window.exit(0)

    # What it asks.

    def offer_sign_in(self, needed: SignInRequired, sign_in: Callable[[], None], enter_key: Callable[[], None]) -> None:
        """Ask in a dialog."""
        current = self._current()
        draft = self._window.draft_lines
        question = chat_questions.sign_in_needed(
            needed, current=current, draft_lines=draft, way_in=self._way_in(needed.provider), glyphs=self.glyphs
        )
        self._ask_to_sign_in(question, sign_in, enter_key)

    def ask_payer_of_model(self, change: PayerChanges, agree: Callable[[], None], *, to_send: bool) -> None:
        """Ask in a dialog."""
        today = self._window.light.clock.now().date()
        self._ask(chat_questions.payer_changes(change, self.glyphs, today), {chat_questions.AGREE: agree})

    def ask_payer_of_account(self, change: PayerChange, agree: Callable[[], None]) -> None:
        """Ask in a dialog."""
        lines = (str(change), "Nothing has changed yet.")
        self._ask(chat_questions.who_pays(lines, "Use the key", self.glyphs), {chat_questions.AGREE: agree})

    def ask_to_sign_out(
        self, provider: Provider, names: Mapping[CredentialKey, str], sign_out: Callable[[CredentialKey | None], None]
    ) -> None:
        """Ask in a dialog."""
        keys = {tag(key): key for key in names}
        shown = {value: names[key] for value, key in keys.items()}

        def answered(answer: str | None) -> None:
            if answer == chat_questions.AGREE:
                sign_out(None)
            elif answer in keys:
                sign_out(keys[answer])

        self._window.push_screen(chat_questions.sign_out(provider, shown, self.glyphs), answered)

    def open_sign_in(
        self, provider: Provider | None, whose: Whose, then: Callable[[Entered], Coroutine[Any, Any, None]]
    ) -> None:
        """Open the sign-in dialog, which tells *then* of a success while it is still shown."""
        from entrypoints.tui.screens.login_dialog import LoginDialog

        dialog = LoginDialog(
            self._window.services,
            self.glyphs,
            provider=provider,
            whose=whose,
            staying_on=self._current(),
            entries=self._entries,
            then=then,
        )
        self._window.with_key(partial(self._window.push_screen, dialog))

    def open_key_entry(self, provider: Provider, then: Callable[[StoredKey], Coroutine[Any, Any, None]]) -> None:
        """Open the dialog for an API key."""

        def entered(stored: StoredKey | None) -> None:
            if stored is not None:
                self.begin(partial(then, stored))

        self._window.with_key(lambda: self._window.push_screen(self._entries.key(provider), entered))

    def _ask_to_sign_in(self, question: Question, sign_in: Callable[[], None], enter_key: Callable[[], None]) -> None:
        def show_usable() -> None:
            self.show_models(usable_only=True)

        ways = {chat_questions.LOG_IN: sign_in, chat_questions.API_KEY: enter_key, chat_questions.USABLE: show_usable}
        self._ask(question, ways)

    def _ask(self, question: Question, ways: Mapping[str, Callable[[], None]]) -> None:
        def answered(answer: str | None) -> None:
            if answer is not None and answer in ways:
                ways[answer]()

        self._window.push_screen(question, answered)

    def _way_in(self, provider: Provider) -> str:
        """What works for somebody who cannot sign in to *provider*; "" for others."""
        state = self._window.window_state
        return state.way_in(provider, "Ctrl+K") if state else ""

    def _current(self) -> str | None:
        """The model that answers now; None where none can."""
        state = self._window.window_state
        return state.preset.label if state and state.selection and state.preset else None

    async def _renew_beside(self, key: CredentialKey) -> None:
        """Trouble is said by the first message, if it lasts until then."""
        try:
            services = await self._window.services()
            await services.renewal(key)
        except KeyswitchError:
            return
