"""What a model takes in its own vendor's words."""

from __future__ import annotations

from typing import Any, Final

from domain.model import MAX_OUTPUT, Model, ReasoningLevel
from domain.provider import Provider

_LOWEST_EFFORT: Final = {ReasoningLevel.MINIMAL: "low"}
"""Anthropic has no level below `low`."""

_BUDGETS: Final = {
    ReasoningLevel.MINIMAL: 0,
    ReasoningLevel.LOW: 1024,
    ReasoningLevel.MEDIUM: -1,
    ReasoningLevel.HIGH: 24_576,
    ReasoningLevel.XHIGH: 24_576,
}
"""Tokens of thought for Gemini 2.5, which knows no levels; -1 leaves it to the model."""


_LONGEST_ANSWERS: Final = {Provider.CHATGPT: 128_000, Provider.CLAUDE: MAX_OUTPUT, Provider.GEMINI: 65_536}
"""Tokens that no answer of the vendor's models has more of where no limit is named (their pages on models)."""


def answer_limit(model: Model, wanted: int | None) -> int | None:
    """The limit of the answer, in tokens, that a request names: the one that is *wanted*, or one that the vendor
    demands. None where it names none.
    """
    if wanted is None:
        return MAX_OUTPUT if model.provider is Provider.CLAUDE else None
    return wanted


def longest_answer(model: Model, wanted: int | None) -> int:
    """The tokens that an answer to such a request can have, thoughts included."""
    limit = answer_limit(model, wanted)
    return max(model.output, _LONGEST_ANSWERS[model.provider]) if limit is None else limit


def reasoning_fields(model: Model, level: ReasoningLevel | None) -> dict[str, Any]:
    """The part of a request body that asks for *level*; empty where nothing was chosen."""
    if level is None:
        return {}
    match model.provider:
        case Provider.CHATGPT:
            return {"reasoning": {"effort": level.value}}
        case Provider.CLAUDE:
            return {"output_config": {"effort": _LOWEST_EFFORT.get(level, level.value)}}
        case Provider.GEMINI:
            return {"thinkingConfig": _thinking(model, level)}


def _thinking(model: Model, level: ReasoningLevel) -> dict[str, Any]:
    """Gemini 2.5 takes a budget, later ones a level; both together are refused."""
    if model.id.startswith("gemini-2.5"):
        return {"thinkingBudget": _BUDGETS[level]}
    return {"thinkingLevel": level.value.upper()}
