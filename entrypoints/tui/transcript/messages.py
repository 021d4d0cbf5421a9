"""What was asked and what was answered, each with its stamp."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.conversation import Role, Turn, TurnState
from domain.text.untrusted import untrusted
from entrypoints.chat.answer_stamp import answer_line, running_line
from entrypoints.chat.fitting import cut, ends
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import clock, measures, stamp
from entrypoints.tui.transcript.block import NOTHING, Block, FittedBlock, plain_blocks
from entrypoints.tui.transcript.entry import Entry
from entrypoints.tui.transcript.growth import Growth
from entrypoints.tui.transcript.pace import read_slice
from entrypoints.words.answer_endings import ending_sentence
from entrypoints.words.attachments import with_files

_LABEL: Final = "Thinking"


class Asked(Entry):
    """What the person wrote, as it was typed."""

    def __init__(self, place: int, text: str, at: datetime) -> None:
        super().__init__(place, "asked-bar")
        self._text = text

        def line(width: int) -> str:
            return ends("You", clock(at), width)

        self.head = [FittedBlock(NOTHING, "asked-stamp", make=line, barred=False, silent=True)]
        self.say(plain_blocks(untrusted(text)))

    def source_of(self, unit: int) -> str:
        """All that was typed."""
        return self._text


class Answer(Entry):
    """An answer, as far as it has come, with its thoughts folded or shown above it."""

    def __init__(self, place: int, head: str, glyphs: Glyphs) -> None:
        """*head* says who is asked, by what, and who pays."""
        super().__init__(place, "answer-bar")
        self._glyphs = glyphs
        self._words = head
        self._doing = ""
        self._over = False
        self._text = Growth(glyphs)
        self._thoughts = Growth(glyphs)
        self.unfolded = False
        self.head = [self._stamp()]

    @classmethod
    def of(cls, turn: Turn, place: int, glyphs: Glyphs) -> Answer:
        """One of an earlier time; its text is still to be read in, by `read_some`."""
        answer = cls(place, "", glyphs)
        answer.write(turn.text)
        answer.think(turn.reasoning)
        answer.end(turn)
        return answer

    @property
    def begun(self) -> bool:
        """Whether anything of it has come."""
        return self._text.length > 0

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self._over

    @property
    def behind(self) -> bool:
        """Whether text has come that was not read in yet."""
        return self._text.waiting

    @property
    def thoughts_behind(self) -> bool:
        """Whether thoughts are to be shown that were not read in yet."""
        return self.unfolded and self._thoughts.waiting

    @property
    def holds_back(self) -> bool:
        """Whether an unfinished escape sequence holds text back."""
        return self._text.filter.pending

    @property
    def thoughtful(self) -> bool:
        """Whether there are thoughts to be shown."""
        return self._thoughts.length > 0

    def write(self, text: str) -> None:
        """More of the answer, as it came."""
        self._text.write(self._text.filter.feed(text))

    def think(self, text: str) -> None:
        """More of the thoughts."""
        self._thoughts.write(self._thoughts.filter.feed(text))

    def release(self) -> None:
        """Show what an unfinished escape sequence holds back."""
        self._text.write(self._text.filter.flush())

    def read_some(self) -> int:
        """Read in a little of what came; returns the line from which on something changed."""
        done, tail = self._text.read()
        return self.grow(done, tail)

    def read_thoughts(self) -> bool:
        """Read in a slice of the thoughts, for `show_thoughts`; whether more waits."""
        return read_slice(lambda: self.thoughts_behind, self._thoughts.gather)

    def doing(self, words: str) -> None:
        """Say at the right of the stamp what is going on."""
        self._doing = words
        self.head[0] = self._stamp()
        self.blocks[:1] = self.head[:1]

    def end(self, turn: Turn | None) -> None:
        """It is over; *turn* is what was kept of it."""
        self.release()
        self._thoughts.write(self._thoughts.filter.flush())
        self._over = True
        if turn is None:
            return
        if turn.receipt is not None:
            self._words = stamp(turn.receipt, self._glyphs)
        self.bar = "answer-bar" if turn.state is TurnState.COMPLETE else "partial-bar"
        ending = ending_sentence(turn)
        self.foot = plain_blocks(ending, "trouble") if ending else []
        for block in self.foot:
            block.silent = True
        self.doing(measures(turn, self._glyphs))

    def show_thoughts(self) -> None:
        """Have the thoughts above the answer, folded or as far as they were read in; to be laid out next."""
        self.head = [self._stamp()]
        if self.thoughtful:
            self.head.append(FittedBlock(NOTHING, "fold", make=self._fold_line, gap=0, folds=True, silent=True))
        if self.thoughtful and self.unfolded:
            thoughts = self._thoughts.blocks
            for block in thoughts:
                block.style = "thinking" if block.style == "text" else block.style
            self.head += [*thoughts, Block(NOTHING, gap=0, silent=True)]

    def source_of(self, unit: int) -> str:
        """The Markdown of it; of code, the code alone."""
        from entrypoints.tui.transcript.unit_source import unit_source  # with the parser

        places = [block.source for block in self.said() if block.unit == unit]
        return unit_source(self._text.came[places[0][0] : places[-1][1]]) if places else ""

    def _stamp(self) -> FittedBlock:
        return FittedBlock(NOTHING, "stamp", make=self._stamp_line, barred=False, silent=True)

    def _stamp_line(self, width: int) -> str:
        if self._over:
            return answer_line(self._words, self._doing, self._glyphs, width)
        return running_line(self._words, self._doing, self._glyphs, width)

    def _fold_line(self, width: int) -> str:
        sign = self._glyphs.unfolded if self.unfolded else self._glyphs.folded
        words = f"{sign} {_LABEL}{self._glyphs.dot}{self._thoughts.words} words"
        return cut(f"{words}{self._glyphs.dot}Ctrl+T {'hides' if self.unfolded else 'shows'} it", width)


def entry_of(turn: Turn, place: int, glyphs: Glyphs) -> Asked | Answer:
    """The entry of a turn of an earlier time."""
    if turn.role is Role.USER:
        return Asked(place, with_files(turn.text, turn.attachments), turn.at)
    return Answer.of(turn, place, glyphs)
