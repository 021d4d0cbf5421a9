"""The chat line by line: for screen readers, simple terminals and windows too small for a screen."""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import KeyswitchError, PassphraseNeeded
from domain.master_key import KeyPlace
from entrypoints.chat import slash
from entrypoints.chat.options import TuiOptions
from entrypoints.chat.services_loader import ServicesLoader
from entrypoints.chat.welcome import welcome_by_lines
from entrypoints.cli.output import say
from entrypoints.plain.line_terminal import LineTerminal, say_lines
from entrypoints.plain.plain_face import PlainFace, to_its_end
from entrypoints.plain.renewals import LineBackground
from entrypoints.plain.side_loop import SideLoop
from entrypoints.services import LightServices, Services
from entrypoints.signals import PoliteEnd
from entrypoints.words.parked import number_parked


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
            chat.say_way_back()
    return 0


class PlainChat:
    """One command or message at a time; every answer is printed as it comes."""

    def __init__(
        self, services: Callable[[], Services], light: LightServices, options: TuiOptions, line: LineTerminal
    ) -> None:
        self._loader = ServicesLoader(services)
        self._light = light
        self._options = options
        self._line = line
        face = self._face = PlainFace(self._loader, light, options, line)
        self._chat = face.controller
        self._background = LineBackground(light, self._loader, selection=lambda: face.state(begins=False).selection)

    def greet(self) -> None:
        """Say where one stands, and show what is continued."""
        try:
            if self._options.message:
                say_lines(self._options.message)
            self._open_sign_ins()
            self._chat.starting = True
            if self._options.goes_on:
                to_its_end(self._chat.go_on_at_start(self._options.resume))
            if self._options.model is not None:
                to_its_end(self._chat.select_at_start(self._options.model))
            say_lines(welcome_by_lines(self._face.window_state()))
        except KeyswitchError as error:
            self._face.fail(error)
        self._chat.starting = False
        self._chat.outbox.begin()
        here, listed = self._chat.outbox.here, self._chat.outbox.listed
        if listed:
            say_lines(f"{number_parked(len(here), len(listed))}: /outbox lists what waits to be sent.")
        say_lines("Commands: " + " ".join(command.text for command in slash.help_lines()))
        self._line.begin(self._background.go_on)

    def converse(self) -> None:
        """Take lines until the last one. Raises KeyboardInterrupt where Ctrl+C is pressed twice in a row."""
        leaving = False
        while not self._face.left:
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
            if line:
                self._take(line)

    def _take(self, line: str) -> None:
        """One line of input."""
        try:
            if slash.is_command(line):
                slash.run(line, self._chat)
            else:
                self._chat.send(line)
        except KeyswitchError as error:
            self._face.fail(error)
        except KeyboardInterrupt:
            self._line.forgive()
            say_lines("", "Stopped; what came until then is kept.")

    def close(self) -> None:
        """Let a renewal come to its end, and close idle connections."""
        self._line.finish(self._loader.close)

    def say_way_back(self) -> None:
        """Say how one comes back to the conversation."""
        if self._options.returns and (line := self._chat.kept.way_back()):
            say(line)

    def _open_sign_ins(self) -> None:
        """Ask for the passphrase before anything waits for it, if the key has one."""
        key = self._light.auth.status().key
        if key is None or key.place is not KeyPlace.PASSPHRASE:
            return
        try:
            to_its_end(self._face.services())
        except PassphraseNeeded:
            say_lines("Your sign-ins stay sealed. You are asked again when one of them is needed.")
