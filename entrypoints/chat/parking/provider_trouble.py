"""Why messages wait in this window: the newest trouble with a provider, and what the two rows above the field say."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rich.cells import cell_len

from domain.errors import KeyswitchError, Offline
from domain.outbox.parked import is_over_at
from domain.records import dataclass, replace
from domain.selection import Selection
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import clock
from entrypoints.words.parked import number_parked, offer_words, trouble_lines

_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60.0
"""Seconds between two looks at the network: a request without a credential, and nobody waits for its answer."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message could not be sent to what was selected, for a reason that passes."""

    selection: Selection
    error: KeyswitchError
    since: datetime
    """Aware, in UTC."""
    until: datetime | None
    """Aware, in UTC: when the provider says that it is over."""
    offers: tuple[Selection, ...] = ()
    """What else could answer, best first."""
    reached: frozenset[str] | None = None
    """Ids of the presets among the offers whose provider can be reached; None where nobody looked."""
    looks: int = 0
    next_look: float = 0.0
    """Seconds on the stopwatch of the clock: when to look next whether the network is back."""
    quiet: bool = False
    """Whether the person wants no banner for it."""
    over: bool = False

    @property
    def offline(self) -> bool:
        """Whether it is looked at again and again: nobody says when it is over."""
        return isinstance(self.error, Offline)

    @property
    def offer(self) -> Selection | None:
        """The best of what else could answer, as far as that is known to be in reach."""
        able = (one for one in self.offers if self.reached is None or one.preset.id in self.reached)
        return None if self.offline and self.reached is None else next(able, None)

    def concerns(self, selection: Selection | None) -> bool:
        """Whether a message to *selection* would meet it."""
        mine = self.selection
        same = selection is not None and selection.credential.key == mine.credential.key
        return not self.over and same and selection is not None and selection.preset.id == mine.preset.id

    def looked(self, reached: frozenset[str], stopwatch: float) -> Trouble:
        """The same after a look that found its provider out of reach, and those of *reached* not."""
        pause = min(_FIRST_PAUSE * 2**self.looks, _LONGEST_PAUSE)
        return replace(self, reached=reached, looks=self.looks + 1, next_look=stopwatch + pause)


def trouble_of(selection: Selection, error: KeyswitchError, since: datetime, offers: tuple[Selection, ...]) -> Trouble:
    """The trouble that *error* tells of."""
    return Trouble(selection, error, since, is_over_at(error), offers)


def banner(trouble: Trouble, parked: str, now: datetime, stopwatch: float, glyphs: Glyphs, width: int) -> list[str]:
    """Two rows: what is wrong and until when; the keys that lead on. *parked* says how many wait, or nothing."""
    return [_what(trouble, parked, now, stopwatch, glyphs, width), _ways(trouble, parked, glyphs, width)]


def seconds_until_redrawn(trouble: Trouble, now: datetime) -> float:
    """How long the banner says the truth: a countdown in seconds for a second, one in minutes until its next."""
    if trouble.offline:
        return 1.0
    left = (trouble.until - now).total_seconds() if trouble.until else _LONGEST_PAUSE
    return min(max(left if left < _BY_THE_SECOND else left % _LONGEST_PAUSE, 1.0), _LONGEST_PAUSE)


_BY_THE_SECOND: Final = 120.0
"""Below this many seconds left they are shown in seconds."""


def _what(trouble: Trouble, parked: str, now: datetime, stopwatch: float, glyphs: Glyphs, width: int) -> str:
    nobody = trouble.reached is not None and not trouble.reached
    payer = trouble.selection.credential.payer
    full, short = trouble_lines(trouble.error, payer, since=trouble.since, until=trouble.until, now=now, nobody=nobody)
    if trouble.offline:
        left = max(round(trouble.next_look - stopwatch), 0)
        again = f"Next look in {left} s." if trouble.looks else f"Looking{glyphs.ellipsis}"
    else:
        again = "Message parked." if parked == number_parked(1, 1) else f"{parked}."
    forms = [f"{full}. {again}", f"{short}. {again}", short]
    return _as_fits([f"{glyphs.warn} {form}" for form in forms], glyphs, width)


def _ways(trouble: Trouble, parked: str, glyphs: Glyphs, width: int) -> str:
    offers = offer_words(trouble.offer) if trouble.offer else ()
    long = [f"F5 send with {offers[0]}"] if offers else []
    short, shortest = ([f"F5 {words}"] for words in offers[1:]) if offers else ([], [])
    if trouble.offline:
        count = f" ({parked})" if parked else ""
        escape, keys = "Esc wait quietly", [*long, "F6 look now", "Esc wait quietly", f"Enter parks{count}"]
        forms = [[*keys, "reading, searching and writing go on"], keys, keys[:-1], [*shortest, "F6 look", "Esc quiet"]]
    else:
        escape, when = "Esc edit", f"Enter after {clock(trouble.until)} sends" if trouble.until else "Enter tries again"
        forms = [[*long, when, escape, "no switch without you"], [*long, when, escape], [*short, when, escape]]
        forms += [[*short, escape], [*shortest, escape]]
    indent = " " * (cell_len(glyphs.warn) + 1)
    return _as_fits([indent + glyphs.dot.join(form) for form in [*forms, [escape]]], glyphs, width)


def _as_fits(forms: list[str], glyphs: Glyphs, width: int) -> str:
    """The first of *forms* that fits on one row, or as much of the last one as does."""
    return next((form for form in forms if cell_len(form) <= width), cut(forms[-1], width, glyphs.ellipsis))
