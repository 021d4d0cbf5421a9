"""Why an answer ended, where that is not that it was done, and what one can do about it."""

from __future__ import annotations

from typing import Final

from domain.conversation import StopReason, Turn, TurnState
from domain.text.untrusted import untrusted

_CUT_SHORT: Final = {
    StopReason.LENGTH: "The answer reached the limit of its length, and stops there. Ask the model to go on.",
    StopReason.CONTEXT: (
        "The conversation is as long as the model can take in, and the answer stops there. "
        "Begin a new one, or pick a model with a larger context."
    ),
    StopReason.FILTERED: "The provider filtered the answer. Ask in other words, or pick another model.",
    StopReason.REFUSED: "The model declined to answer. Ask in other words, or pick another model.",
    StopReason.PAUSED: "The model paused, and its answer is not finished. Ask it to go on.",
    StopReason.MALFORMED: "The model ended its answer with something malformed. Ask again.",
    StopReason.OTHER: "The model ended its answer for a reason of its own. Ask again if something is missing.",
}

_EMPTY: Final = {
    StopReason.END: "No answer came: the model ended without a word. Ask again.",
    StopReason.LENGTH: (
        "No answer came: the length that one may have was used up before the first word. "
        "Ask for less at once, or pick a model that thinks less."
    ),
    StopReason.CONTEXT: (
        "No answer came: the conversation is as long as the model can take in. "
        "Begin a new one, or pick a model with a larger context."
    ),
    StopReason.FILTERED: "No answer came: the provider filtered it. Ask in other words, or pick another model.",
    StopReason.REFUSED: "No answer came: the model declined. Ask in other words, or pick another model.",
    StopReason.PAUSED: "No answer came yet: the model paused and is not finished. Ask it to go on.",
    StopReason.MALFORMED: "No answer came: the model ended with something malformed. Ask again.",
    StopReason.OTHER: "No answer came: the model ended for a reason of its own. Ask again, or pick another model.",
}


def is_empty(answer: Turn) -> bool:
    """Whether nothing of *answer* can be seen."""
    return not untrusted(answer.text).strip()


def ending_sentence(answer: Turn) -> str:
    """Why *answer* ended and what to do; "" where it was done, was stopped or broke off, which is told elsewhere."""
    if answer.state is not TurnState.COMPLETE:
        return ""
    stop = answer.stop or StopReason.END
    return _EMPTY[stop] if is_empty(answer) else _CUT_SHORT.get(stop, "")
