"""The line terminal as the face of a chat: it prints, asks on a line of its own, and waits for what it begins."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from application.ports.chat_client import TextDelta
from application.sign_in.keep import Whose
from application.sign_in.sign_in import SignedIn
from application.use_cases.api_key import StoredKey
from application.use_cases.past import Joined, LeftOut
from application.use_cases.send_message import Answered
from application.use_cases.status import ProviderStatus
from domain.accounts import account_names
from domain.attached.attachment import Attachment
from domain.conversation import Conversation
from domain.credential import CredentialKey
from domain.errors import KeyswitchError, PassphraseNeeded, PayerChange, WrongPassphrase
from domain.provider import FIRST, Provider
from domain.records import replace
from domain.selection import Held, Selection
from domain.store_trouble import STORE_STATES
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo
from domain.text.secret import Secret
from domain.text.untrusted import UntrustedStream, untrusted, untrusted_line
from domain.usage.period import Period
from domain.usage.sums import By
from entrypoints.chat import slash
from entrypoints.chat.chat_face import Entered, Work
from entrypoints.chat.controller import ChatController
from entrypoints.chat.glyphs import ASCII, UNICODE, Glyphs
from entrypoints.chat.options import TuiOptions
from entrypoints.chat.parking.outbox_needs import Exchange
from entrypoints.chat.picking.model_groups import in_order, listed
from entrypoints.chat.receipts import measures, stamp
from entrypoints.chat.services_loader import ServicesLoader
from entrypoints.chat.window_state import PICK_ANOTHER, WindowState, sign_in_line
from entrypoints.plain.client_questions import ask_for_client
from entrypoints.plain.conversation_lines import conversation_lines, hit_lines
from entrypoints.plain.copy_by_line import copy
from entrypoints.plain.key_questions import KeyQuestions
from entrypoints.plain.line_terminal import LineTerminal, say_lines, write
from entrypoints.plain.outbox_by_lines import PlainOutboxFace
from entrypoints.plain.sign_in_dialog import LineDialog
from entrypoints.plain.usage_lines import usage_lines
from entrypoints.services import LightServices, Services
from entrypoints.taking_over import sentences
from entrypoints.unseen_input import unseen
from entrypoints.words.accounts import plan_use_off_words, state_words, status_lines, unchosen_words
from entrypoints.words.answer_endings import ending_sentence
from entrypoints.words.attachments import with_files
from entrypoints.words.errors import error_sentence, trouble
from entrypoints.words.payer import would_pay
from entrypoints.words.sign_in import after_sign_in, not_used_yet, plan_off, signed_in_line

T = TypeVar("T")

_AGAIN: Final = "Sending it again tries again"
"""There is no text in a field that Enter could send."""


class PlainFace:
    """A `ChatFace` that does one thing at a time: its coroutines never suspend, they block."""

    def __init__(self, loader: ServicesLoader, light: LightServices, options: TuiOptions, line: LineTerminal) -> None:
        self._loader = loader
        self._light = light
        self._line = line
        self._glyphs = ASCII if options.ascii else UNICODE
        self._sealed_earlier_files = options.sealed_earlier_files
        self.left = False
        """Whether the person has said that this is the end."""
        self.outbox = PlainOutboxFace(lambda: self.controller, light, self._glyphs, line, self._say_way_in)
        self.controller = ChatController(self, light, saved=options.save)

    # How it waits.

    def begin(self, work: Work, *, replacing: str = "") -> None:
        """Do it to its end."""
        to_its_end(work())

    async def wait_for(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for it in the side loop; a signal cancels it."""
        return self._line.run(work)

    async def in_thread(self, call: Callable[[], T]) -> T:
        """Call it at once: nothing is drawn meanwhile."""
        return call()

    async def services(self, *, opened: bool = True) -> Services:
        """The services; with *opened* the person is asked for the passphrase of the key, if it has one."""
        services = self._line.run(self._loader)
        if opened:
            self._open_key(services)
        return services

    def _open_key(self, services: Services) -> None:
        while services.keys.needs_passphrase():
            passphrase = self._passphrase()
            if not passphrase:
                problem = "its master key is sealed with a passphrase, which was not given"
                raise PassphraseNeeded(str(self._light.home / "auth.json"), problem)
            try:
                services.keys.unlock(passphrase)
            except WrongPassphrase as error:
                say_lines(error_sentence(error))
        if self._sealed_earlier_files:
            say_lines(*sentences(services.take_over()))
            self._sealed_earlier_files = False

    def _passphrase(self) -> Secret:
        """Nothing where Ctrl+C, Enter alone or the end of input says: later."""
        try:
            return self._line.ask_hidden("Passphrase of your sign-ins (does not show): ")
        except EOFError:
            return Secret("")
        except KeyboardInterrupt:
            self._line.forgive()
            say_lines("")
            return Secret("")

    # What it says and shows.

    @property
    def glyphs(self) -> Glyphs:
        """The signs that the terminal can show."""
        return self._glyphs

    def window_state(self) -> WindowState:
        """How things stand now."""
        return self.state(begins=True)

    def state(self, *, begins: bool) -> WindowState:
        """How things stand now; with *begins*, a conversation without a model begins to hold on to the saved one."""
        holding = self.controller.holding
        return holding.window_state(self._light.auth.snapshot(held=holding.credential), begins=begins)

    def read_again(self) -> None:
        """Every look is a new one."""

    def say(self, *lines: str, kind: str = "info") -> None:
        """Print the lines as they are."""
        say_lines(*lines)

    def tell(self, *lines: str, kind: str = "info") -> None:
        """Print the lines: there is no other screen."""
        say_lines(*lines)

    def fail(self, error: KeyswitchError) -> None:
        """Print it, and how to try again."""
        say_lines(trouble(error, again=_AGAIN))

    def copy(self, text: str, what: str) -> None:
        """Copy it by the system's program, else by the terminal's own clipboard."""
        copy(self._light.clipboard, untrusted(text), what)

    def show_models(self, *, usable_only: bool = False) -> None:
        """Print a line each, with its id."""
        state = self.window_state()
        recents = self._light.preferences.recents()
        for preset in in_order(listed(state.snapshot, state.preset, state.signed_in, recents)):
            able = state.signed_in(preset.provider)
            chosen = state.preset is not None and state.preset.id == preset.id
            mark = f"{self._glyphs.active} " if chosen else ""
            sign = self._glyphs.ok if able else self._glyphs.warn
            words = "logged in" if able else _why_not(state, preset.provider)
            say_lines(f"{mark}{preset.id}: {preset.label}, {sign} {words}")
        say_lines("Run /model NAME to switch.")

    def show_accounts(self) -> None:
        """Print a few lines each provider, and what is wrong."""
        report = self._light.auth.status()
        say_lines(*(line for one in report.providers for line in self._account_lines(one, report.at)))
        say_lines(*(unchosen_words(one, choose="/accounts use") for one in report.providers if one.unchosen))
        say_lines(*(plan_use_off_words(one.provider) for one in report.providers if one.plan_use_off))

    def _account_lines(self, status: ProviderStatus, at: datetime) -> list[str]:
        """A provider's line, who answers there and who pays, and a line for each other account."""
        used, names = status.credential, account_names(status.accounts)
        others = [record for record in status.accounts if used is None or record.key != used.key]
        lines = status_lines(status, at, signs=self._glyphs.signs)
        return [*lines, *(f"    {names[record.key]}{self._glyphs.dot}not in use" for record in others)]

    def show_help(self) -> None:
        """Print a line each command; there are no keys but Enter."""
        say_lines(*(f"{one.shown}: {one.description}" for one in slash.help_lines()))

    def show_switch(self, switch: SwitchTo, *, save: bool, way_back: bool) -> None:
        """Print who answers now, and who pays."""
        say_lines(*switch.lines)

    def show_selection(self, selection: Selection, *, save: bool) -> None:
        """No line stays where the one before stood."""

    def show_signed_in(self, signed_in: SignedIn) -> None:
        """Print who signed in, and what the vendor asks to be told."""
        more = after_sign_in(signed_in.record, signed_in.not_granted)
        lines = (signed_in_line(signed_in, self._glyphs.ok), not_used_yet(signed_in), plan_off(signed_in), *more)
        say_lines(*filter(None, lines))

    def show_new_conversation(self) -> None:
        """Print that it is one, and what it begins with."""
        say_lines(*(self.controller.holding.begun_with(self.window_state()) or ("A new conversation.",)))

    async def show_earlier_conversation(self, conversation: Conversation) -> None:
        """Print who said what."""
        for turn in conversation.turns:
            say_lines(
                f"{turn.role}: {with_files(turn.text, turn.attachments)}", *filter(None, (ending_sentence(turn),))
            )

    def answer(self, text: str, selection: Selection) -> None:
        """Print the answer as it comes, and its receipt below it. Raises KeyboardInterrupt where it is stopped."""
        to_its_end(self._answer(text, selection))

    async def _answer(self, text: str, selection: Selection) -> None:
        before, failure = self.controller.thread.answers, None
        parked = self.controller.outbox.sending
        files = parked.files if parked else self.controller.attaching.files
        try:
            services = await self.services()
            await self.controller.past.look()
            await self.wait_for(partial(self._print_answer, services, text, selection, files))
        except KeyswitchError as error:
            failure = error
        finally:
            kept = self.controller.thread.answers > before
            gone = self.controller.outbox.ended(Exchange(text, selection, failure, kept, files))
            if gone and not parked:
                self.controller.attaching.sent(files)

    async def _print_answer(
        self, services: Services, text: str, selection: Selection, files: tuple[Attachment, ...]
    ) -> None:
        stream = UntrustedStream()
        async with aclosing(services.send(self.controller.thread, text, selection, files)) as events:
            async for event in events:
                match event:
                    case TextDelta(piece):
                        write(stream.feed(piece))
                    case Answered(turn) if turn.receipt is not None:
                        who = f"({stamp(turn.receipt, self._glyphs)}, {measures(turn, self._glyphs)})"
                        say_lines(stream.flush(), who, *filter(None, (ending_sentence(turn),)))
                    case Joined() | LeftOut():
                        self.controller.past.say(event, selection)
                    case _:
                        pass

    @property
    def answering(self) -> bool:
        """Never: one thing is done at a time."""
        return False

    def edit_message(self, text: str) -> None:
        """Print it: there is no field."""
        say_lines(text, "/edit TEXT sends TEXT in its place.")

    async def show_joined(self, joined: Joined) -> None:
        """Print what is new."""
        await self.show_earlier_conversation(replace(joined.conversation, turns=joined.turns))

    def show_attached(self, files: tuple[Attachment, ...]) -> None:
        """Print what goes along with the next message."""
        named = ", ".join(map(str, files))
        say_lines(f"Attached: {named}. /attach - takes out the last." if files else "Nothing is attached any more.")

    async def show_shortened(self, conversation: Conversation) -> None:
        """What was printed stays where it is."""

    def show_obstacle(self, obstacle: NotPossible | StoreUnusable) -> None:
        """Print why nothing was sent."""
        match obstacle:
            case NotPossible(preset, reason):
                say_lines(f"{preset.label} cannot be used here: {reason}. Nothing was sent.")
            case StoreUnusable(error=error):
                say_lines(trouble(error))

    def show_failure(self, error: KeyswitchError, *, kept: bool) -> None:
        """Print what went wrong; what came of the answer stands above."""
        self.fail(error)

    def show_conversations(self, search: str) -> None:
        """Print a numbered line each."""
        kept, now = self.controller.kept, self._light.clock.now()
        say_lines(*to_its_end(hit_lines(kept, search) if search else conversation_lines(kept, now, self._glyphs)))

    def show_usage(self, period: Period, by: By) -> None:
        """Print the sums of it."""
        say_lines(*usage_lines(self.controller.usage, period, by, self._glyphs))

    async def end_answer(self) -> None:
        """None is on its way while a line is carried out."""

    def title_changed(self) -> None:
        """No line stays where the title stood."""

    def leave(self) -> None:
        """No more lines are asked for."""
        self.left = True

    # What it asks.

    def offer_sign_in(self, needed: SignInRequired, sign_in: Callable[[], None], enter_key: Callable[[], None]) -> None:
        """Print what to type."""
        match needed.held:
            case Held() as held:
                sentence = f"{untrusted_line(needed.sentence)} Nothing was sent."
                say_lines(f"{sentence} {sign_in_line(held)} {PICK_ANOTHER}")
            case None:
                say_lines(f"{needed.sentence} Run /login --provider={needed.provider}")
        self._say_way_in(needed.provider)

    def _say_way_in(self, provider: Provider) -> None:
        """Print what works for somebody who cannot sign in to *provider*."""
        say_lines(*filter(None, (self.window_state().way_in(provider, _by_key(provider)),)))

    def ask_payer_of_model(self, change: PayerChanges, agree: Callable[[], None], *, to_send: bool) -> None:
        """Ask on the next line; where a message waits, print what to type, for the next line may be one as well."""
        selection = change.selection
        say_lines(*would_pay(selection, self._light.clock.now().date()))
        if to_send:
            preset = selection.preset
            say_lines(f"Run /model {preset.id} to agree, or /login --provider={preset.provider}")
        elif self._agrees("Switch?"):
            agree()

    def ask_payer_of_account(self, change: PayerChange, agree: Callable[[], None]) -> None:
        """Ask on the next line."""
        say_lines(str(change))
        if self._agrees("Use the key?"):
            agree()

    def _agrees(self, question: str) -> bool:
        return self._line.ask(f"{question} y/N ").casefold() == "y"

    def ask_to_sign_out(
        self, provider: Provider, names: Mapping[CredentialKey, str], sign_out: Callable[[CredentialKey | None], None]
    ) -> None:
        """Ask nothing: the line was typed by somebody who meant it."""
        sign_out(None)

    def open_sign_in(
        self, provider: Provider | None, whose: Whose, then: Callable[[Entered], Coroutine[Any, Any, None]]
    ) -> None:
        """Print the link, and wait for the browser or for what is pasted."""
        to_its_end(self._sign_in(provider or FIRST, whose, then))

    async def _sign_in(
        self, provider: Provider, whose: Whose, then: Callable[[Entered], Coroutine[Any, Any, None]]
    ) -> None:
        way_in = self.window_state().way_in(provider, _by_key(provider))
        if way_in and not ask_for_client(self._line, await self.services(), provider, way_in):
            return
        with unseen(sys.stdin.fileno() if sys.stdin.isatty() else None) as hidden:
            services = await self.services()
            dialog = LineDialog(services.consent, hidden=hidden)
            signed_in = await self.wait_for(partial(services.sign_in.by_browser, provider, dialog, whose=whose))
        await then(signed_in)

    def open_key_entry(self, provider: Provider, then: Callable[[StoredKey], Coroutine[Any, Any, None]]) -> None:
        """Ask for the key on the next line, until it is stored or given up."""
        to_its_end(self._enter_key(provider, then))

    async def _enter_key(self, provider: Provider, then: Callable[[StoredKey], Coroutine[Any, Any, None]]) -> None:
        services = await self.services()
        stored = KeyQuestions(self._line, services, provider).ask(self.controller.keys.about(provider))
        if stored is not None:
            await then(stored)


def _why_not(state: WindowState, provider: Provider) -> str:
    """Why no model of *provider* can be used, and what to run."""
    trouble = state.provider_state(provider)
    if trouble in STORE_STATES:
        return state_words(trouble)
    off = "plan use is off. " if state.plan_use_off(provider) else ""
    way_in = _by_key(provider) if state.way_in(provider, "") else f"/login --provider={provider}"
    return f"{off}Run {way_in} first"


def _by_key(provider: Provider) -> str:
    return f"/login --provider={provider} --api-key"


def to_its_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of *coroutine*, which blocks wherever it waits and so never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise AssertionError("a coroutine of the plain mode suspended")
