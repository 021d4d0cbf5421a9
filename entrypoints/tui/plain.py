"""The chat line by line: for screen readers, simple terminals and windows too small for a screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import aclosing
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
from entrypoints.crash_report import in_loop
from entrypoints.findings import finding_lines, summary
from entrypoints.newcomer_words import newcomer_choices, newcomer_words
from entrypoints.services import LightServices, Services
from entrypoints.tui import slash
from entrypoints.tui.glyphs import ASCII, UNICODE
from entrypoints.tui.lines import measures, stamp
from entrypoints.tui.login_words import NO_CLIENT, not_used_yet, signed_in_line
from entrypoints.tui.options import TuiOptions
from entrypoints.tui.standing import Standing, standing
from entrypoints.tui.trouble import trouble
from entrypoints.tui.welcome import welcome
from entrypoints.wording import status_line, unchosen_words


def run(services: Callable[[], Services], light: LightServices, options: TuiOptions) -> int:
    """Prompt until `/quit` or the end of input; returns the exit code. Blocks."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(in_loop)
        chat = PlainChat(services, light, options, runner)
        chat.greet()
        while True:
            try:
                line = input("> ").strip()
            except EOFError:
                break
            except KeyboardInterrupt:
                _say("Type /quit to leave.")
                continue
            if line and not chat.take(line):
                break
        chat.close()
    return 0


class PlainChat:
    """One command or message at a time; every answer is printed as it comes."""

    def __init__(
        self, services: Callable[[], Services], light: LightServices, options: TuiOptions, runner: asyncio.Runner
    ) -> None:
        self._build = services
        self._built: Services | None = None
        self._light = light
        self._options = options
        self._runner = runner
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
            _say("", "Stopped; what came until then is kept.")
        return True

    def close(self) -> None:
        """Close idle connections."""
        if self._built is not None:
            self._runner.run(self._close(self._built))

    async def _close(self, services: Services) -> None:
        await services.close()

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
        findings = self._runner.run(self._services().diagnose())
        _say(*(line for finding in findings for line in finding_lines(finding, self._glyphs.verdicts)))
        _say(summary(findings))

    def _standing(self) -> Standing:
        return standing(self._light.situation(), self._only_here)

    def _services(self) -> Services:
        if self._built is None:
            self._built = self._build()
        if self._built.keys.needs_passphrase():
            self._built.keys.unlock(_passphrase(self._light))
        return self._built

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
            words = "logged in" if able else f"Run /login --provider={preset.provider} first"
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
                if input("Switch? y/n ").strip().casefold() == "y":
                    self._select(name, save=save, payer_agreed=True)
            case NotPossible(preset, reason):
                _say(f"{preset.label} cannot be used here: {reason}. Nothing was changed.")

    def _send(self, text: str) -> None:
        stand = self._standing()
        if stand.selection is None:
            needed = SignInRequired(stand.wanted())
            _say(f"{needed.sentence} Run /login --provider={needed.provider}")
            return
        # Before the loop runs: where a passphrase is asked for, Ctrl+C must end the question.
        self._runner.run(self._answer(self._services(), text, stand.selection))

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
        signed_in = self._runner.run(self._services().login(provider, dialog, whose=whose))
        _say(*filter(None, (signed_in_line(signed_in, self._glyphs), not_used_yet(signed_in))))
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
        gone = self._runner.run(self._services().logout(where, account=account))
        for one in gone:
            _say(f"Logged out of {where.label} ({one.record.label}) here; revocation: {one.revocation}.")
        if not gone:
            _say(f"Nobody was logged in to {where.label}.")


def _passphrase(light: LightServices) -> Secret:
    """Asked for without showing it. Raises PassphraseNeeded at the end of input."""
    from getpass import getpass

    try:
        return Secret(getpass("Passphrase of your sign-ins (does not show): "))
    except EOFError:
        problem = "its master key is sealed with a passphrase, which was not given"
        raise PassphraseNeeded(str(light.home / "auth.json"), problem) from None


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
