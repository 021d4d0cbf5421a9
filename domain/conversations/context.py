"""How much of a conversation fits what a model takes in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.attached.attachment import Attachment, FileKind
from domain.conversation import Role, Turn, TurnState
from domain.records import dataclass

_LETTERS_OF_A_TOKEN: Final = 3
"""Characters of ASCII text. Vendors say 4 for English (Google's page on tokens), a little less for Claude; code and
numbers have fewer. Three are on the safe side of all that is written by people."""
_BYTES_OF_A_TOKEN: Final = 2
"""Bytes of any other text: a letter of Greek or Cyrillic is one token then, a Chinese one one and a half."""
_OF_AN_IMAGE: Final = 5000
"""Tokens; no vendor counts more for one, whatever its size."""
_BYTES_OF_A_TOKEN_OF_PDF: Final = 20
"""A page of 2,000 tokens has at least 40 KB, as text and image."""
_NOT_ASCII: Final = bytes(range(128, 256))
_STEPS: Final = 16
"""Steps, at least, in which what fits is cut."""
_AROUND_A_TURN: Final = 8
"""Tokens for who says it, and where it begins and ends."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What of a conversation a model is sent."""

    sent_from_turn: int
    """The number of the first turn that is sent, from 1; one more than there are where only the new one is sent."""
    left_out: int
    """How many turns stand before it."""
    of: int
    """How many turns the conversation has, the new one not counted."""


def tokens_of(turn: Turn) -> int:
    """An estimate of the tokens of *turn* in a request, on the safe side; 0 where it is not sent."""
    if turn.state is TurnState.FAILED or not (turn.text or turn.attachments):
        return 0
    text = turn.text.encode("utf-8", "replace")
    return _of_text(text) + sum(map(_of_file, turn.attachments)) + _AROUND_A_TURN


def _of_text(text: bytes) -> int:
    plain = len(text.translate(None, _NOT_ASCII))
    return plain // _LETTERS_OF_A_TOKEN + (len(text) - plain) // _BYTES_OF_A_TOKEN


def _of_file(file: Attachment) -> int:
    match file.kind:
        case FileKind.TEXT:
            return _of_text(file.content)
        case FileKind.IMAGE:
            return _OF_AN_IMAGE
        case FileKind.PDF:
            return _OF_AN_IMAGE + file.size // _BYTES_OF_A_TOKEN_OF_PDF


def fits_surely(size: int, turns: int, room: int) -> bool:
    """Whether a conversation of *size* bytes in so many turns fits into *room* tokens, whatever its letters are."""
    return size // _BYTES_OF_A_TOKEN + (turns + 1) * _AROUND_A_TURN <= room


def newest_that_fit(newest_first: Iterable[Turn], asked: Turn, room: int) -> tuple[Turn, ...]:
    """The turns that are sent before *asked*, in order: from the newest back until *room* tokens are full.

    The first of them is a person's: what a model said is not sent without what it was said to. Nothing is taken from
    *newest_first* that need not be looked at.
    """
    left, chosen = room - tokens_of(asked), list[Turn]()
    for turn in newest_first:
        left -= tokens_of(turn)
        if left < 0:
            while chosen and chosen[-1].role is not Role.USER:
                chosen.pop()
            break
        chosen.append(turn)
    return tuple(reversed(chosen))


def cut_in_steps(fitting: tuple[Turn, ...], left_out: int) -> tuple[Turn, ...]:
    """*fitting* without some more of its first turns, where *left_out* before them do not fit.

    Cut turn by turn, a conversation would begin with another one in each request, and no vendor would find what it has
    in its cache. So it is cut in steps, counted from its first turn: for many requests it begins with the same one, and
    no more than a sixteenth of what would fit is given up for that.
    """
    if not left_out:
        return fitting
    step = 1 << max(len(fitting) // _STEPS, 1).bit_length() - 1
    first = -left_out % step
    while first < len(fitting) and fitting[first].role is not Role.USER:
        first += 1
    return fitting[first:]
