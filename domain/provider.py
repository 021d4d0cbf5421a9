"""The three providers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from domain.errors import UnknownProvider
from domain.text.suggestion import nearest


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
_OTHER_NAMES: Final = {vendor.casefold(): provider for provider, vendor in _VENDORS.items()}


def parse_provider(text: str) -> Provider:
    """The provider called *text*; case is ignored, and the vendor's name does as well.

    Raises:
        UnknownProvider: No provider is called so; it carries the nearest name.
    """
    name = text.strip().casefold()
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    try:
        return Provider(name)
    except ValueError:
        known = tuple(provider.value for provider in Provider)
        raise UnknownProvider(text, suggestion=nearest(name, known), known=known) from None
