"""Where a provider's chat API is, as its configuration says."""

from __future__ import annotations

from collections.abc import Mapping

from domain.credential import CredentialRecord
from domain.records import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Where one provider's chat API is."""

    api_base: str
    """Absolute URL without a trailing slash, as far as the version: `https://api.openai.com/v1`."""
    quota_project: str = ""
    """The Google Cloud project that an OAuth request to Gemini is counted and billed on."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of every request, as an organisation or workspace needs them; none can carry a credential."""
    imported_api_base: str = ""
    """Where sessions that another program made are served; "" where there are none."""

    def of(self, record: CredentialRecord) -> ChatSettings:
        """The settings for requests with the credential of *record*."""
        return replace(self, api_base=self.imported_api_base) if record.imported else self
