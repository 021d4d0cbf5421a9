"""A text as it comes: filtered at once, and read in little by little."""

from __future__ import annotations

import gc
from functools import cache
from typing import TYPE_CHECKING

from domain.text.untrusted import UntrustedStream
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.block import Block

if TYPE_CHECKING:
    from entrypoints.tui.transcript.growing import Growing


@cache
def load_parser() -> None:
    """Load what reads Markdown, in a thread, before a key would wait for it."""
    from entrypoints.tui.transcript.foreign_markdown import parser

    parser()


def prepare() -> None:
    """Load what an answer needs, once all else is loaded.

    What is there by then stays to the end. It is taken out of each later search for garbage, which would go through
    it while keys wait: 50 to 90 ms each time, several times in a long answer.
    """
    load_parser()
    gc.collect(1)
    gc.freeze()


class Growth:
    """What came, and what of it is blocks already."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.filter = UntrustedStream()
        self._pieces: list[str] = []
        self._read = 0
        self._between = True
        """Whether the next word is a new one."""
        self.length = self.words = 0
        self._glyphs = glyphs
        self._growing: Growing | None = None
        self._done: list[Block] = []

    @property
    def came(self) -> str:
        """All that came, filtered."""
        if len(self._pieces) != 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    @property
    def waiting(self) -> bool:
        """Whether some of it was not read in yet."""
        return self._read < self.length

    def write(self, text: str) -> None:
        """Note that *text* came, which has passed the filter."""
        if text:
            self.words += len(text.split()) - (not self._between and not text[0].isspace())
            self._between = text[-1].isspace()
            self.length += len(text)
            self._pieces.append(text)

    def read(self) -> tuple[list[Block], list[Block]]:
        """Read a little more in: blocks that are done since, and those that may still change."""
        from entrypoints.tui.transcript.growing import STEP, Growing  # with the parser, when something is to be read

        growing = self._growing = self._growing or Growing(self._glyphs)
        self._read += growing.feed(self.came[self._read : self._read + STEP])
        return growing.take(), growing.tail

    def gather(self) -> None:
        """Read a little more in, and keep what is done here, for `blocks`."""
        self._done += self.read()[0]

    @property
    def blocks(self) -> list[Block]:
        """All blocks so far, of a text that is read by `gather` alone."""
        return [*self._done, *(self._growing.tail if self._growing else [])]
