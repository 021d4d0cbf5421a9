from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from application.ports.clock import Clock
from domain.credential import ENVIRONMENT, CredentialKey, CredentialKind, CredentialRecord, Payer
from domain.provider import Provider
from domain.secret import Secret
from domain.session import ApiKey

VARIABLES: Final = {
    Provider.CHATGPT: ("OPENAI_API_KEY",),
    Provider.CLAUDE: ("ANTHROPIC_API_KEY",),
    Provider.GEMINI: ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
"""The names that the vendors' own SDKs read. `GOOGLE_API_KEY` comes last: it may as well hold a key for maps."""


class ProcessEnvironmentKeys:
    """API keys found in the variables of this process, as they are at the time of each call."""

    def __init__(self, *, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock

    def present(self) -> dict[Provider, str]:
        """The name of the variable that holds a key, by provider."""
        found = {provider: self._variable(provider) for provider in Provider}
        return {provider: variable for provider, variable in found.items() if variable is not None}

    def key(self, provider: Provider) -> ApiKey | None:
        """The key itself; its record names the variable as the account."""
        variable = self._variable(provider)
        if variable is None:
            return None
        value = Secret(self._environ[variable]).stripped()
        record = CredentialRecord(
            key=CredentialKey(provider, f"{ENVIRONMENT}{variable}", CredentialKind.API_KEY),
            label=value.hint,
            payer=Payer.API_BILLING,
            active=True,
            generation=0,
            session_id=f"{ENVIRONMENT}{variable}",
            obtained_at=self._clock.now(),
        )
        return ApiKey(record, value)

    def _variable(self, provider: Provider) -> str | None:
        names = VARIABLES[provider]
        return next((name for name in names if Secret(self._environ.get(name, "")).stripped().sendable), None)
