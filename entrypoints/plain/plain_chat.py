"""The chat line by line: for screen readers, simple terminals and windows too small for a screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from application.ports.chat_client import TextDelta
from application.sign_in.keep import Whose
from application.use_cases.send_message import Answered, Thread
from application.use_cases.status import ProviderStatus
from domain.accounts import account_names, find_account
from domain.conversation import Conversation
from domain.errors import KeyswitchError, PassphraseNeeded, PayerChange, WrongPassphrase
from domain.master_key import KeyPlace
from domain.provider import FIRST, Provider
from domain.selection import Held, Selection
from domain.store_trouble import STORE_STATES
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo
from domain.text.secret import Secret
from domain.text.untrusted import UntrustedStream, untrusted_line
from entrypoints.chat import slash
from entrypoints.chat.glyphs import ASCII, UNICODE
from entrypoints.chat.holding import Holding
from entrypoints.chat.options import TuiOptions
from entrypoints.chat.services_behind_first_frame import LazyServices
from entrypoints.chat.status_line import measures, stamp
from entrypoints.chat.welcome import welcome_by_lines
from entrypoints.chat.window_state import PICK_ANOTHER, WindowState, sign_in_line
from entrypoints.cli.output import say
from entrypoints.plain.line_terminal import LineTerminal, say_lines, write
from entrypoints.plain.renewals import LineBackground
from entrypoints.plain.side_loop import SideLoop
from entrypoints.plain.sign_in_dialog import LineDialog
from entrypoints.services import LightServices, Services
from entrypoints.signals import PoliteEnd
from entrypoints.taking_over import sentences
from entrypoints.tui.screens.login_words import not_used_yet, plan_off, signed_in_line
from entrypoints.unseen_input import unseen
from entrypoints.words.answer_endings import ending_sentence
from entrypoints.words.errors import error_sentence
from entrypoints.words.findings import finding_lines, summary
from entrypoints.words.provider_notes import after_sign_in
from entrypoints.words.shared import (
    UNKNOWN_HELD,
    plan_use_off_words,
    state_words,
    status_lines,
    unchosen_words,
    would_pay,
)
from entrypoints.words.trouble import trouble

_AGAIN: Final = "Sending it again tries again"
"""There is no text in a field that Enter could send."""


def run(services: Callable[[], Services], light: LightServices, options: TuiOptions) -> int:
    """Prompt until `/quit` or the end of input; returns the exit code. Blocks.

    Raises:
        KeyboardInterrupt: Ctrl+C was pressed twice at a prompt.
        SystemExit: The program was told to end. Either way what a renewal had to save is saved by then.
    """
    # The outer one last: leaving the loop waits for threads that may be saving.
    with PoliteEnd(warn=say) as end, SideLoop() as loop:
        chat = PlainChat(services, light, options, LineTerminal(end, loop))
        try:
            chat.greet()
            chat.converse()
        finally:
            chat.close()
    return 0


class PlainChat:
    """One command or message at a time; every answer is printed as it comes."""

    def __init__(
        self, services: Callable[[], Services], light: LightServices, options: TuiOptions, line: LineTerminal
    ) -> None:
        self._loaded = LazyServices(services)
        self._light = light
        self._options = options
        self._line = line
        self._background = LineBackground(
            light, self._loaded, selection=lambda: self._window_state(begins=False).selection
        )
        self._glyphs = ASCII if options.ascii else UNICODE
        self._sealed_older = options.sealed_older
        self._holding = Holding()
        self._before: str | None = None
        self._thread = Thread(Conversation(uuid4().hex, light.clock.now()), saved=options.save)

    def greet(self) -> None:
        """Say where one stands, and show what is continued."""
        try:
            if self._options.message:
                say_lines(self._options.message)
            self._open_sign_ins()
            if self._options.continue_last:
                self._continue()
            if self._options.model is not None:
                self._select(self._options.model, save=False, for_run=True)
            say_lines(welcome_by_lines(self._window_state()))
        except KeyswitchError as error:
            say_lines(trouble(error, again=_AGAIN))
        say_lines("Commands: " + " ".join(command.name for command in slash.COMMANDS))
        self._line.begin(self._background.go_on())

    def converse(self) -> None:
        """Take lines until the last one. Raises KeyboardInterrupt where Ctrl+C is pressed twice in a row."""
        leaving = False
        while True:
            say_lines(*self._background.news())
            try:
                line = self._line.ask("> ")
            except EOFError:
                return
            except KeyboardInterrupt:
                if leaving:
                    raise
                leaving = True
                self._line.forgive()
                say_lines("", "Ctrl+C again leaves; so does /quit.")
                continue
            leaving = False
            if line and not self.take(line):
                return

    def take(self, line: str) -> bool:
        """One line of input; False where it was the last."""
        try:
            if not slash.is_command(line):
                self._send(line)
                return True
            return self._command(slash.parse(line))
        except KeyswitchError as error:
            say_lines(trouble(error, again=_AGAIN))
        except KeyboardInterrupt:
            self._line.forgive()
            say_lines("", "Stopped; what came until then is kept.")
        return True

    def close(self) -> None:
        """Let a renewal come to its end, and close idle connections."""
        self._line.finish(self._loaded.close())

    def _command(self, command: slash.SlashLine) -> bool:
        match command:
            case slash.Quit():
                return False
            case slash.PickModel(""):
                self._list_models()
            case slash.PickModel("-"):
                self._select(self._before) if self._before else say_lines("There is no model before this one yet.")
            case slash.PickModel(name):
                self._select(name)
            case slash.AskSignIn():
                self._log_in(command)
            case slash.AskSignOut():
                self._log_out(command)
            case slash.UseAccount(provider, name):
                self._use(provider, name)
            case slash.New():
                self._thread = Thread(Conversation(uuid4().hex, self._light.clock.now()), saved=self._options.save)
                self._holding.anew()
                say_lines(*(self._holding.begun_with(self._window_state()) or ("A new conversation.",)))
            case slash.ShowStatus() | slash.Doctor() | slash.Help():
                self._show(command)
        return True

    def _show(self, command: slash.ShowStatus | slash.Doctor | slash.Help) -> None:
        match command:
            case slash.ShowStatus():
                report = self._light.status()
                say_lines(*(line for one in report.providers for line in self._account_lines(one, report.at)))
                say_lines(*(unchosen_words(one, choose="/accounts use") for one in report.providers if one.unchosen))
                say_lines(*(plan_use_off_words(one.provider) for one in report.providers if one.plan_use_off))
            case slash.Doctor():
                self._diagnose()
            case slash.Help():
                for one in slash.COMMANDS:
                    say_lines(f"{' '.join(filter(None, (one.name, one.arguments)))}: {one.description}")

    def _account_lines(self, status: ProviderStatus, at: datetime) -> list[str]:
        """A provider's line, who answers there and who pays, and a line for each other account."""
        used, names = status.credential, account_names(status.accounts)
        others = [record for record in status.accounts if used is None or record.key != used.key]
        lines = status_lines(status, at, signs=self._glyphs.signs)
        return [*lines, *(f"    {names[record.key]}{self._glyphs.dot}not in use" for record in others)]

    def _diagnose(self) -> None:
        say_lines(f"Looking{self._glyphs.ellipsis}")
        findings = self._line.run(self._services().diagnose())
        say_lines(*(line for finding in findings for line in finding_lines(finding, self._glyphs.verdicts)))
        say_lines(summary(findings))

    def _window_state(self, *, begins: bool = True) -> WindowState:
        return self._holding.window_state(self._light.snapshot(held=self._holding.credential), begins=begins)

    def _use(self, provider: Provider, name: str) -> None:
        choose, held = self._services().choose_account, self._holding.held
        try:
            chosen = choose(provider, name, current=held)
        except PayerChange as change:
            say_lines(str(change))
            if self._line.ask("Use the key? y/N ").casefold() != "y":
                return
            chosen = choose(provider, name, current=held, payer_agreed=True)
        say_lines(f"{provider.label} uses {chosen.name} (pays: {chosen.record.payer.label}).")
        switch = self._holding.moved_to(chosen.record, self._light.snapshot())
        if switch is not None:
            self._hold(switch.selection, save=False)
            say_lines(*switch.remarks)

    def _hold(self, selection: Selection, *, save: bool, for_run: bool = False) -> None:
        """The conversation goes on with *selection*; a later `-c` does, too."""
        self._holding.choose(selection, save=save, for_run=for_run)
        thread, held = self._thread, selection.held
        thread.held = held
        if thread.conversation.turns and thread.saved:
            thread.conversation = replace(thread.conversation, held=held)
            self._line.run(self._loaded()).conversations.hold(thread.conversation.id, held)

    def _services(self) -> Services:
        """All of them, with the key open. Raises PassphraseNeeded where it stays sealed."""
        services = self._line.run(self._loaded())
        while services.keys.needs_passphrase():
            passphrase = self._passphrase()
            if not passphrase:
                problem = "its master key is sealed with a passphrase, which was not given"
                raise PassphraseNeeded(str(self._light.home / "auth.json"), problem)
            try:
                services.keys.unlock(passphrase)
            except WrongPassphrase as error:
                say_lines(error_sentence(error))
        if self._sealed_older:
            say_lines(*sentences(services.take_over()))
            self._sealed_older = False
        return services

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

    def _open_sign_ins(self) -> None:
        """Ask for the passphrase before anything waits for it, if the key has one."""
        key = self._light.status().key
        if key is None or key.place is not KeyPlace.PASSPHRASE:
            return
        try:
            self._services()
        except PassphraseNeeded:
            say_lines("Your sign-ins stay sealed. You are asked again when one of them is needed.")

    def _continue(self) -> None:
        latest = self._services().conversations.latest()
        if latest is None:
            say_lines("There is no earlier conversation yet: this is the first.")
            return
        self._thread = Thread(latest, saved=self._options.save, held=latest.held)
        self._holding.resume(latest.held)
        if latest.held is None:
            say_lines(UNKNOWN_HELD)
        for turn in latest.turns:
            say_lines(f"{turn.role}: {turn.text}", *filter(None, (ending_sentence(turn),)))

    def _list_models(self) -> None:
        stand = self._window_state()
        for preset in stand.snapshot.catalogue.shown(stand.snapshot.given.now.date()):
            able = stand.signed_in(preset.provider)
            off = "plan use is off. " if stand.plan_use_off(preset.provider) else ""
            state = stand.provider_state(preset.provider)
            out_of_reach = state in STORE_STATES
            words = (
                "logged in"
                if able
                else state_words(state)
                if out_of_reach
                else f"{off}Run /login --provider={preset.provider} first"
            )
            chosen = stand.preset is not None and stand.preset.id == preset.id
            mark = f"{self._glyphs.active} " if chosen else ""
            say_lines(f"{mark}{preset.id}: {preset.label}, {self._glyphs.ok if able else self._glyphs.warn} {words}")
        say_lines("Run /model NAME to switch.")

    def _select(self, name: str, *, save: bool = True, payer_agreed: bool = False, for_run: bool = False) -> None:
        stand = self._window_state()
        switch = self._light.select(name, current=stand.held, save=save, payer_agreed=payer_agreed)
        match switch:
            case SwitchTo(selection):
                if stand.preset is not None and stand.preset.id != selection.preset.id:
                    self._before = stand.preset.id
                self._hold(selection, save=save, for_run=for_run)
                say_lines(*switch.lines)
            case SignInRequired():
                say_lines(f"{switch.sentence} Run /login --provider={switch.provider}")
            case PayerChanges(selection):
                say_lines(*would_pay(selection, self._light.clock.now().date()))
                if self._line.ask("Switch? y/N ").casefold() == "y":
                    self._select(name, save=save, payer_agreed=True, for_run=for_run)
            case StoreUnusable(error=error):
                say_lines(trouble(error))
            case NotPossible(preset, reason):
                say_lines(f"{preset.label} cannot be used here: {reason}. Nothing was changed.")

    def _send(self, text: str) -> None:
        stand = self._window_state()
        if stand.selection is None:
            self._say_obstacle(stand)
            return
        self._line.run(self._answer(self._services(), text, stand.selection))

    def _say_obstacle(self, stand: WindowState) -> None:
        match stand.obstacle():
            case SignInRequired(held=Held() as held) as needed:
                say_lines(f"{untrusted_line(needed.sentence)} Nothing was sent. {sign_in_line(held)} {PICK_ANOTHER}")
            case StoreUnusable(error=error):
                say_lines(trouble(error))
            case SignInRequired() as needed:
                say_lines(f"{needed.sentence} Run /login --provider={needed.provider}")
            case NotPossible(preset, reason):
                say_lines(f"{preset.label} cannot be used here: {reason}. Nothing was sent.")
            case PayerChanges(selection):
                say_lines(*would_pay(selection, self._light.clock.now().date()))
                say_lines(
                    f"Run /model {selection.preset.id} to agree, or /login --provider={selection.preset.provider}"
                )

    async def _answer(self, services: Services, text: str, selection: Selection) -> None:
        stream = UntrustedStream()
        async with aclosing(services.send(self._thread, text, selection)) as events:
            async for event in events:
                match event:
                    case TextDelta(piece):
                        write(stream.feed(piece))
                    case Answered(turn) if turn.receipt is not None:
                        who = f"({stamp(turn.receipt, self._glyphs)}, {measures(turn, self._glyphs)})"
                        say_lines(stream.flush(), who, *filter(None, (ending_sentence(turn),)))
                    case _:
                        pass

    def _log_in(self, command: slash.AskSignIn) -> None:
        provider, snapshot = command.provider or FIRST, self._light.snapshot()
        whose = Whose(further=command.add)
        if command.account:
            whose = Whose(find_account(command.account, provider, snapshot.credentials, keys=False).key)
        if provider not in snapshot.settings.clients:
            say_lines(f"Signing in to {provider.label} needs an OAuth client of your own.", provider.facts.client_hint)
            return
        with unseen(sys.stdin.fileno() if sys.stdin.isatty() else None) as hidden:
            dialog = LineDialog(self._services().consent, hidden=hidden)
            signed_in = self._line.run(self._services().sign_in(provider, dialog, whose=whose))
        more = (not_used_yet(signed_in), plan_off(signed_in), *after_sign_in(signed_in.record, signed_in.not_granted))
        say_lines(*filter(None, (signed_in_line(signed_in, self._glyphs), *more)))
        if signed_in.selected is not None:
            say_lines(*signed_in.selected.lines)

    def _log_out(self, command: slash.AskSignOut) -> None:
        stand = self._window_state()
        where = command.provider or (stand.preset.provider if stand.preset else None)
        if where is None:
            say_lines("Which provider? Run /logout chatgpt, /logout claude or /logout gemini")
            return
        known = stand.snapshot.credentials
        account = find_account(command.account, where, known).key if command.account else None
        gone = self._line.run(self._services().sign_out(where, account=account))
        for one in gone:
            say_lines(f"Logged out of {where.label} ({one.record.label}) here; revocation: {one.revocation}.")
        if not gone:
            say_lines(f"Nobody was logged in to {where.label}.")
