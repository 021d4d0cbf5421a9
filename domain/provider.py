"""The three providers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Provider(StrEnum):
    """Who answers. The value is what config, the command line and the store write."""

    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    GEMINI = "gemini"

    @property
    def label(self) -> str:
        """The name that people see."""
        return _LABELS[self]

    @property
    def vendor(self) -> str:
        """The company behind the provider."""
        return _VENDORS[self]


_LABELS: Final = {Provider.CHATGPT: "ChatGPT", Provider.CLAUDE: "Claude", Provider.GEMINI: "Gemini"}
_VENDORS: Final = {Provider.CHATGPT: "OpenAI", Provider.CLAUDE: "Anthropic", Provider.GEMINI: "Google"}
