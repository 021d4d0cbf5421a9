from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from domain.credential import ENVIRONMENT, CredentialKey, CredentialKind, CredentialRecord
from domain.errors import UsageError
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.provider_facts.secret_form import SecretKind
from domain.session import ApiKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from application.ports.clock import Clock
    from domain.text.secret import Secret


class ProcessEnvironmentKeys:
    """API keys found in the variables of this process, as they are at the time of each call."""

    def __init__(self, *, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock

    def present(self) -> dict[Provider, str]:
        """The name of the variable that holds a key, by provider."""
        found = {provider: self._found(provider) for provider in Provider}
        return {provider: one[0] for provider, one in found.items() if one is not None}

    def refused(self) -> tuple[str, ...]:
        """As the port says."""
        return tuple(
            f"{name} is not used: it holds what looks like {mark.vendor}'s, not a {provider.label} API key."
            for provider in Provider
            for name, value in self._given(provider)
            if (mark := value.stripped().mark) is not None
            and (mark.provider is not provider or mark.kind is not SecretKind.API_KEY)
        )

    def redirections(self) -> tuple[str, ...]:
        """The variables that lead other programs to another host, in alphabetical order."""
        return tuple(sorted(name for name, value in self._environ.items() if value.strip() and _redirects(name)))

    def key(self, provider: Provider) -> ApiKey | None:
        """The key itself; its record names the variable as the account."""
        found = self._found(provider)
        if found is None:
            return None
        variable, value = found
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

    def _found(self, provider: Provider) -> tuple[str, Secret] | None:
        """The first variable of *provider* that holds a key of its own, and the key."""
        for name, value in self._given(provider):
            from domain.text.pasted_key import parse_key

            with suppress(UsageError):
                return name, parse_key(value, provider)
        return None

    def _given(self, provider: Provider) -> Iterator[tuple[str, Secret]]:
        """The variables of *provider* that hold anything. Mostly none does, and what tells keys apart is not loaded."""
        for name in provider.facts.key_variables:
            if value := self._environ.get(name):
                from domain.text.secret import Secret

                yield name, Secret(value)


def _redirects(name: str) -> bool:
    """By how the vendors' programs and SDKs name them: `OPENAI_BASE_URL`, `GOOGLE_GEMINI_BASE_URL`, ..."""
    return name.upper().startswith(_VENDORS) and name.upper().endswith(_HOSTS)


_VENDORS: Final = tuple(prefix for provider in Provider for prefix in provider.facts.variable_prefixes)
_HOSTS: Final = ("BASE_URL", "BASE_URI", "API_BASE", "API_URL", "API_HOST", "ENDPOINT")
