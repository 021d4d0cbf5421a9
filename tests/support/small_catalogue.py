"""A small catalogue for tests: one model of each kind that rules tell apart."""

from __future__ import annotations

from datetime import date

from domain.catalogue import Catalogue
from domain.model import Model, Preset, Price, ReasoningLevel
from domain.provider import Provider

LEVELS = (ReasoningLevel.LOW, ReasoningLevel.MEDIUM, ReasoningLevel.HIGH)

_MODELS = (
    Model("gpt-5.1", Provider.CHATGPT, "GPT-5.1", (Price(1.25, 10),), 400_000, LEVELS,
          left_plans=date(2026, 10, 14), ends=date(2027, 4, 1), successor="gpt-6.2-sol", plan_successor="gpt-6.1-sol"),
    Model("gpt-6.1-sol", Provider.CHATGPT, "GPT-6.1 Sol", (Price(2, 10),), 1_050_000, LEVELS),
    Model("gpt-6.2-sol", Provider.CHATGPT, "GPT-6.2 Sol", (Price(2, 10),), 1_050_000, LEVELS),
    Model("claude-opus-4-1-20250805", Provider.CLAUDE, "Claude Opus 4.1", (Price(15, 75),), 200_000,
          ends=date(2026, 8, 5), successor="claude-opus-5-5"),
    Model("claude-opus-5-5", Provider.CLAUDE, "Claude Opus 5.5", (Price(4, 20),), 1_000_000, LEVELS),
    Model("claude-haiku-4-5", Provider.CLAUDE, "Claude Haiku 4.5", (Price(1, 5),), 200_000),
    Model("gemini-3.8-flash", Provider.GEMINI, "Gemini 3.8 Flash",
          (Price(0.75, 3.75), Price(1.5, 7.5, date(2027, 1, 1))), 1_000_000, LEVELS),
)  # fmt: skip

_PRESETS = (
    Preset("gpt-5.1-medium", "GPT-5.1 Medium", "gpt-5.1", Provider.CHATGPT, "default", "GPT-5.1",
           ReasoningLevel.MEDIUM, ("gpt",), featured=True),
    Preset("claude-opus-4.1", "Claude Opus 4.1", "claude-opus-4-1-20250805", Provider.CLAUDE, "ultra premium",
           "Claude Opus", featured=True),
    Preset("claude-haiku-4.5", "Claude Haiku 4.5", "claude-haiku-4-5", Provider.CLAUDE, "fast, simple tasks",
           "Claude Haiku", featured=True),
    Preset("claude-opus-5-5", "Claude Opus 5.5", "claude-opus-5-5", Provider.CLAUDE, aliases=("opus",)),
    Preset("gemini-3.8-flash", "Gemini 3.8 Flash", "gemini-3.8-flash", Provider.GEMINI, aliases=("flash",)),
)  # fmt: skip


def a_catalogue() -> Catalogue:
    """Three providers, with a retired model and one that plans do not have any more."""
    return Catalogue(
        presets={preset.id: preset for preset in _PRESETS},
        models={model.id: model for model in _MODELS},
        default={
            Provider.CHATGPT: "gpt-5.1-medium",
            Provider.CLAUDE: "claude-opus-5-5",
            Provider.GEMINI: "gemini-3.8-flash",
        },
    )
