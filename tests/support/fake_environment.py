"""API keys of the environment, as a test says."""

from __future__ import annotations

from domain.credential import ENVIRONMENT, CredentialKey, CredentialKind, CredentialRecord
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import ApiKey
from domain.text.secret import Secret
from tests.support.credentials import NOON

VARIABLES = {
    Provider.CHATGPT: "OPENAI_API_KEY",
    Provider.CLAUDE: "ANTHROPIC_API_KEY",
    Provider.GEMINI: "GEMINI_API_KEY",
}


class FakeEnvironment:
    """Holds a key of each provider that a test named, and leads nobody to another host."""

    def __init__(self) -> None:
        self._keys: dict[Provider, ApiKey] = {}

    def hold(self, provider: Provider = Provider.CLAUDE, value: str = "sk-fake-key-0000-1234") -> ApiKey:
        """Hold *value* from now on, and return the key that it is."""
        account, secret = f"{ENVIRONMENT}{VARIABLES[provider]}", Secret(value)
        record = CredentialRecord(
            key=CredentialKey(provider, account, CredentialKind.API_KEY),
            label=secret.hint,
            payer=Payer.API_BILLING,
            active=True,
            generation=0,
            session_id=account,
            obtained_at=NOON,
        )
        self._keys[provider] = ApiKey(record, secret)
        return self._keys[provider]

    def present(self) -> dict[Provider, str]:
        return {provider: VARIABLES[provider] for provider in self._keys}

    def refused(self) -> tuple[str, ...]:
        return ()

    def redirections(self) -> tuple[str, ...]:
        return ()

    def key(self, provider: Provider) -> ApiKey | None:
        return self._keys.get(provider)
