"""The chat line by line: for screen readers, simple terminals and windows too small for a screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar
from uuid import uuid4

from application.keep_session import Whose
from application.ports.chat_client import TextDelta
from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from application.use_cases.send_message import Answered, Thread
from domain.accounts import find_account, sign_ins
from domain.conversation import Conversation
from domain.errors import KeyswitchError, PassphraseNeeded, SignInUnderWay
from domain.provider import Provider
from domain.secret import Secret
from domain.selection import Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, SwitchTo
from domain.untrusted import UntrustedStream, untrusted
from entrypoints.cli.output import say
from entrypoints.findings import finding_lines, summary
from entrypoints.newcomer_words import newcomer_choices, newcomer_words
from entrypoints.services import LightServices, Services
from entrypoints.signals import PoliteEnd
from entrypoints.tui import slash
from entrypoints.tui.glyphs import ASCII, UNICODE
from entrypoints.tui.lazy import LazyServices
from entrypoints.tui.line_background import LineBackground
from entrypoints.tui.lines import measures, stamp
from entrypoints.tui.login_words import NO_CLIENT, not_used_yet, plan_off, signed_in_line
from entrypoints.tui.options import TuiOptions
from entrypoints.tui.side_loop import SideLoop
from entrypoints.tui.standing import Standing, standing
from entrypoints.tui.trouble import trouble
from entrypoints.tui.welcome import welcome
from entrypoints.wording import status_line, unchosen_words

T = TypeVar("T")


def run(services: Callable[[], Services], light: LightServices, options: TuiOptions) -> int:
    """Prompt until `/quit` or the end of input; returns the exit code. Blocks.

    Raises:
        KeyboardInterrupt: Ctrl+C was pressed twice at a prompt.
        SystemExit: The program was told to end. Either way what a renewal had to save is saved by then.
    """
    # The outer one last: leaving the loop waits for threads that may be saving.
    with PoliteEnd(warn=say) as end, SideLoop() as loop:
        chat = PlainChat(services, light, options, Line(end, loop))
        try:
            chat.greet()
            chat.converse()
        finally:
            chat.close()
    return 0


class Line:
    """The terminal: what is typed, and what is waited for; signals end either."""

    def __init__(self, end: PoliteEnd, loop: SideLoop) -> None:
        self._end = end
        self._loop = loop

    def ask(self, prompt: str) -> str:
        """The next line. Raises EOFError at the end of input, and as `PoliteEnd.interrupting` does."""
        with self._end.interrupting():
            return input(prompt).strip()

    def ask_hidden(self, prompt: str) -> Secret:
        """The next line, which does not show. Raises as `ask`."""
        from getpass import getpass

        with self._end.interrupting():
            return Secret(getpass(prompt))

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        """The result of *story*, which a signal cancels. Raises as `PoliteEnd.interrupting` does."""
        with self._end.interrupting():
            return self._loop.run(story)

    def finish(self, story: Coroutine[Any, Any, T]) -> T:
        """The result of *story*, which no signal cancels."""
        return self._loop.run(story)

    def begin(self, story: Coroutine[Any, Any, None]) -> None:
        """Let *story* go on by itself."""
        self._loop.begin(story)

    def forgive(self) -> None:
        """Ctrl+C has stopped what it was to stop."""
        self._end.forgive()


class PlainChat:
    """One command or message at a time; every answer is printed as it comes."""

    def __init__(self, services: Callable[[], Services], light: LightServices, options: TuiOptions, line: Line) -> None:
        self._loaded = LazyServices(services)
        self._light = light
        self._options = options
        self._line = line
        self._background = LineBackground(light, self._loaded, selection=lambda: self._standing().selection)
        self._glyphs = ASCII if options.ascii else UNICODE
        self._only_here: Selection | None = None
        self._before: str | None = None
        self._thread = Thread(Conversation(uuid4().hex, light.clock.now()), saved=options.save)

    def greet(self) -> None:
        """Say where one stands, and show what is continued."""
        try:
            if self._options.message:
                _say(self._options.message)
            if self._options.model is not None:
                self._select(self._options.model, save=False)
            if self._options.continue_last:
                self._continue()
            _say(welcome(self._standing(), demo=False)[0])
        except KeyswitchError as error:
            _say(trouble(error))
        _say("Commands: " + " ".join(command.name for command in slash.COMMANDS))
        self._line.begin(self._background.go_on())

    def converse(self) -> None:
        """Take lines until the last one. Raises KeyboardInterrupt where Ctrl+C is pressed twice in a row."""
        leaving = False
        while True:
            _say(*self._background.news())
            try:
                line = self._line.ask("> ")
            except EOFError:
                return
            except KeyboardInterrupt:
                if leaving:
                    raise
                leaving = True
                self._line.forgive()
                _say("", "Ctrl+C again leaves; so does /quit.")
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
            _say(trouble(error))
        except KeyboardInterrupt:
            self._line.forgive()
            _say("", "Stopped; what came until then is kept.")
        return True

    def close(self) -> None:
        """Let a renewal come to its end, and close idle connections."""
        self._line.finish(self._loaded.close())

    def _command(self, command: slash.Line) -> bool:
        match command:
            case slash.Quit():
                return False
            case slash.Model(""):
                self._list_models()
            case slash.Model("-"):
                self._select(self._before) if self._before else _say("There is no model before this one yet.")
            case slash.Model(name):
                self._select(name)
            case slash.LogIn():
                self._log_in(command)
            case slash.LogOut():
                self._log_out(command)
            case slash.UseAccount(provider, name):
                chosen = self._services().choose_account(provider, name)
                _say(f"{provider.label} uses {chosen.name} (pays: {chosen.record.payer.label}).")
            case slash.New():
                self._thread = Thread(Conversation(uuid4().hex, self._light.clock.now()), saved=self._options.save)
                _say("A new conversation.")
            case slash.ShowStatus() | slash.Doctor() | slash.Help():
                self._show(command)
        return True

    def _show(self, command: slash.ShowStatus | slash.Doctor | slash.Help) -> None:
        match command:
            case slash.ShowStatus():
                report = self._light.status()
                _say(*(status_line(one, report.at, signs=self._glyphs.signs) for one in report.providers))
                _say(*(unchosen_words(one, choose="/accounts use") for one in report.providers if one.unchosen))
            case slash.Doctor():
                self._diagnose()
            case slash.Help():
                _say(*(f"{one.name} {one.arguments}: {one.description}" for one in slash.COMMANDS))

    def _diagnose(self) -> None:
        _say(f"Looking{self._glyphs.ellipsis}")
        findings = self._line.run(self._services().diagnose())
        _say(*(line for finding in findings for line in finding_lines(finding, self._glyphs.verdicts)))
        _say(summary(findings))

    def _standing(self) -> Standing:
        return standing(self._light.situation(), self._only_here)

    def _services(self) -> Services:
        services = self._line.run(self._loaded())
        if services.keys.needs_passphrase():
            services.keys.unlock(self._passphrase())
        return services

    def _passphrase(self) -> Secret:
        """Raises PassphraseNeeded at the end of input."""
        try:
            return self._line.ask_hidden("Passphrase of your sign-ins (does not show): ")
        except EOFError:
            problem = "its master key is sealed with a passphrase, which was not given"
            raise PassphraseNeeded(str(self._light.home / "auth.json"), problem) from None

    def _continue(self) -> None:
        latest = self._services().conversations.latest()
        if latest is None:
            _say("There is no earlier conversation yet: this is the first.")
            return
        self._thread = Thread(latest, saved=self._options.save)
        for turn in latest.turns:
            _say(f"{turn.role}: {turn.text}")

    def _list_models(self) -> None:
        stand = self._standing()
        for preset in stand.situation.catalogue.shown(stand.situation.given.now.date()):
            able = stand.signed_in(preset.provider)
            off = "plan use is off. " if stand.plan_use_off(preset.provider) else ""
            words = "logged in" if able else f"{off}Run /login --provider={preset.provider} first"
            chosen = stand.preset is not None and stand.preset.id == preset.id
            mark = f"{self._glyphs.active} " if chosen else ""
            _say(f"{mark}{preset.id}: {preset.label}, {self._glyphs.signs[able]} {words}")
        _say("Run /model NAME to switch.")

    def _select(self, name: str, *, save: bool = True, payer_agreed: bool = False) -> None:
        stand = self._standing()
        switch = self._light.select(name, current=stand.selection, save=save, payer_agreed=payer_agreed)
        match switch:
            case SwitchTo(selection):
                if stand.preset is not None and stand.preset.id != selection.preset.id:
                    self._before = stand.preset.id
                self._only_here = None if save else selection
                _say(*switch.lines)
            case SignInRequired():
                _say(f"{switch.sentence} Run /login --provider={switch.provider}")
            case PayerChanges(selection):
                _say(f"{selection.preset.label} would be paid by: {selection.credential.payer.label}.")
                if self._line.ask("Switch? y/n ").casefold() == "y":
                    self._select(name, save=save, payer_agreed=True)
            case NotPossible(preset, reason):
                _say(f"{preset.label} cannot be used here: {reason}. Nothing was changed.")

    def _send(self, text: str) -> None:
        stand = self._standing()
        if stand.selection is None:
            self._say_obstacle(stand)
            return
        self._line.run(self._answer(self._services(), text, stand.selection))

    def _say_obstacle(self, stand: Standing) -> None:
        match stand.obstacle():
            case SignInRequired() as needed:
                _say(f"{needed.sentence} Run /login --provider={needed.provider}")
            case PayerChanges(selection):
                _say(f"{selection.preset.label} would be paid by: {selection.credential.payer.label}.")
                _say(f"Run /model {selection.preset.id} to agree, or /login --provider={selection.preset.provider}")

    async def _answer(self, services: Services, text: str, selection: Selection) -> None:
        stream = UntrustedStream()
        async with aclosing(services.send(self._thread, text, selection)) as events:
            async for event in events:
                match event:
                    case TextDelta(piece):
                        _write(stream.feed(piece))
                    case Answered(turn) if turn.receipt is not None:
                        _say(stream.flush(), f"({stamp(turn.receipt, self._glyphs)}, {measures(turn, self._glyphs)})")
                    case _:
                        pass

    def _log_in(self, command: slash.LogIn) -> None:
        provider, situation = command.provider or Provider.CHATGPT, self._light.situation()
        whose = Whose(further=command.add)
        if command.account:
            known = sign_ins(situation.credentials, provider)
            whose = Whose(find_account(command.account, provider, known).key)
        if provider not in situation.settings.clients:
            _say(f"Signing in to {provider.label} needs an OAuth client of your own.", NO_CLIENT[provider])
            return
        dialog = LineDialog(self._services().consent)
        signed_in = self._line.run(self._services().login(provider, dialog, whose=whose))
        _say(*filter(None, (signed_in_line(signed_in, self._glyphs), not_used_yet(signed_in), plan_off(signed_in))))
        if signed_in.selected is not None:
            _say(*signed_in.selected.lines)

    def _log_out(self, command: slash.LogOut) -> None:
        stand = self._standing()
        where = command.provider or (stand.preset.provider if stand.preset else None)
        if where is None:
            _say("Which provider? Run /logout chatgpt, /logout claude or /logout gemini")
            return
        known = stand.situation.credentials
        account = find_account(command.account, where, known).key if command.account else None
        gone = self._line.run(self._services().logout(where, account=account))
        for one in gone:
            _say(f"Logged out of {where.label} ({one.record.label}) here; revocation: {one.revocation}.")
        if not gone:
            _say(f"Nobody was logged in to {where.label}.")


class LineDialog:
    """A sign-in on a line terminal: the bare link on a line of its own, and whatever is pasted after it."""

    def __init__(self, consent: Callable[[str], str] | None = None) -> None:
        self._consent = consent
        self._url = ""

    def waits_for(self, other: SignInUnderWay) -> None:
        """Say so."""
        _say(f"{other} This one begins when that has ended. Ctrl+C cancels.")

    def link_ready(self, link: SignInLink) -> None:
        """Print it."""
        self._url = link.url
        _say("We opened your browser. If nothing happened, open this link:", link.short_url or link.url)
        _say("Or paste the address that the browser ends on, and press Enter. Ctrl+C cancels.")
        if self._consent is not None:
            _say("Here in the sandbox, a and Enter approves.")

    async def pasted(self) -> Secret:
        """What was pasted, or what the sandbox's page showed once it was approved; see `SignInDialog`."""
        while True:
            line = await self._line()
            if self._consent is None or not line.matches("a"):
                return line
            ended_on = await asyncio.to_thread(self._consent, self._url)
            if "://" not in ended_on:
                return Secret(ended_on)

    async def _line(self) -> Secret:
        """The next line; never returns after the end of input."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[Secret] = loop.create_future()

        def readable() -> None:
            if not line.done():
                line.set_result(Secret(sys.stdin.readline()))

        loop.add_reader(sys.stdin, readable)
        try:
            text = await line
        finally:
            loop.remove_reader(sys.stdin)
        if not text:
            await asyncio.Event().wait()
        return text.stripped()

    def paste_refused(self, reason: str) -> None:
        """Say why, and keep waiting."""
        _say(f"{reason[:1].upper()}{reason[1:]}. Still waiting.")

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep:
        """Ask by number until one of them is typed."""
        choices = newcomer_choices(newcomer)
        answers = {Secret(number): choice for number, choice in zip("123", choices, strict=True)}  # as what is pasted
        _say(*newcomer_words(newcomer), *(f"{number} {words}" for number, words in enumerate(choices.values(), 1)))
        while True:
            _say("Type 1, 2 or 3 and press Enter.")
            answer = await self._line()
            if answer in answers:
                return answers[answer]


def _say(*lines: str) -> None:
    _write("".join(f"{untrusted(line)}\n" for line in lines))


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
