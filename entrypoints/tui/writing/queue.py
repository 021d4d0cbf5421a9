"""Messages that were written while an answer came: they go out one after the other, and the same payer pays."""

from __future__ import annotations

from domain.records import dataclass
from domain.selection import Held
from domain.text.written import Written, joined


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits, and what it was meant for."""

    written: Written
    held: Held | None
    """The model and the credential that were selected; None where nothing was that could answer."""

    def same_payer(self, now: Held | None) -> bool:
        """Whether the one who was to pay for it is still the one who would."""
        if self.held is None or now is None:
            return False
        return (self.held.credential, self.held.payer) == (now.credential, now.payer)


class Queue:
    """The messages that wait, in the order in which they were written."""

    def __init__(self) -> None:
        self._waiting: list[Queued] = []
        self.paused = False
        """Whether they wait for a person: the answer before them failed."""

    @property
    def written(self) -> tuple[Written, ...]:
        """What waits, the next one first."""
        return tuple(one.written for one in self._waiting)

    def add(self, written: Written, held: Held | None) -> None:
        """*written* waits from now on; *held* is what is selected."""
        self._waiting.append(Queued(written, held))

    def next(self) -> Queued | None:
        """What is to be sent now, which waits no more; None where nothing waits."""
        self.paused = False
        return self._waiting.pop(0) if self._waiting else None

    def take_back(self) -> Written | None:
        """What was written last, which waits no more; None where nothing waits."""
        return self._waiting.pop().written if self._waiting else None

    def take_all_back(self) -> Written:
        """All that waits, as one text; nothing waits any more."""
        all_of_it = Written("")
        for one in self._waiting:
            all_of_it = joined(all_of_it, one.written)
        self._waiting.clear()
        self.paused = False
        return all_of_it
