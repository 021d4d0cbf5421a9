"""The models that each provider serves, and what it lets one ask of them.

State of the vendors' lists on 2026-11-30. It does not follow the calendar, so that a rehearsal next year runs like
one today; a retired id gets the vendor's 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ALL_EFFORTS: Final = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_NO_SMALL_EFFORTS: Final = ALL_EFFORTS - {"none", "minimal"}
_GPT_5_1: Final = frozenset({"none", "low", "medium", "high"})
_GPT_5: Final = frozenset({"minimal", "low", "medium", "high"})


@dataclass(frozen=True, slots=True)
class OpenAIModel:
    """A model of the Responses API."""

    id: str
    name: str
    created: int
    """Unix seconds."""
    efforts: frozenset[str] = ALL_EFFORTS
    sampling: bool = True
    """Whether temperature and top_p are accepted."""
    in_plan: bool = False
    """Whether a ChatGPT plan includes it."""
    shutdown_date: str | None = None


OPENAI_MODELS: Final = {
    model.id: model
    for model in (
        OpenAIModel("gpt-6.1-sol", "GPT-6.1 Sol", 1_788_220_800, in_plan=True),
        OpenAIModel("gpt-6-astra", "GPT-6 Astra", 1_783_000_000, _NO_SMALL_EFFORTS, sampling=False, in_plan=True),
        OpenAIModel("gpt-6-sol", "GPT-6 Sol", 1_783_000_000, in_plan=True),
        OpenAIModel("gpt-6-luna", "GPT-6 Luna", 1_783_000_000, in_plan=True),
        OpenAIModel("gpt-5.6-sol", "GPT-5.6 Sol", 1_776_000_000, in_plan=True),
        OpenAIModel("gpt-5.6-terra", "GPT-5.6 Terra", 1_776_000_000, in_plan=True),
        OpenAIModel("gpt-5.6-luna", "GPT-5.6 Luna", 1_776_000_000, in_plan=True),
        OpenAIModel("gpt-6.2-astra", "GPT-6.2 Astra", 1_794_873_600, _NO_SMALL_EFFORTS, sampling=False),
        OpenAIModel("gpt-6.2-sol", "GPT-6.2 Sol", 1_794_873_600, _NO_SMALL_EFFORTS, sampling=False),
        OpenAIModel("gpt-6.1-terra", "GPT-6.1 Terra", 1_788_220_800),
        OpenAIModel("gpt-5.5", "GPT-5.5", 1_772_000_000),
        OpenAIModel("gpt-5.4", "GPT-5.4", 1_770_000_000),
        OpenAIModel("gpt-5.2", "GPT-5.2", 1_765_400_000),
        OpenAIModel("gpt-5.1", "GPT-5.1", 1_762_900_000, _GPT_5_1, shutdown_date="2027-04-01"),
        OpenAIModel("gpt-5", "GPT-5", 1_754_500_000, _GPT_5, sampling=False, shutdown_date="2026-12-11"),
        OpenAIModel("gpt-5-mini", "GPT-5 Mini", 1_754_500_000, _GPT_5, sampling=False, shutdown_date="2026-12-11"),
        OpenAIModel("gpt-4.1", "GPT-4.1", 1_744_600_000, frozenset(), shutdown_date="2027-01-14"),
        OpenAIModel("gpt-4o", "GPT-4o", 1_715_400_000, frozenset(), shutdown_date="2027-01-14"),
    )
}

OPENAI_OTHER_IDS: Final = ("text-embedding-3-small", "gpt-audio-2", "gpt-image-2", "omni-moderation-latest")
"""What `GET /v1/models` lists besides chat models; a client has to leave them out."""

ThinkingRule = Literal["adaptive", "budget"]


@dataclass(frozen=True, slots=True)
class ClaudeModel:
    """A model of the Messages API."""

    id: str
    name: str
    created_at: str
    line: str
    context: int = 1_000_000
    thinking: ThinkingRule = "adaptive"
    """`budget`: the older form with `budget_tokens`, and no `output_config.effort`."""
    thinking_can_be_off: bool = True
    retires_at: str | None = None


CLAUDE_MODELS: Final = {
    model.id: model
    for model in (
        ClaudeModel("claude-fable-5-2", "Claude Fable 5.2", "2026-10-01T00:00:00Z", "fable", thinking_can_be_off=False),
        ClaudeModel("claude-mythos-5-2", "Claude Mythos 5.2", "2026-10-01T00:00:00Z", "mythos"),
        ClaudeModel("claude-fable-5-1", "Claude Fable 5.1", "2026-08-15T00:00:00Z", "fable", thinking_can_be_off=False),
        ClaudeModel("claude-mythos-5-1", "Claude Mythos 5.1", "2026-08-15T00:00:00Z", "mythos"),
        ClaudeModel("claude-fable-5", "Claude Fable 5", "2026-07-15T00:00:00Z", "fable", thinking_can_be_off=False),
        ClaudeModel("claude-mythos-5", "Claude Mythos 5", "2026-07-15T00:00:00Z", "mythos"),
        ClaudeModel("claude-opus-5-5", "Claude Opus 5.5", "2026-09-15T00:00:00Z", "opus", thinking_can_be_off=False),
        ClaudeModel(
            "claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-15T00:00:00Z", "sonnet", thinking_can_be_off=False
        ),
        ClaudeModel("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-15T00:00:00Z", "haiku"),
        ClaudeModel("claude-opus-5", "Claude Opus 5", "2026-07-01T00:00:00Z", "opus"),
        ClaudeModel("claude-sonnet-5", "Claude Sonnet 5", "2026-06-20T00:00:00Z", "sonnet"),
        ClaudeModel("claude-opus-4-8", "Claude Opus 4.8", "2026-05-20T00:00:00Z", "opus"),
        ClaudeModel("claude-opus-4-7", "Claude Opus 4.7", "2026-04-16T00:00:00Z", "opus"),
        ClaudeModel("claude-opus-4-6", "Claude Opus 4.6", "2026-02-05T00:00:00Z", "opus"),
        ClaudeModel("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z", "sonnet"),
        ClaudeModel(
            "claude-opus-4-5-20251101",
            "Claude Opus 4.5",
            "2025-11-24T00:00:00Z",
            "opus",
            200_000,
            retires_at="2027-01-22T00:00:00Z",
        ),
        ClaudeModel(
            "claude-sonnet-4-5-20250929",
            "Claude Sonnet 4.5",
            "2025-09-29T00:00:00Z",
            "sonnet",
            200_000,
            "budget",
            retires_at="2026-11-30T00:00:00Z",
        ),
        ClaudeModel(
            "claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z", "haiku", 200_000, "budget"
        ),
    )
}
CLAUDE_RETIRED: Final = ("claude-opus-4-1-20250805",)
"""Still listed by `GET /v1/models` with lifecycle "retired"; any call answers 404."""

_LOW_TO_HIGH: Final = frozenset({"LOW", "MEDIUM", "HIGH"})
_LOW_TO_XHIGH: Final = _LOW_TO_HIGH | {"XHIGH"}
_MINIMAL_TO_HIGH: Final = _LOW_TO_HIGH | {"MINIMAL"}


@dataclass(frozen=True, slots=True)
class GeminiModel:
    """A model of the Gemini API."""

    id: str
    name: str
    version: str
    levels: frozenset[str] = _MINIMAL_TO_HIGH
    """Values of `thinkingLevel`; empty where only a budget is known."""
    budget: range | None = range(24_577)
    """Values of `thinkingBudget` besides -1; None where a budget is refused."""


GEMINI_MODELS: Final = {
    model.id: model
    for model in (
        GeminiModel("gemini-4-neon", "Gemini 4 Neon", "4.0", _LOW_TO_XHIGH, None),
        GeminiModel("gemini-4-carbon", "Gemini 4 Carbon", "4.0", _LOW_TO_HIGH, None),
        GeminiModel("gemini-4-hydrogen", "Gemini 4 Hydrogen", "4.0", _LOW_TO_XHIGH, None),
        GeminiModel("gemini-4-argon", "Gemini 4 Argon", "4.0", _LOW_TO_HIGH, None),
        GeminiModel("gemini-3.8-flash", "Gemini 3.8 Flash", "3.8"),
        GeminiModel("gemini-3.7-flash", "Gemini 3.7 Flash", "3.7"),
        GeminiModel("gemini-3.6-flash", "Gemini 3.6 Flash", "3.6"),
        GeminiModel("gemini-3.5-flash", "Gemini 3.5 Flash", "3.5"),
        GeminiModel("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", "3.5"),
        GeminiModel("gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", "3.1", _LOW_TO_HIGH, range(128, 32_769)),
        GeminiModel("gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite", "3.1"),
        GeminiModel("gemini-3-flash-preview", "Gemini 3 Flash Preview", "3.0"),
        GeminiModel("gemini-2.5-pro", "Gemini 2.5 Pro", "2.5", frozenset(), range(128, 32_769)),
        GeminiModel("gemini-2.5-flash", "Gemini 2.5 Flash", "2.5", frozenset()),
        GeminiModel("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", "2.5", frozenset()),
    )
}
GEMINI_EMBEDDING: Final = "gemini-embedding-002"
"""Listed beside the chat models, but without `generateContent` among its methods."""
