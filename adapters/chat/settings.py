"""Where a provider's chat API is, as its configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """One provider's chat API."""

    api_base: str
    """Absolute URL without a trailing slash, as far as the version: `https://api.openai.com/v1`."""
    quota_project: str = ""
    """The Google Cloud project that an OAuth request to Gemini is counted and billed on."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of every request, as an organisation or workspace needs them; none can carry a credential."""
