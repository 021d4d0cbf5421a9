"""Where a provider's chat API is, as its configuration says, and where a credential may be sent."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.http.origin import Origin
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import ConfigError, SignInNeeded
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


def bound_origin(record: CredentialRecord, settings: ChatSettings) -> Origin:
    """The only origin that the credential of *record* may be sent to.

    Raises:
        SignInNeeded: It was obtained for another address than the one configured now.
        ConfigError: The configured address is unusable, or could be listened in on.
    """
    name = f"providers.{record.provider}.{'imported.' if record.imported else ''}api_base"
    try:
        origin = Origin.of(settings.api_base)
    except ValueError:
        raise ConfigError(name, "it is no absolute http or https address") from None
    if not origin.is_private:
        raise ConfigError(name, f"{origin} is not https, and http is for this machine only")
    if record.api_base and _origin_or_none(record.api_base) != origin:
        noun = "key" if record.kind is CredentialKind.API_KEY else "sign-in"
        what = f"This {noun} was made for {_origin_or_none(record.api_base) or 'no address'}, so sending it to {origin}"
        raise SignInNeeded(record.provider, what)
    return origin


def _origin_or_none(url: str) -> Origin | None:
    try:
        return Origin.of(url)
    except ValueError:
        return None
