"""How the plain mode shows what is parked: by lines, and commands that send and drop it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.errors import KeyswitchError
from domain.provider import Provider
from entrypoints.chat.controller import ChatController
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.parking.outbox_face import Crossroads
from entrypoints.plain.line_terminal import LineTerminal, say_lines
from entrypoints.services import LightServices
from entrypoints.words.errors import trouble
from entrypoints.words.parked import AGAIN_BY_COMMAND, PARKED, details, elsewhere_words, excerpt, unreadable_words


class PlainOutboxFace:
    """An `OutboxFace` that does one thing at a time: while an answer comes, nothing else is asked for."""

    def __init__(
        self,
        controller: Callable[[], ChatController],
        light: LightServices,
        glyphs: Glyphs,
        line: LineTerminal,
        say_way_in: Callable[[Provider], None],
    ) -> None:
        """*say_way_in* prints what works for somebody who cannot sign in to a provider."""
        self._say_way_in = say_way_in
        self._controller = controller
        self._light = light
        self._glyphs = glyphs
        self._line = line

    @property
    def again(self) -> str:
        """The command that sends what is parked."""
        return AGAIN_BY_COMMAND

    def parked(self, text: str) -> None:
        """Print that it is, and what to type."""
        say_lines(f"{PARKED} {AGAIN_BY_COMMAND}; /outbox lists what is parked.")

    def tell(self, error: KeyswitchError) -> None:
        """Print what is wrong, what is parked, and what else could be asked."""
        say_lines(trouble(error, kept=PARKED, again=AGAIN_BY_COMMAND))
        met = self._controller().outbox.watch.trouble
        if met is not None and met.offers:
            say_lines(f"/outbox send 1 {met.offers[0].preset.id} sends it elsewhere, and asks who pays.")

    def dropped(self) -> None:
        """Print how it comes back."""
        say_lines("Dropped. /outbox undo brings it back.")

    def to_field(self, text: str) -> None:
        """There is no field: print it, to be typed anew."""
        say_lines(text)

    def follow(self) -> None:
        """No line stays where the one before stood."""

    def show(self) -> None:
        """Print two lines a message."""
        outbox, now = self._controller().outbox, self._light.clock.now()
        if not outbox.listed:
            say_lines("Nothing is parked.")
        for number, message in enumerate(outbox.listed, 1):
            more = details(message, now, self._glyphs.dot)
            if message not in outbox.here:
                more = f"{more}{self._glyphs.dot}{elsewhere_words(message)}"
            say_lines(f"{number}: {excerpt(message)}", f"   {more}")
        if outbox.unreadable:
            say_lines(unreadable_words(outbox.unreadable))

    def which_way(self, crossroads: Crossroads, provider: Provider | None) -> None:
        """Print what to type: the lines name the commands."""
        sentence, *rest = crossroads.lines
        say_lines(sentence)
        if provider is not None:
            self._say_way_in(provider)
        say_lines(*rest)

    def agree(self, title: str, lines: Sequence[str], yes: str, go: Callable[[], None]) -> None:
        """Ask on the next line."""
        say_lines(*lines)
        if self._line.ask(f"{yes}? y/N ").casefold() == "y":
            go()
