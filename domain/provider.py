"""The three providers that one can sign in to."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from domain.provider_facts import table

if TYPE_CHECKING:
    from domain.provider_facts.table import ProviderFacts


class Provider(StrEnum):
    """Who answers. The value is what config, the command line and the store write."""

    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    GEMINI = "gemini"

    @property
    def facts(self) -> ProviderFacts:
        """What there is to know of it."""
        return _FACTS[self]

    @property
    def label(self) -> str:
        """The name that people see."""
        return _FACTS[self].label

    @property
    def vendor(self) -> str:
        """The company behind the provider."""
        return _FACTS[self].vendor


_FACTS: Final = {
    Provider.CHATGPT: table.CHATGPT,
    Provider.CLAUDE: table.CLAUDE,
    Provider.GEMINI: table.GEMINI,
}

FIRST: Final = Provider.CHATGPT
"""Where a sign-in begins that names no provider; another one is one key away."""
