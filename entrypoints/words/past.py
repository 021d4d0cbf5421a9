"""What is said of turns that do not fit a model, and of those that another window added."""

from __future__ import annotations

from typing import Final

from application.use_cases.past import Joined, LeftOut
from domain.conversations.context import Fit

IN_A_CHAT: Final = "/model picks one with a larger context, /new begins anew."
BY_A_COMMAND: Final = "-m picks one with a larger context; without -c a new conversation begins."


def past_line(event: Joined | LeftOut, model: str, ways_out: str) -> str:
    """What comes of earlier turns in a message to the model called *model*; *ways_out* where some are left out."""
    match event:
        case LeftOut(fit):
            return f"{_taken_in(fit, model)} What came before is kept, and not sent. {ways_out}"
        case Joined(anew=True):
            return "Another window changed this conversation. It goes on with what is there now."
        case Joined(turns=turns):
            added = f"{len(turns)} turns" if len(turns) > 1 else "a turn"
            return f"Another window added {added} to this conversation. It goes on after that."


def _taken_in(fit: Fit, model: str) -> str:
    if fit.sent_from_turn > fit.of:
        return f"{model} takes in none of this conversation's {fit.of:,} turns beside the new message."
    return f"{model} takes in turns {fit.sent_from_turn:,} to {fit.of:,} of this conversation."
